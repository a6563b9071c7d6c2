"""Tell when a token gives reason for concern, and whether it still serves."""

import enum
from dataclasses import dataclass

from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tokens.record import Attempt, Outcome, TokenOwner, TokenRecord
from app.tokens.user_token import UserToken

EXPIRED = "has expired"
PAST_HALF = "is past half of its life"
NOT_IN_TIME = "it was not refreshed in time"
OVERDUE_SECONDS = 120.0
OVERDUE_MEND = "every instance on this database needs all credentials, and one of them has to lead"


class Need(enum.StrEnum):
    """Why only a new token from Tiger's website helps."""

    MISSING = "missing"
    REFUSED = "refused"
    LOST = "lost"
    EXPIRED = "expired"
    SEALED = "sealed"


SEALED_MEND = (
    "it was sealed with another gateway.secret_key; give every instance on this database the same one, or, if it was "
    "changed on purpose, run: flask --app wsgi tokens refresh"
)
MEND = (
    "download a new tiger_openapi_token.properties from Tiger's developer page into the folder of credential {name}; "
    "it is noticed within seconds"
)
UNNAMED = "of this credential"
TOKENLESS_MEND = "calls need none with the licence {license}; delete the file, unless Tiger asks for it"
NEEDS = {Outcome.REFUSED: Need.REFUSED, Outcome.LOST: Need.LOST}
"""What the outcomes that need an operator leave behind."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One sentence for the operator about the token of a credential, and what makes it need one, if anything does."""

    credential: str
    sentence: str
    need: Need | None = None

    @property
    def is_fatal(self) -> bool:
        """Tell whether calls of these accounts are pointless now."""
        return self.need is not None


@dataclass(frozen=True, slots=True)
class Signs:
    """What this process sees of a token besides what is stored.

    ``in_file`` is the token in the folder, which serves until there is a stored one; ``obstacle`` is why a file there
    cannot be read; ``holds_unfit`` says that one lies there which Tiger refused. ``is_doubted`` says that Tiger refused
    a call for the stored token, ``is_dead`` that it refused the token when it was tried out after that.
    ``overdue_seconds`` is for how long its refresh has been due; ``left_by`` is the process that was refreshing it and
    is gone.
    """

    in_file: UserToken | None = None
    obstacle: str | None = None
    holds_unfit: bool = False
    is_unsaved: bool = False
    is_doubted: bool = False
    is_dead: bool = False
    overdue_seconds: float = 0.0
    left_by: str | None = None


def get_concern(
    owner: TokenOwner,
    record: TokenRecord | None,
    last: Attempt | None,
    refusal: Attempt | None,
    now_ms: int,
    signs: Signs,
) -> Concern | None:
    """Return what is wrong with a token, the worst first, or None.

    It is a concern from half of the life that the token had left when the gateway got it, and fatal at the end of it;
    never fatal where the licence asks for no token. ``last`` is the newest attempt that has ended, ``refusal`` the
    newest since the token came in which Tiger refused it: whatever failed after that, a token that was refused or lost
    stays so.
    """
    name = f"the token of credential {owner.name}"
    if found := _find_need(owner, record, last, refusal, now_ms, signs):
        need, sentence = found
        if owner.license in TOKEN_LICENSES:
            return Concern(owner.name, f"{name} {sentence}", need)
        return Concern(owner.name, f"{name} {sentence} ({TOKENLESS_MEND.format(license=owner.license or UNNAMED)})")
    # Without a record, nobody has looked at the token yet.
    warning = _get_warning(record, last, now_ms, signs) if record else None
    return Concern(owner.name, f"{name} {warning}") if warning else None


def _find_need(
    owner: TokenOwner,
    record: TokenRecord | None,
    last: Attempt | None,
    refusal: Attempt | None,
    now_ms: int,
    signs: Signs,
) -> tuple[Need, str] | None:
    """Return why only a new token helps."""
    is_stored = record is not None and record.token is not None
    if record is not None and record.sealed is not None:
        return Need.SEALED, f"cannot be read: {SEALED_MEND}"
    if not is_stored and signs.in_file is None:
        how = f"cannot be read ({signs.obstacle})" if signs.obstacle else "has to be put into its folder"
        return Need.MISSING, f"is missing: tiger_openapi_token.properties {how}"
    if record is not None and record.failures and refusal:
        return NEEDS[refusal.outcome], f"is {refusal.outcome.value}: {refusal.message}"
    if signs.is_dead:
        by_itself = _tell_failing(last) if record and record.failures else "it is refreshed by itself"
        return Need.REFUSED, f"is refused, and {by_itself}; if that does not help: {MEND.format(name=owner.name)}"
    if record is not None and _get_age(record, now_ms) == EXPIRED:
        return Need.EXPIRED, f"{EXPIRED}, {_tell_failing(last) or NOT_IN_TIME}"
    return None


def _get_warning(record: TokenRecord, last: Attempt | None, now_ms: int, signs: Signs) -> str | None:
    """Return what will be wrong with a token that serves now, or may do so."""
    age = _get_age(record, now_ms)
    serves = "may be dead, since Tiger refused a call for it, and" if signs.is_doubted else "serves, but"
    warning: str | None = None
    if signs.is_unsaved:
        warning = "is not stored yet: do not restart the process that has it"
    elif signs.left_by:
        warning = f"{serves} {signs.left_by} was refreshing it and is gone: a new one may be lost, as is known shortly"
    elif age:
        warning = f"{age}, {_tell_failing(last) or NOT_IN_TIME}"
    elif record.failures:
        warning = f"{serves} {_tell_failing(last)}, {record.failures} in a row"
    elif signs.is_doubted:
        warning = "may be dead: Tiger refused a call for it, and it is being looked into"
    elif signs.holds_unfit and last is not None:
        warning = f"serves, but a later one was put into its folder: {last.message}"
    elif signs.obstacle:
        warning = f"serves, but a new one would not be noticed: its file cannot be read ({signs.obstacle})"
    elif signs.overdue_seconds >= OVERDUE_SECONDS:
        warning = f"serves, but its refresh is {signs.overdue_seconds / 60:.0f} min late: {OVERDUE_MEND}"
    return warning


def _tell_failing(last: Attempt | None) -> str:
    return f"its last refresh {last.outcome.value.replace('_', ' ')} ({last.code})" if last and last.code else ""


def _get_age(record: TokenRecord, now_ms: int) -> str | None:
    expires_at = record.token.expires_at if record.token else None
    if expires_at is None or record.obtained_at is None:
        return None
    if now_ms >= expires_at:
        return EXPIRED
    return PAST_HALF if now_ms >= (record.obtained_at + expires_at) / 2 else None
