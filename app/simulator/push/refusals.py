"""Refusals of the push service: an ERROR frame with a code and a text."""

from app.simulator.push.vocabulary import (
    ACCESS_FORBIDDEN,
    BAD_SIGNATURE,
    BAD_SUBJECT,
    BAD_SYMBOL,
    TOO_MANY_SYMBOLS,
    UNKNOWN_COMMAND,
    UNKNOWN_TIGER_ID,
)


class PushRefusal(Exception):
    """A request that is refused; the texts with a source are Tiger's, the others say what is wrong."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def unknown_tiger_id(tiger_id: str) -> PushRefusal:
    """Return the refusal of a developer id that nobody has, or of none at all."""
    return PushRefusal(UNKNOWN_TIGER_ID, f"tiger id '{tiger_id}' is invalid")


def bad_signature() -> PushRefusal:
    """Return the refusal of a sign-in whose signature is not the developer's."""
    return PushRefusal(BAD_SIGNATURE, "signature verification failed")


def not_signed_in() -> PushRefusal:
    """Return the refusal of everything that comes before the sign-in."""
    return PushRefusal(ACCESS_FORBIDDEN, "connect first")


def no_access_tokens() -> PushRefusal:
    """Return the refusal of the sign-in by OAuth, which the simulator does not have."""
    return PushRefusal(ACCESS_FORBIDDEN, "access tokens are not supported")


def unknown_command(command: int) -> PushRefusal:
    """Return the refusal of a command that clients do not send."""
    return PushRefusal(UNKNOWN_COMMAND, f"unknown command {command}")


def bad_subject(data_type: int) -> PushRefusal:
    """Return the refusal of a subscription for what cannot be subscribed."""
    return PushRefusal(BAD_SUBJECT, f"data type {data_type} cannot be subscribed")


def bad_symbols(symbols: list[str]) -> PushRefusal:
    """Return the refusal of a subscription that names something which is not pushed."""
    return PushRefusal(BAD_SYMBOL, f"cannot subscribe {','.join(symbols) or 'no symbols'}")


def too_many_symbols(limit: int) -> PushRefusal:
    """Return the refusal of more symbols than the developer may have [Tiger's page on the push of quotes]."""
    text = f"According to your user level, you can only subscribe to {limit} symbols"
    return PushRefusal(TOO_MANY_SYMBOLS, text)


def no_quote_permission() -> PushRefusal:
    """Return the refusal of quotes to a developer whose permission another device holds."""
    return PushRefusal(ACCESS_FORBIDDEN, "You don't have permission to subscribe quotes")


def foreign_account(account: str) -> PushRefusal:
    """Return the refusal of an account that is not the developer's."""
    return PushRefusal(ACCESS_FORBIDDEN, f"account '{account}' does not belong to tiger_id")
