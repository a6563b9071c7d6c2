"""Whose turn it is to be written to: streams that have something to send are written in rounds."""

import threading
from collections import deque

from app.server.connections import Connection


class Rounds:
    """Streams that have become due, and those whose turn has begun. Any thread may call ``add``."""

    def __init__(self, seconds: float, more_seconds: float = 0.0, most_seconds: float = 0.0) -> None:
        """Take how long at least lies between two rounds, and how much more for each stream of one, up to the most."""
        self._seconds = seconds
        self._more_seconds = more_seconds
        self._most_seconds = max(seconds, most_seconds)
        self._lock = threading.Lock()
        self._due: deque[Connection] = deque()
        self._round: deque[Connection] = deque()
        self._next_at = 0.0

    def add(self, connection: Connection) -> bool:
        """Have a stream written in the next round, and tell whether it is the first of those."""
        with self._lock:
            is_first = not self._due
            self._due.append(connection)
        return is_first

    def get_patience(self, now: float) -> float | None:
        """Return for how many seconds there is nothing to do; None where something has to become due first."""
        if self._round:
            return 0.0
        return max(0.0, self._next_at - now) if self._due else None

    def take(self, now: float, most: int) -> list[Connection]:
        """Return the next of the round under way, or of the one that begins now."""
        if not self._round and self._due and now >= self._next_at:
            with self._lock:
                self._round, self._due = self._due, deque()
            self._next_at = now + min(self._most_seconds, self._seconds + self._more_seconds * len(self._round))
        return [self._round.popleft() for _ in range(min(most, len(self._round)))]
