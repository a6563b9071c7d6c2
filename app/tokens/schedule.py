"""When the next refresh is due: after a success, after failures, and by which clock.

Each process counts elapsed time from the moment it saw an attempt begin or end. A clock is read only for what happened
while it did not look: the clock on the wall for when the next refresh is due, believed only as far as it cannot put it
off, or bring it forward, by more than one interval; the database's for how long one has been under way. So a clock that
is set by an hour changes nothing for those who were there.
"""

from dataclasses import dataclass

from app.clock import get_elapsed, get_now_ms
from app.settings import TokenRefreshSettings
from app.tokens.records import TokenRecord
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
        return min(self.interval, max(self._first, (token.expires_at - get_now_ms()) / 2_000))

    def after_failures(self, failures: int) -> float:
        """Return the pause after so many failures in a row: doubled each time, never longer than the interval."""
        doublings = min(max(failures - 1, 0), 32)
        return min(self._first * 2.0**doublings, self._longest, self.interval)


@dataclass(frozen=True, slots=True)
class _Known:
    record: TokenRecord
    began_at: float
    due: float
    was_missed: bool = False


class Schedule:
    """What this process knows about the next refreshes; moments are of ``get_elapsed``."""

    def __init__(self, pauses: Pauses) -> None:
        self.pauses = pauses
        self._started_at = get_elapsed()
        self._known: dict[str, _Known] = {}

    def observe(self, record: TokenRecord, *, ended_at: float | None = None) -> None:
        """Take in what is stored; ``ended_at`` is when Tiger answered, where this process asked."""
        known = self._known.get(record.tiger_id)
        # A look that was slower than a refresh holds what was stored before its end: taken in, the refresh would
        # count as under way until the next look, and the next one would be late.
        if known and ended_at is None and record.read_at < known.record.read_at:
            return
        now, was_missed = get_elapsed(), False
        if known and ended_at is None and _get_state(known.record) == _get_state(record):
            due, was_missed = known.due, known.was_missed
        elif known or ended_at is not None:
            due = (now if ended_at is None else ended_at) + min(record.wait_seconds, self.pauses.interval)
        else:
            due = now + self.get_stored_wait(record)
            was_missed = record.due_at is None or record.due_at < get_now_ms() - LONG_OVERDUE_SECONDS * 1_000
            if was_missed:
                due = max(due, self._started_at + self.pauses.initial)
        if known and known.record.attempt == record.attempt:
            began_at = known.began_at
        else:
            # Not before the last look that did not show it, whatever a clock says.
            unseen_seconds = now - known.record.read_at if known else float("inf")
            began_at = now - min(record.under_way_seconds, unseen_seconds)
        self._known[record.tiger_id] = _Known(record, began_at, due, was_missed)

    def get_due(self, tiger_id: str) -> float | None:
        """Return when the next refresh is due, or None where nothing is known.

        Never while one is under way, nor while the token is one that this gateway cannot decrypt: it is another's.
        """
        known = self._known.get(tiger_id)
        if known is None:
            return None
        return float("inf") if known.record.is_refreshing or known.record.is_foreign else known.due

    def get_wait(self, tiger_id: str) -> float:
        """Return for how many seconds the next refresh is not due yet."""
        due = self.get_due(tiger_id)
        return 0.0 if due is None else max(0.0, due - get_elapsed())

    def was_missed(self, tiger_id: str) -> bool:
        """Return whether the service stood still when a refresh was due, and nothing has happened to it since.

        Never where nothing is due: while one is under way, or of a token that cannot be decrypted.
        """
        known = self._known.get(tiger_id)
        return known is not None and known.was_missed and self.get_due(tiger_id) == known.due

    def get_under_way(self, record: TokenRecord) -> float:
        """Return for how many seconds the attempt that is under way has been so, 0 where none is."""
        known = self._known.get(record.tiger_id)
        if known is None or not (record.is_refreshing and known.record.is_refreshing):
            return 0.0
        return get_elapsed() - known.began_at if known.record.attempt == record.attempt else 0.0

    def get_stored_wait(self, record: TokenRecord) -> float:
        """Return in how many seconds the next refresh is due as the clock on the wall has it."""
        if record.due_at is None:
            return 0.0
        remaining = (record.due_at - get_now_ms()) / 1_000
        return min(max(remaining, 0.0), record.wait_seconds, self.pauses.interval)


def _get_state(record: TokenRecord) -> tuple[object, ...]:
    """Return what a due moment was made from; a probe alone, which leaves the moment where it was, changes none."""
    return record.due_at, record.is_refreshing, record.is_foreign
