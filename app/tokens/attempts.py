"""The log of what was tried for a token: who did it, why, how it ended, and what that says of the token in use.

All processes decide from these rows, so that what one has found out holds for the others. Times are epoch milliseconds.
"""

import enum
import itertools
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from app.clock import was_lately
from app.storage import Storage
from app.storage.token_tables import token_attempts
from app.tokens.records import TokenRecord
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


NEWEST = 20
"""So many attempts are looked at each time; of older ones only whether Tiger refused the token in use."""
REFUSING = [outcome.value for outcome in Outcome if outcome.needs_operator]
DOUBTFUL = [Outcome.IN_DOUBT.value, Outcome.LOST.value]

columns = token_attempts.c
is_probe = columns.cause == Cause.PROBE.value


class AttemptLog:
    """Read the log, as ``store`` writes it. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def fetch(self, tiger_id: str, number: int) -> Attempt | None:
        """Return one attempt."""
        return next(iter(self._fetch(tiger_id, columns.attempt == number)), None)

    def fetch_history(self, record: TokenRecord) -> History:
        """Return what was tried for a token, as far back as it matters."""
        attempts = self._fetch(record.tiger_id, most=NEWEST)
        oldest = record.attempt - NEWEST
        if record.failures and record.obtained_by < oldest:
            is_older = and_(columns.attempt > record.obtained_by, columns.attempt <= oldest)
            was_taken = and_(is_probe, columns.outcome == Outcome.FOUND.value)
            was_refused = and_(~is_probe, columns.outcome.in_(REFUSING))
            attempts += self._fetch(record.tiger_id, is_older, or_(was_taken, was_refused))
        return History(tuple(attempts), tuple(each for each in attempts if _is_since(each, record)))

    def has_doubt(self, record: TokenRecord) -> bool:
        """Return whether an attempt since the present token came may have had Tiger replace it."""
        is_since = columns.attempt > record.obtained_by
        return bool(self._fetch(record.tiger_id, is_since, columns.outcome.in_(DOUBTFUL)))

    def _fetch(self, tiger_id: str, *conditions: ColumnElement[bool], most: int = 1) -> list[Attempt]:
        is_wanted = and_(columns.tiger_id == tiger_id, *conditions)
        statement = select(token_attempts).where(is_wanted).order_by(columns.attempt.desc()).limit(most)
        with self._storage.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        typed = {"attempt", "cause", "outcome"}
        return [
            Attempt(
                number=row["attempt"],
                cause=Cause(row["cause"]),
                outcome=Outcome(row["outcome"]),
                **{name: row[name] for name in row if name not in typed},
            )
            for row in rows
        ]


def _is_since(attempt: Attempt, record: TokenRecord) -> bool:
    """Return whether an attempt was made with the token in use.

    The one that brought the token may be: Tiger gave it, and refused it when it was tried out.
    """
    if attempt.number != record.obtained_by or attempt.cause is Cause.PROBE:
        return attempt.number > record.obtained_by
    return (attempt.ended_at or 0) >= (record.obtained_at or 0)
