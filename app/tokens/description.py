"""How the state of a token is told, by ``GET /api/token/status`` and on the command line; times in epoch ms."""

from typing import Any

from app.tokens.concerns import Concern
from app.tokens.record import Attempt, TokenOwner, TokenRecord


def describe_token(
    owner: TokenOwner,
    accounts: list[str],
    record: TokenRecord | None,
    concern: Concern | None,
    last: Attempt | None,
    *,
    uses_token: bool,
) -> dict[str, Any]:
    """Return the state of one token, naming these of its accounts; ``last`` is the newest attempt that has ended."""
    return {
        "credential": owner.name,
        "tiger_id": owner.tiger_id,
        "license": owner.license or None,
        "accounts": accounts,
        "uses_token": uses_token,
        "status": "healthy" if concern is None else "failing" if concern.is_fatal else "degraded",
        "concern": concern.sentence if concern else None,
        "expires_at": record.token.expires_at if record and record.token else None,
        "obtained_at": record.obtained_at if record else None,
        "refreshed_at": record.refreshed_at if record else None,
        "next_refresh_at": record.due_at if record and uses_token else None,
        "refreshing": record.is_refreshing if record else False,
        "failures": record.failures if record else 0,
        "last_attempt": _describe_attempt(last) if last else None,
    }


def _describe_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "cause": attempt.cause.value,
        "requested_by": attempt.requested_by,
        "worker": attempt.holder,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "outcome": attempt.outcome.value,
        "code": attempt.code,
        "tiger_code": attempt.tiger_code,
        "message": attempt.message,
    }
