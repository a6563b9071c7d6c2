"""Keep an answer that is large, slow to change and costly to ask for."""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from app.errors import GatewayError, TigerTimeout
from app.tiger.deadline import Deadline

T = TypeVar("T")

REFRESH_SECONDS: Final = 4 * 3600.0
FAILURE_SECONDS: Final = 5.0
BACKGROUND_SECONDS: Final = 30.0


class RefreshingValue(Generic[T]):
    """Fetch once, whoever asks at the same time; serve the old value while one thread fetches the next.

    A failed first fetch is told to everyone who asks within five seconds: such methods allow ten calls a minute.
    """

    def __init__(self, refresh_seconds: float = REFRESH_SECONDS) -> None:
        self._refresh_seconds = refresh_seconds
        self._lock = threading.Lock()
        self._value: tuple[T] | None = None
        self._failure: GatewayError | None = None
        self._next_fetch_at = float("-inf")

    @property
    def is_known(self) -> bool:
        """Tell whether there is a value, so that nobody waits."""
        return self._value is not None

    def value(self, fetch: Callable[[Deadline], T], deadline: Deadline) -> T:
        """Return the value, fetching it where there is none yet.

        Raises:
            GatewayError: The first fetch failed or did not end in time.
        """
        kept = self._value
        if kept is None:
            return self._first(fetch, deadline)
        if time.monotonic() >= self._next_fetch_at and self._lock.acquire(blocking=False):
            self._refresh_beside(fetch)
        return kept[0]

    def _first(self, fetch: Callable[[Deadline], T], deadline: Deadline) -> T:
        if not self._lock.acquire(timeout=deadline.remaining()):
            raise TigerTimeout("Tiger did not answer in time.")
        try:
            if not self._value and self._failure and time.monotonic() < self._next_fetch_at:
                raise self._failure
            return self._value[0] if self._value else self._fetch(fetch, deadline)
        finally:
            self._lock.release()

    def _refresh_beside(self, fetch: Callable[[Deadline], T]) -> None:
        """Fetch on a thread of its own; where none can be had, whoever asks next tries again."""
        try:
            threading.Thread(target=self._refresh, args=(fetch,), name="tiger-refresh", daemon=True).start()
        except RuntimeError:
            self._lock.release()

    def _refresh(self, fetch: Callable[[Deadline], T]) -> None:
        """Fetch in the background; a failure leaves the old value, and the next attempt to a later question."""
        try:
            self._fetch(fetch, Deadline.after(BACKGROUND_SECONDS))
        except GatewayError:
            return
        finally:
            self._lock.release()

    def _fetch(self, fetch: Callable[[Deadline], T], deadline: Deadline) -> T:
        try:
            value = fetch(deadline)
        except GatewayError as error:
            self._failure = error
            self._next_fetch_at = time.monotonic() + FAILURE_SECONDS
            raise
        self._value = (value,)
        self._next_fetch_at = time.monotonic() + self._refresh_seconds
        return value
