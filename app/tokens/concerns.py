"""Tell when a token gives reason for concern, and whether it still serves."""

import enum
from dataclasses import dataclass

from app.tokens.record import Attempt, Outcome, TokenOwner, TokenRecord

EXPIRED = "has expired"
PAST_HALF = "is past half of its life"


class Need(enum.StrEnum):
    """Why only a new token from Tiger's website helps."""

    MISSING = "missing"
    REFUSED = "refused"
    LOST = "lost"
    EXPIRED = "expired"


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
) -> Concern | None:
    """Return what is wrong with a token, the worst first, or None.

    It is a concern from half of the life that the token had left when the gateway got it, and fatal at the end of it.
    ``refusal`` is the newest attempt since the token came in which Tiger refused it: whatever failed after that, a
    token that was refused or lost stays so.
    """
    name = f"the token of credential {owner.name}"
    if record is None or record.token is None:
        sentence = f"{name} is missing: put tiger_openapi_token.properties into its folder"
        return Concern(owner.name, sentence, Need.MISSING)
    if record.failures and refusal:
        return Concern(owner.name, f"{name} is {refusal.outcome.value}: {refusal.message}", NEEDS[refusal.outcome])
    if is_unsaved:
        return Concern(owner.name, f"{name} could not be stored: it lives in the memory of one process")
    failing = f"its last refresh {last.outcome.value.replace('_', ' ')} ({last.code})" if last and last.code else ""
    age = _get_age(record, now_ms)
    if age:
        sentence = f"{name} {age}, {failing or 'it was not refreshed in time'}"
        return Concern(owner.name, sentence, Need.EXPIRED if age == EXPIRED else None)
    return Concern(owner.name, f"{name}: {failing}, {record.failures} in a row") if record.failures else None


def _get_age(record: TokenRecord, now_ms: int) -> str | None:
    expires_at = record.token.expires_at if record.token else None
    if expires_at is None or record.obtained_at is None:
        return None
    if now_ms >= expires_at:
        return EXPIRED
    return PAST_HALF if now_ms >= (record.obtained_at + expires_at) / 2 else None
