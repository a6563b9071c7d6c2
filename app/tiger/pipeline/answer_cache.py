"""Keep answers for a short time, bounded by what they weigh in memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

BYTES_PER_VALUE: Final = 100
"""About what one number or short text costs in a list or an object (CPython 3.11, measured on option chains)."""
BYTES_PER_ANSWER: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, when the call for it began (monotonic seconds), and what it weighs."""

    value: Any
    begun_at: float
    weight: int


class AnswerCache:
    """The answers of one process; the longest unused is forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """Return about how much memory the answers take."""
        return self._bytes

    def get(self, key: Hashable, most_seconds: float) -> Kept | None:
        """Return an answer that is young enough, or None."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or time.monotonic() - kept.begun_at >= most_seconds:
                return None
            self._kept.move_to_end(key)
            return kept

    def keep(self, key: Hashable, value: Any, begun_at: float) -> None:
        """Keep an answer in place of an earlier one; one that is too large for the cache is not kept."""
        weight = BYTES_PER_ANSWER + BYTES_PER_VALUE * count_values(value)
        with self._lock:
            if former := self._kept.pop(key, None):
                self._bytes -= former.weight
            if weight > self._most_bytes:
                return
            self._kept[key] = Kept(value, begun_at, weight)
            self._bytes += weight
            while self._bytes > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.weight


def count_values(value: Any) -> int:
    """Return how many single values an answer holds."""
    if isinstance(value, dict):
        return 1 + sum(map(count_values, value.values()))
    if isinstance(value, (list, tuple)):
        return 1 + sum(map(count_values, value))
    return 1
