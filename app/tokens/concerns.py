"""Tell when a token gives reason for concern, and whether it still serves."""

from dataclasses import dataclass

from app.tokens.record import Attempt, TokenOwner, TokenRecord

EXPIRED = "has expired"
PAST_HALF = "is past half of its life"


@dataclass(frozen=True, slots=True)
class Concern:
    """One sentence for the operator; ``is_fatal`` says that calls of these accounts are pointless now."""

    sentence: str
    is_fatal: bool


def get_concern(
    owner: TokenOwner, record: TokenRecord | None, last: Attempt | None, now_ms: int, *, is_unsaved: bool
) -> Concern | None:
    """Return what is wrong with a token, the worst first, or None.

    It is a concern from half of the life that the token had left when the gateway got it, and fatal at the end of it.
    """
    name = f"the token of credential {owner.name}"
    if record is None or record.token is None:
        return Concern(f"{name} is missing: put tiger_openapi_token.properties into its folder", is_fatal=True)
    if record.failures and last and last.outcome.needs_operator:
        return Concern(f"{name} is {last.outcome.value}: {last.message}", is_fatal=True)
    if is_unsaved:
        return Concern(f"{name} could not be stored: it lives in the memory of one process", is_fatal=False)
    failing = f"its last refresh {last.outcome.value.replace('_', ' ')} ({last.code})" if last and last.code else ""
    age = _get_age(record, now_ms)
    if age:
        return Concern(f"{name} {age}, {failing or 'it was not refreshed in time'}", is_fatal=age == EXPIRED)
    return Concern(f"{name}: {failing}, {record.failures} in a row", is_fatal=False) if record.failures else None


def _get_age(record: TokenRecord, now_ms: int) -> str | None:
    expires_at = record.token.expires_at if record.token else None
    if expires_at is None or record.obtained_at is None:
        return None
    if now_ms >= expires_at:
        return EXPIRED
    return PAST_HALF if now_ms >= (record.obtained_at + expires_at) / 2 else None
