"""Tell when a token gives reason for concern, and whether it still serves."""

import enum
from dataclasses import dataclass

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


def get_concern(
    owner: TokenOwner,
    record: TokenRecord | None,
    last: Attempt | None,
    now_ms: int,
    *,
    in_file: UserToken | None = None,
    is_unsaved: bool = False,
    is_doubted: bool = False,
    refusal: Attempt | None = None,
    overdue_seconds: float = 0.0,
) -> Concern | None:
    """Return what is wrong with a token, the worst first, or None.

    It is a concern from half of the life that the token had left when the gateway got it, and fatal at the end of it.
    ``in_file`` is the token in the folder, which serves until there is a stored one. ``refusal`` is the newest attempt
    since the token came in which Tiger refused it: whatever failed after that, a token that was refused or lost stays
    so. ``is_doubted`` says that Tiger refused a call for it, and nobody knows yet what of that is the token's fault.
    ``overdue_seconds`` is for how long its refresh has been due.
    """
    name = f"the token of credential {owner.name}"
    if found := _find_need(record, last, now_ms, in_file, refusal):
        need, sentence = found
        return Concern(owner.name, f"{name} {sentence}", need)
    # Without a record, nobody has looked at the token yet.
    warning = _get_warning(record, last, now_ms, overdue_seconds, is_unsaved=is_unsaved) if record else None
    if warning is None and is_doubted:
        warning = "may be dead: Tiger refused a call for it, and it is being looked into"
    return Concern(owner.name, f"{name} {warning}") if warning else None


def _find_need(
    record: TokenRecord | None,
    last: Attempt | None,
    now_ms: int,
    in_file: UserToken | None,
    refusal: Attempt | None,
) -> tuple[Need, str] | None:
    """Return why only a new token helps."""
    is_stored = record is not None and record.token is not None
    if record is not None and record.sealed is not None:
        return Need.SEALED, f"cannot be read: {SEALED_MEND}"
    if not is_stored and in_file is None:
        return Need.MISSING, "is missing: put tiger_openapi_token.properties into its folder"
    if record is not None and record.failures and refusal:
        return NEEDS[refusal.outcome], f"is {refusal.outcome.value}: {refusal.message}"
    if record is not None and _get_age(record, now_ms) == EXPIRED:
        return Need.EXPIRED, f"{EXPIRED}, {_tell_failing(last) or NOT_IN_TIME}"
    return None


def _get_warning(
    record: TokenRecord, last: Attempt | None, now_ms: int, overdue_seconds: float, *, is_unsaved: bool
) -> str | None:
    """Return what will be wrong with a token that serves now."""
    age = _get_age(record, now_ms)
    if is_unsaved:
        return "could not be stored: it lives in the memory of one process"
    if age:
        return f"{age}, {_tell_failing(last) or NOT_IN_TIME}"
    if record.failures:
        return f"serves, but {_tell_failing(last)}, {record.failures} in a row"
    if last is not None and last.outcome is Outcome.UNFIT:
        return f"serves, but a later one was put into its folder: {last.message}"
    is_overdue = overdue_seconds >= OVERDUE_SECONDS
    return f"serves, but its refresh is {overdue_seconds / 60:.0f} min late: {OVERDUE_MEND}" if is_overdue else None


def _tell_failing(last: Attempt | None) -> str:
    return f"its last refresh {last.outcome.value.replace('_', ' ')} ({last.code})" if last and last.code else ""


def _get_age(record: TokenRecord, now_ms: int) -> str | None:
    expires_at = record.token.expires_at if record.token else None
    if expires_at is None or record.obtained_at is None:
        return None
    if now_ms >= expires_at:
        return EXPIRED
    return PAST_HALF if now_ms >= (record.obtained_at + expires_at) / 2 else None
