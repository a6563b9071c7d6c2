"""Bound how many refusals of a key are written down: a client that goes round in a circle must not fill the disk."""

import threading
from typing import Final

from app.clock import get_elapsed

MOST_A_MINUTE: Final = 60
MOST_KEYS: Final = 4_096


class Bound:
    """Count the refusals of each key in the running minute of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}

    def count(self, key_id: str) -> int | None:
        """Count one; return how many before it were left out, or None where this one is to be."""
        minute = int(get_elapsed() // 60)
        with self._lock:
            if len(self._counts) >= MOST_KEYS:
                self._counts.clear()
            counted_in, count = self._counts.get(key_id, (minute, 0))
            if counted_in != minute:
                left_out, count = max(0, count - MOST_A_MINUTE), 0
            else:
                left_out = 0
            self._counts[key_id] = (minute, count + 1)
        return left_out if count < MOST_A_MINUTE else None


REFUSALS: Final = Bound()
"""Of this process, whoever writes them down."""
