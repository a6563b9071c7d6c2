"""Say what is wrong with a token, and whether it still serves: a pure function of what is known of it."""

import enum
from dataclasses import dataclass
from typing import Any

from app.tokens.attempts import Attempt, Cause, Outcome
from app.tokens.observation import Observation

OVERDUE_SECONDS = 120.0
OVERDUE_FIX = "every instance on this database needs all credentials, and one of them has to lead"
EXPIRED = "has expired"
PAST_HALF = "is past half of its life"
NOT_IN_TIME = "it was not refreshed in time"
UNNAMED = "of this credential"
FOREIGN_FIX = (
    "it was sealed with another gateway.secret_key; give every instance on this database the same one, or, if it was "
    "changed on purpose, run: flask --app wsgi tokens refresh"
)
FIX = (
    "download a new tiger_openapi_token.properties from Tiger's developer page into the folder of credential {name}; "
    "it is noticed within seconds"
)
TOKENLESS_FIX = "calls need none with the licence {license}; delete the file, unless Tiger asks for it"


class Reason(enum.StrEnum):
    """Why only an operator can help."""

    MISSING = "missing"
    REFUSED = "refused"
    LOST = "lost"
    EXPIRED = "expired"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence for the operator about the token of a credential, and what makes it need one, if anything does."""

    credential: str
    sentence: str
    reason: Reason | None = None

    @property
    def is_fatal(self) -> bool:
        """Return whether calls of these accounts are pointless now."""
        return self.reason is not None


def find_problem(seen: Observation) -> Problem | None:
    """Return what is wrong with a token, the worst first, or None.

    It is a problem from half of the life that the token had left when the gateway got it, and fatal at the end of it;
    never fatal where the licence asks for no token.
    """
    owner = seen.owner
    name = f"the token of credential {owner.name}"
    if found := _find_reason(seen):
        reason, sentence = found
        if seen.is_asked_for:
            return Problem(owner.name, f"{name} {sentence}", reason)
        return Problem(owner.name, f"{name} {sentence} ({TOKENLESS_FIX.format(license=owner.license or UNNAMED)})")
    warning = _find_warning(seen)
    return Problem(owner.name, f"{name} {warning}") if warning else None


def _find_reason(seen: Observation) -> tuple[Reason, str] | None:
    """Return why only a new token helps."""
    record, refusals = seen.record, seen.history.refusals
    if record.is_foreign:
        return Reason.SEALED, f"cannot be read: {FOREIGN_FIX}"
    if record.token is None and not seen.tokens_in_files:
        obstacle = _find_obstacle(seen)
        how = f"cannot be read ({obstacle})" if obstacle else "has to be put into its folder"
        return Reason.MISSING, f"is missing: tiger_openapi_token.properties {how}"
    for refusal in refusals:
        # Whatever failed after that, a token that was refused or lost stays so.
        if refusal.cause is not Cause.PROBE:
            return Reason(refusal.outcome.value), f"is {refusal.outcome.value}: {refusal.message}"
    if refusals:
        by_itself = _describe_failing(seen.history.last_ended) if record.failures else "it is refreshed by itself"
        return (
            Reason.REFUSED,
            f"is refused, and {by_itself}; if that does not help: {FIX.format(name=seen.owner.name)}",
        )
    if _get_age(seen) == EXPIRED:
        return Reason.EXPIRED, f"{EXPIRED}, {_describe_failing(seen.history.last_ended) or NOT_IN_TIME}"
    return None


def _find_warning(seen: Observation) -> str | None:
    """Return what will be wrong with a token that serves now, or may do so."""
    record, last, age, obstacle = seen.record, seen.history.last_ended, _get_age(seen), _find_obstacle(seen)
    if not record.is_stored:
        # Nobody has looked at the token yet.
        return None
    serves = "may be dead, since Tiger refused a call for it, and" if seen.is_doubted else "serves, but"
    unfit = {each.requested_by for each in (last,) if each is not None and each.outcome is Outcome.UNFIT}
    warnings = (
        (seen.is_unsaved, "is not stored yet: do not restart the process that has it"),
        (
            seen.left_by,
            f"{serves} {seen.left_by} was refreshing it and is gone: a new one may be lost, as is known shortly",
        ),
        (age, f"{age}, {_describe_failing(last) or NOT_IN_TIME}"),
        (record.failures, f"{serves} {_describe_failing(last)}, {record.failures} in a row"),
        (seen.is_doubted, "may be dead: Tiger refused a call for it, and it is being looked into"),
        (
            any(token.fingerprint in unfit for token in seen.tokens_in_files),
            f"serves, but a later one was put into its folder: {last.message if last else ''}",
        ),
        (obstacle, f"serves, but a new one would not be noticed: its file cannot be read ({obstacle})"),
        (
            seen.due_in <= -OVERDUE_SECONDS,
            f"serves, but its refresh is {-seen.due_in / 60:.0f} min late: {OVERDUE_FIX}",
        ),
    )
    return next((sentence for holds, sentence in warnings if holds), None)


def _find_obstacle(seen: Observation) -> str | None:
    return next((file.obstacle for file in seen.files if file.obstacle), None)


def _describe_failing(last: Attempt | None) -> str:
    return f"its last refresh {last.outcome.value.replace('_', ' ')} ({last.code})" if last and last.code else ""


def _get_age(seen: Observation) -> str | None:
    record = seen.record
    expires_at = record.token.expires_at if record.token else None
    if expires_at is None or record.obtained_at is None:
        return None
    if seen.now_ms >= expires_at:
        return EXPIRED
    return PAST_HALF if seen.now_ms >= (record.obtained_at + expires_at) / 2 else None


def describe_token(seen: Observation, accounts: list[str]) -> dict[str, Any]:
    """Return the state of one token as ``GET /api/token/status`` shows it, naming these of its accounts."""
    record, problem = seen.record, find_problem(seen) if seen.uses_token else None
    last = seen.history.last_ended
    return {
        "credential": seen.owner.name,
        "tiger_id": seen.owner.tiger_id,
        "license": seen.owner.license or None,
        "accounts": accounts,
        "uses_token": seen.uses_token,
        "status": "healthy" if problem is None else "failing" if problem.is_fatal else "degraded",
        "concern": problem.sentence if problem else None,
        "expires_at": record.token.expires_at if record.token else None,
        "obtained_at": record.obtained_at,
        "refreshed_at": record.refreshed_at,
        "next_refresh_at": record.due_at if seen.uses_token else None,
        "refreshing": record.is_refreshing,
        "failures": record.failures,
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
