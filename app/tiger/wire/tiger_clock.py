"""Tiger's own time, from the stamp that each of its answers bears.

It is carried on by the monotonic clock, so that no change of this machine's clock moves it.
"""

import time
from typing import Any

from app.tiger.wire.values import milliseconds


class TigerClock:
    """Know Tiger's time, once it has answered anything; shared by the threads of a process."""

    def __init__(self) -> None:
        self._noted: tuple[int, float] | None = None

    def note(self, stamp: Any) -> None:
        """Take the ``timestamp`` of an answer that has just come, epoch milliseconds."""
        told = milliseconds(stamp)
        if told is not None:
            self._noted = (told, time.monotonic())

    def now_ms(self) -> int | None:
        """Return Tiger's time now, at most the way of an answer behind; None before the first answer."""
        noted = self._noted
        return None if noted is None else noted[0] + int((time.monotonic() - noted[1]) * 1_000)
