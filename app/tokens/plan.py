"""When the next refresh is due: after a success, after failures, and by which clock.

Each process counts elapsed time from the moment it saw an attempt begin or end. A clock is read only for what happened
while it did not look: the clock on the wall for when the next refresh is due, believed only as far as it cannot put it
off, or bring it forward, by more than one interval; the database's for how long one has been under way. So a clock that
is set by an hour changes nothing for those who were there.
"""

import time
from dataclasses import dataclass, replace

from app.clock import get_elapsed
from app.settings import TokenRefreshSettings
from app.tokens.record import TokenRecord
from app.tokens.user_token import UserToken

SECONDS_IN_AN_HOUR = 3_600.0
LONG_OVERDUE_SECONDS = 10.0
"""A refresh that was due before that, when this process came, was missed: the service stood still."""


class Pauses:
    """The lengths of the waits, in seconds."""

    def __init__(self, settings: TokenRefreshSettings) -> None:
        self.interval = settings.interval_hours * SECONDS_IN_AN_HOUR
        self.initial = settings.initial_delay_seconds
        self._first = settings.retry_first_seconds
        self._longest = settings.retry_longest_seconds

    def before_end_of(self, token: UserToken) -> float:
        """Return the pause after a success: the interval, or half of what the token has left where that is less."""
        if token.expires_at is None:
            return self.interval
        return min(self.interval, max(self._first, (token.expires_at / 1_000 - time.time()) / 2))

    def after_failures(self, failures: int) -> float:
        """Return the pause after so many failures in a row: doubled each time, never longer than the interval."""
        doublings = min(max(failures - 1, 0), 32)
        return min(self._first * 2.0**doublings, self._longest, self.interval)


@dataclass(frozen=True, slots=True)
class _Known:
    attempt: int
    is_refreshing: bool
    is_sealed: bool
    stored_due_at: int | None
    read_at: float
    began_at: float
    due: float
    was_missed: bool = False


class Plan:
    """What this process knows about the next refreshes; moments are of ``get_elapsed``."""

    def __init__(self, pauses: Pauses) -> None:
        self.pauses = pauses
        self._started_at = get_elapsed()
        self._known: dict[str, _Known] = {}

    def observe(self, record: TokenRecord, *, ended_at: float | None = None) -> None:
        """Take in what is stored; ``ended_at`` is when Tiger answered, where this process asked."""
        known = self._known.get(record.tiger_id)
        state = (record.attempt, record.is_refreshing, record.sealed is not None, record.due_at)
        if known and ended_at is None:
            # A look that was slower than a refresh holds what was stored before its end: taken in, the refresh would
            # count as under way until the next look, and the next one would be late.
            is_overtaken = record.read_at < known.read_at
            if is_overtaken:
                return
            if state == (known.attempt, known.is_refreshing, known.is_sealed, known.stored_due_at):
                self._known[record.tiger_id] = replace(known, read_at=record.read_at)
                return
        now = get_elapsed()
        was_missed = False
        if record.is_refreshing or record.sealed:
            due = float("inf")
        elif known is None and ended_at is None:
            due = now + self.get_stored_wait(record)
            was_missed = record.due_at is None or record.due_at / 1_000 < time.time() - LONG_OVERDUE_SECONDS
            if was_missed:
                due = max(due, self._started_at + self.pauses.initial)
        else:
            due = (now if ended_at is None else ended_at) + min(record.wait_seconds, self.pauses.interval)
        if known and known.attempt == record.attempt:
            began_at = known.began_at
        else:
            # Not before the last look that did not show it, whatever a clock says.
            unseen_seconds = now - known.read_at if known else float("inf")
            began_at = now - min(record.under_way_seconds, unseen_seconds)
        self._known[record.tiger_id] = _Known(*state, record.read_at, began_at, due, was_missed)

    def get_due(self, tiger_id: str) -> float | None:
        """Return when the next refresh is due, or None where nothing is known.

        Never while one is under way, nor while the token is one that this gateway cannot open: it is another's.
        """
        known = self._known.get(tiger_id)
        return known.due if known else None

    def get_wait(self, tiger_id: str) -> float:
        """Return for how many seconds the next refresh is not due yet."""
        due = self.get_due(tiger_id)
        return 0.0 if due is None else max(0.0, due - get_elapsed())

    def was_missed(self, tiger_id: str) -> bool:
        """Tell whether the service stood still when a refresh was due, and nothing has happened to the token since."""
        known = self._known.get(tiger_id)
        return known is not None and known.was_missed

    def get_attempt(self, tiger_id: str) -> int | None:
        """Return the number of the newest attempt that the due moment takes into account."""
        known = self._known.get(tiger_id)
        return known.attempt if known else None

    def get_under_way(self, record: TokenRecord) -> float:
        """Return for how many seconds the attempt that is under way has been so, 0 where none is."""
        known = self._known.get(record.tiger_id)
        is_known = record.is_refreshing and known is not None and known.is_refreshing
        return get_elapsed() - known.began_at if is_known and known and known.attempt == record.attempt else 0.0

    def get_stored_wait(self, record: TokenRecord) -> float:
        """Return in how many seconds the next refresh is due as the clock on the wall has it."""
        if record.due_at is None:
            return 0.0
        remaining = record.due_at / 1_000 - time.time()
        return min(max(remaining, 0.0), record.wait_seconds, self.pauses.interval)
