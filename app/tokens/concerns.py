"""Tell when a token gives reason for concern, and whether it still serves."""

import enum
from dataclasses import dataclass

from app.tokens.record import Attempt, Outcome, TokenOwner, TokenRecord

EXPIRED = "has expired"
PAST_HALF = "is past half of its life"
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
    is_unsaved: bool,
    refusal: Attempt | None = None,
    overdue_seconds: float = 0.0,
) -> Concern | None:
    """Return what is wrong with a token, the worst first, or None.

    It is a concern from half of the life that the token had left when the gateway got it, and fatal at the end of it.
    ``refusal`` is the newest attempt since the token came in which Tiger refused it: whatever failed after that, a
    token that was refused or lost stays so. ``overdue_seconds`` is for how long its refresh has been due.
    """
    need: Need | None = None
    failing = f"its last refresh {last.outcome.value.replace('_', ' ')} ({last.code})" if last and last.code else ""
    age = _get_age(record, now_ms) if record else None
    if record is not None and record.sealed is not None:
        is_how, need = f"cannot be read: {SEALED_MEND}", Need.SEALED
    elif record is None or record.token is None:
        is_how, need = "is missing: put tiger_openapi_token.properties into its folder", Need.MISSING
    elif record.failures and refusal:
        is_how, need = f"is {refusal.outcome.value}: {refusal.message}", NEEDS[refusal.outcome]
    elif is_unsaved:
        is_how = "could not be stored: it lives in the memory of one process"
    elif age:
        is_how, need = f"{age}, {failing or 'it was not refreshed in time'}", Need.EXPIRED if age == EXPIRED else None
    elif record.failures:
        is_how = f"serves, but {failing}, {record.failures} in a row"
    elif last is not None and last.outcome is Outcome.UNFIT:
        is_how = f"serves, but a later one was put into its folder: {last.message}"
    elif overdue_seconds >= OVERDUE_SECONDS:
        is_how = f"serves, but its refresh is {overdue_seconds / 60:.0f} min late: {OVERDUE_MEND}"
    else:
        return None
    return Concern(owner.name, f"the token of credential {owner.name} {is_how}", need)


def _get_age(record: TokenRecord, now_ms: int) -> str | None:
    expires_at = record.token.expires_at if record.token else None
    if expires_at is None or record.obtained_at is None:
        return None
    if now_ms >= expires_at:
        return EXPIRED
    return PAST_HALF if now_ms >= (record.obtained_at + expires_at) / 2 else None
