"""Stop calling what keeps failing, and find out by itself when it works again."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.errors import GatewayError, TigerError, TigerTimeout, TigerUnavailable

FAILURES: Final = 5
PROBE_SECONDS: Final = 1.0
"""With the circuit open one call in so long goes out to see; none of them waits for another one's end."""

SERVER_CODES: Final = frozenset({None, 1, 2, 3})
"""Tiger's codes for trouble of its own; None stands for an answer that could not be read."""


@dataclass(frozen=True, slots=True)
class Outage:
    """How the last call failed of those that all do, and since when (epoch seconds)."""

    message: str
    since: float


class Breaker:
    """The circuit of one method: closed, or open with a probe now and then."""

    def __init__(
        self,
        report: Callable[[bool], None] = lambda _is_open: None,
        *,
        failures: int = FAILURES,
        probe_seconds: float = PROBE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what counts that it opened (True) or closed."""
        self._report = report
        self._most_failures = failures
        self._probe_seconds = probe_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_probe_at: float | None = None
        self._since = 0.0
        self.tried_at = float("-inf")
        """When a call failed last, or one began to see whether they still do (monotonic seconds)."""
        self.outage: Outage | None = None
        """Why it is open."""

    @property
    def is_open(self) -> bool:
        """Tell whether calls are refused."""
        return self._next_probe_at is not None

    def admit(self) -> None:
        """Let a call pass, or raise.

        Raises:
            TigerUnavailable: The circuit is open; ``retry_after`` says when the next call is let through.
        """
        if not self.is_open:
            return
        with self._lock:
            now = self._clock()
            probe_at = self._next_probe_at
            if probe_at is None:
                return
            wait = probe_at - now
            if wait <= 0:
                self._next_probe_at = now + self._probe_seconds
                return
        raise TigerUnavailable("Tiger keeps failing at this; it is being tried again.", retry_after=wait)

    def record(self, error: GatewayError | None) -> None:
        """Take how a call ended: None for any answer of Tiger's that says it is at work."""
        if error is None:
            if self._failures or self._next_probe_at is not None:
                self._close()
            return
        with self._lock:
            self._failures += 1
            self.tried_at = self._clock()
            self._since = self._since if self._failures > 1 else time.time()
            opens = self._failures >= self._most_failures and self._next_probe_at is None
            if opens:
                self._next_probe_at = self.tried_at + self._probe_seconds
            if self.is_open:
                self.outage = Outage(error.message, self._since)
        if opens:
            self._report(True)

    def _close(self) -> None:
        with self._lock:
            was_open, self._next_probe_at, self._failures = self._next_probe_at is not None, None, 0
            self.outage = None
        if was_open:
            self._report(False)


def says_down(error: GatewayError) -> bool:
    """Tell whether an error says that Tiger is not at work, rather than that it refused something."""
    return isinstance(error, (TigerUnavailable, TigerTimeout)) or (
        type(error) is TigerError and error.tiger_code in SERVER_CODES
    )


def failed_on_its_way(error: GatewayError) -> bool:
    """Tell whether a call failed in a way that may be over a moment later."""
    return isinstance(error, TigerUnavailable) or (type(error) is TigerError and says_down(error))
