"""Let identical reads share one call."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from app.errors import GatewayError, TigerRateLimited, TigerTimeout, TooBusy
from app.tiger.deadline import Deadline
from app.tiger.pipeline.call import Call, CallResult, Go
from app.tiger.pipeline.copies import get_copy

PATIENCE_SECONDS: Final = 0.25
"""How long a read waits for a call that began before it to end, to share the next one, before it begins its own."""
LEAST_SECONDS: Final = 0.2
"""With more time left than this, a read goes on alone when the call that it shared ran out of its own time."""


@dataclass(slots=True)
class _CallUnderWay:
    """One call under way, and what came of it."""

    begun_at: float
    landed: threading.Event = field(default_factory=threading.Event)
    answer: CallResult | None = None
    error: GatewayError | None = None


class SingleFlight:
    """The calls of one process that others may share."""

    def __init__(self, report: Callable[[str], None] = lambda _what: None) -> None:
        """Take what counts each that shared a call of another one, by method or kind."""
        self._report = report
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _CallUnderWay] = {}

    def share(self, key: Hashable, call: Call, go: Go, *, is_behind: bool = False) -> CallResult:
        """Return what the next stage answers, asked once for all who ask at the same time.

        Where ``is_behind``, only a call is shared that began after this was asked: its answer then is younger than
        whatever the asker did before, such as an order that it placed.

        Raises:
            GatewayError: As the call does; the error of a shared call is copied.
            TigerTimeout: The deadline passed before the shared call ended.
        """
        deadline, asked_at = call.deadline, time.monotonic()
        while True:
            with self._lock:
                flight = self._flights.get(key)
                is_own = flight is None or (
                    is_behind and flight.begun_at < asked_at and time.monotonic() - asked_at >= PATIENCE_SECONDS
                )
                if flight is None or is_own:
                    flight = self._flights[key] = _CallUnderWay(time.monotonic())
                    is_own = True
            if is_own:
                return self._fly(key, flight, call, go)
            is_mine = not is_behind or flight.begun_at >= asked_at
            seconds = deadline.remaining() if is_mine else min(deadline.remaining(), PATIENCE_SECONDS)
            has_landed = flight.landed.wait(seconds)
            if not deadline.remaining() and not (has_landed and is_mine):
                raise TigerTimeout("Tiger did not answer in time.")
            if has_landed and is_mine and not ran_out(flight.error, deadline):
                self._report(call.kind.name if call.kind else call.method)
                if flight.answer is None:
                    raise get_copy(flight.error or TooBusy("The shared call was given up.")) from None
                return flight.answer

    def _fly(self, key: Hashable, flight: _CallUnderWay, call: Call, go: Go) -> CallResult:
        try:
            flight.answer = go(call)
        except GatewayError as error:
            flight.error = error
            raise
        except BaseException:
            flight.error = TooBusy("The shared call was given up.")
            raise
        finally:
            with self._lock:
                if self._flights.get(key) is flight:
                    del self._flights[key]
            flight.landed.set()
        return flight.answer


def ran_out(error: GatewayError | None, deadline: Deadline) -> bool:
    """Tell whether a shared call failed by its own deadline, or for want of a place, while this asker has time left."""
    return isinstance(error, (TigerTimeout, TooBusy, TigerRateLimited)) and deadline.remaining() > LEAST_SECONDS
