"""The log of what was tried for a token: who did it, why, how it ended, and what that says of the token in use.

All processes decide from these rows, so that what one has found out holds for the others. Times are epoch milliseconds.
"""

import enum
import itertools
from dataclasses import dataclass

from app.clock import was_lately
from app.tokens.user_token import UserToken

UNTRIED_SECONDS = 15.0
"""How long after one could not be tried out, Tiger being away, a token in a folder has its next turn."""
UNFIT_SECONDS = 600.0
"""How long after Tiger refused it a token in a folder is tried out again."""


class Cause(enum.StrEnum):
    """Why the token was touched: for a refresh, for one that lay in a folder, or to see whether it serves."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    COMMAND = "command"
    FILE = "file"
    PROBE = "probe"

    @property
    def is_refresh(self) -> bool:
        """Return whether Tiger was asked for a new token."""
        return self not in {Cause.FILE, Cause.PROBE}


class Outcome(enum.StrEnum):
    """How an attempt ended.

    ``FOUND``: a newer token lay in the folder; of a probe: Tiger takes the one in use. ``UNFIT``: one lay there that
    Tiger refuses. ``IN_DOUBT``: Tiger may have given out a token that never arrived. ``REFUSED``: Tiger refuses the
    token itself. ``LOST``: it does so after an attempt in doubt, so the new one is lost.
    """

    RUNNING = "running"
    REFRESHED = "refreshed"
    FOUND = "found"
    UNFIT = "unfit"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    REFUSED = "refused"
    LOST = "lost"

    @property
    def is_success(self) -> bool:
        """Return whether there is a good token afterwards."""
        return self in {Outcome.REFRESHED, Outcome.FOUND}

    @property
    def needs_operator(self) -> bool:
        """Return whether only a new token from Tiger's website helps."""
        return self in {Outcome.REFUSED, Outcome.LOST}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row; ``code`` is that of our error, ``requested_by`` the fingerprint of a token that lay in a folder."""

    tiger_id: str
    number: int
    cause: Cause
    requested_by: str
    holder: str
    started_at: int
    ended_at: int | None
    outcome: Outcome
    code: str | None
    tiger_code: int | None
    message: str | None
    token_expires_at: int | None

    @property
    def found_good(self) -> bool:
        """Return whether Tiger took a call with the token in use when it was tried out."""
        return self.cause is Cause.PROBE and self.outcome is Outcome.FOUND


@dataclass(frozen=True, slots=True)
class History:
    """The newest attempts, the last first, and those of them that were made with the token in use."""

    attempts: tuple[Attempt, ...] = ()
    since: tuple[Attempt, ...] = ()

    @property
    def newest(self) -> Attempt | None:
        """Return the newest attempt, which may be under way."""
        return self.attempts[0] if self.attempts else None

    @property
    def last_ended(self) -> Attempt | None:
        """Return the newest attempt to get a token that has ended."""
        ended = (
            each for each in self.attempts if each.cause is not Cause.PROBE and each.outcome is not Outcome.RUNNING
        )
        return next(ended, None)

    @property
    def refusals(self) -> tuple[Attempt, ...]:
        """Return the attempts in which Tiger refused the token in use, none where it has taken it since."""
        unbroken = itertools.takewhile(lambda each: not each.found_good, self.since)
        return tuple(each for each in unbroken if each.outcome.needs_operator)

    @property
    def verdict(self) -> Attempt | None:
        """Return the newest attempt that showed whether Tiger takes the token in use."""
        return next((each for each in self.since if each.found_good or each.outcome.needs_operator), None)

    def may_try(self, found: UserToken, now_ms: int) -> bool:
        """Return whether a token that lies in a folder is worth a try, or was tried out too short a time ago."""
        of_it = (each for each in self.attempts if each.cause is Cause.FILE and each.requested_by == found.fingerprint)
        last = next(of_it, None)
        if last is None:
            return True
        pause = {Outcome.UNFIT: UNFIT_SECONDS, Outcome.FOUND: 0.0}.get(last.outcome, UNTRIED_SECONDS)
        return not was_lately(last.ended_at or last.started_at, pause, now_ms)
