"""Keep answers for a short time, bounded by what they weigh."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from app.tiger.pipeline.call import CallResult

BYTES_PER_VALUE: Final = 100
"""About what one number or short text costs in a list or an object (CPython 3.11, measured on option chains)."""
BYTES_PER_ANSWER: Final = 500
MOST_COUNTED: Final = 50
"""Of a longer list the first ones stand for all: rows are alike, and to count all costs as much as to read them."""


def count_values(value: Any) -> int:
    """Return how many single values an answer holds."""
    if isinstance(value, dict):
        return 1 + sum(map(count_values, value.values()))
    if isinstance(value, (list, tuple)):
        if len(value) > MOST_COUNTED:
            return 1 + count_values(value[:MOST_COUNTED]) * len(value) // MOST_COUNTED
        return 1 + sum(map(count_values, value))
    if is_dataclass(value):
        return 1 + sum(count_values(getattr(value, field.name)) for field in fields(value))
    return 1


def weigh_in_bytes(value: Any) -> int:
    """Return about how much memory an answer takes."""
    return BYTES_PER_ANSWER + BYTES_PER_VALUE * count_values(value)


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: CallResult
    weight: int


class Cache:
    """Answers by key, the latest of each; the longest unused is forgotten first."""

    def __init__(self, most: int, weigh: Callable[[Any], int] = weigh_in_bytes) -> None:
        """Take how much all of them may weigh together."""
        self._most = most
        self._weigh = weigh
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._weight = 0

    @property
    def weight(self) -> int:
        """Return what the answers weigh."""
        return self._weight

    def get(self, key: Hashable, most_seconds: float) -> CallResult | None:
        """Return an answer that is young enough, or None."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or time.monotonic() - kept.answer.begun_at >= most_seconds:
                return None
            self._kept.move_to_end(key)
            return kept.answer

    def keep(self, key: Hashable, answer: CallResult) -> None:
        """Keep an answer in place of an earlier one; one that is too large for the cache is not kept."""
        former = self._kept.get(key)
        if former is not None and former.answer.begun_at >= answer.begun_at:
            return
        weight = self._weigh(answer.value)
        with self._lock:
            if former := self._kept.pop(key, None):
                self._weight -= former.weight
            if weight > self._most:
                return
            self._kept[key] = _Kept(answer, weight)
            self._weight += weight
            while self._weight > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._weight -= oldest.weight

    def list_kept(self) -> Iterator[tuple[Hashable, CallResult]]:
        """Yield all answers with their keys, however old."""
        with self._lock:
            kept = list(self._kept.items())
        return ((key, one.answer) for key, one in kept)
