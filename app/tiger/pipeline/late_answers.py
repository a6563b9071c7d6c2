"""Tell the shared count about calls whose answers came late, in a thread of its own: no call waits for that."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import StorageUnavailable
from app.tiger.pipeline.limits import Count

LAST_SECONDS: Final = 1.0
"""How long the end of a process waits for what is still to be told."""


@dataclass(frozen=True, slots=True, eq=False)
class LateAnswer:
    """A call that the counter takes to have arrived by one moment, and that was answered at a later one."""

    counts: tuple[Count, ...]
    rows: tuple[str, ...]
    arrived_by: float
    answered_at: float

    def get_open(self, now: float) -> list[tuple[Count, str]]:
        """Return the counts that it still belongs to, with its rows."""
        pairs = zip(self.counts, self.rows, strict=True)
        return [(count, row) for count, row in pairs if now < self.answered_at + count.window_seconds]


class LateAnswers:
    """Those of one process that are to be counted anew, from the oldest on.

    Until one is told, its row counts on for as long as it was taken for: a window after the call was to have arrived.
    From then on it is added here, for a window after its answer, to what the counter knows. This process therefore
    never sends too much. The others may, and what bounds that is: only calls that wait here whose rows are over; with a
    database that works that is a moment for a window of a second, and never for the minute, since a call is answered
    within its deadline and that leaves half a minute to tell of it. Where the database is away for longer it gives
    nobody a permit meanwhile, and what waited is told as soon as it is back.
    """

    def __init__(
        self,
        count_anew: Callable[[Sequence[Count], Sequence[str]], None],
        get_down_seconds: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        """Take how to tell one, and for how long not to try, which is above 0 after a ``StorageUnavailable``."""
        self._count_anew = count_anew
        self._get_down_seconds = get_down_seconds
        self._clock = clock
        self._is_closed = False
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._waiting: list[LateAnswer] = []
        self._thread: threading.Thread | None = None

    def add(self, late: LateAnswer) -> None:
        """Have one told; it returns at once, whatever the database does."""
        if self._process != os.getpid():
            # The child of a fork: what waited then is the parent's to tell, and so is its thread.
            self._begin()
        with self._changed:
            self._waiting = [one for one in self._waiting if one.get_open(late.answered_at)]
            self._waiting.append(late)
            if self._is_closed:
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="late-answers", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def get_missing(self, count: Count) -> int:
        """Return how many calls belong to a count at this moment of which the counter may know no more."""
        waiting, now = self._waiting, self._clock()
        return sum(
            1
            for late in waiting
            for of, _ in late.get_open(now)
            if of.key == count.key and now >= late.arrived_by + of.window_seconds
        )

    def close(self, seconds: float = LAST_SECONDS) -> None:
        """Try once more to tell what waits, and end the thread; this takes no longer than the time given."""
        with self._changed:
            self._is_closed = True
            thread = self._thread if self._process == os.getpid() else None
            self._changed.notify_all()
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._is_closed:
                    self._changed.wait()
                # At the end, too, a database that is away is not waited for.
                down_seconds = self._get_down_seconds()
                if down_seconds > 0 and not self._is_closed:
                    self._changed.wait(down_seconds)
                    continue
                if not self._waiting or down_seconds > 0:
                    return
                late = self._waiting[0]
            if not self._write(late) and self._is_closed:
                return

    def _write(self, late: LateAnswer) -> bool:
        open_counts = late.get_open(self._clock())
        try:
            if open_counts:
                self._count_anew([count for count, _ in open_counts], [row for _, row in open_counts])
        except StorageUnavailable:
            return False
        # Only now: one that is being told counts here until the counter has it.
        with self._changed:
            self._waiting = [one for one in self._waiting if one is not late]
        return True
