"""Keep threads free for orders and health checks, however many reads hang at Tiger."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app.errors import TooBusy

READS_SHARE: Final = 0.75
"""Part of a worker's threads that reads may wait in; the rest is for orders, then for what never waits."""
HEALTH_SHARE: Final = 1 / 16
RETRY_SECONDS: Final = 1.0


class Bulkhead:
    """Count the threads that wait for Tiger. A thread that is in already comes in again freely."""

    def __init__(self, threads: int, report: Callable[[float], None] = lambda _seconds: None) -> None:
        """Take the number of threads, and what counts how long one of them was in."""
        self._report = report
        self._lock = threading.Lock()
        self._own = threading.local()
        self._reads = 0
        self._all = 0
        self.resize(threads)

    def resize(self, threads: int) -> None:
        """Fit the number of threads that the server really has."""
        self._most_of_all = max(1, threads - max(1, round(threads * HEALTH_SHARE)))
        self._most_reads = min(self._most_of_all, max(1, int(threads * READS_SHARE)))

    @contextmanager
    def entered(self, *, is_urgent: bool, waits_for_tiger: bool = True) -> Iterator[None]:
        """Hold a place for the block; how long is reported where that is spent waiting for Tiger.

        Raises:
            TooBusy: There is none for this class of work.
        """
        if getattr(self._own, "is_inside", False):
            yield
            return
        self._enter(is_urgent=is_urgent)
        self._own.is_inside = True
        started = time.monotonic()
        try:
            yield
        finally:
            if waits_for_tiger:
                self._report(time.monotonic() - started)
            self._own.is_inside = False
            with self._lock:
                self._all -= 1
                self._reads -= not is_urgent

    def _enter(self, *, is_urgent: bool) -> None:
        with self._lock:
            if self._all >= self._most_of_all or not (is_urgent or self._reads < self._most_reads):
                raise TooBusy("Too many requests are waiting for Tiger.", retry_after=RETRY_SECONDS)
            self._all += 1
            self._reads += not is_urgent
