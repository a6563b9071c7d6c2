"""Streams that follow the same items: what is new is written once, and each of them takes it at its own pace."""

import threading
from collections.abc import Callable

from app.quote_feed.messages import Latest, Missed, Refused, Standing
from app.server.stream import Stream

News = Latest | Refused | Standing | Missed


class Audience:
    """The streams of one process that follow the same items.

    Of an item it has the latest, whatever waits for it: a stream that is read slowly is behind by some numbers, and has
    nothing of its own that would grow. ``write`` makes of a message the event that clients see.
    """

    def __init__(self, write: Callable[[News], bytes]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._latest: dict[str, tuple[int, bytes]] = {}
        """By item, the one that was told last at the end."""
        self._number = 0
        self._taken: dict[Stream, int] = {}
        """Up to which number each stream has had everything."""
        self._up_to_date: dict[Stream, None] = {}
        self._joined = (0, 0, b"")

    def join(self, stream: Stream) -> None:
        """Have a stream told what comes from now on."""
        with self._lock:
            self._taken[stream] = self._number
            self._up_to_date[stream] = None
        stream.follow(lambda: self._take(stream))

    def leave(self, stream: Stream) -> bool:
        """Tell a stream nothing more; return whether nobody is left."""
        with self._lock:
            self._taken.pop(stream, None)
            self._up_to_date.pop(stream, None)
            return not self._taken

    def report(self, message: News) -> None:
        """Take what is new; only that of an item gives way to what is newer."""
        piece = self._write(message)
        if not isinstance(message, Latest):
            with self._lock:
                streams = list(self._taken)
            for stream in streams:
                # Behind what it has not had yet: a gap says that what follows it is new.
                stream.put(self._take(stream) + piece)
            return
        with self._lock:
            self._number += 1
            self._latest.pop(message.key, None)
            self._latest[message.key] = (self._number, piece)
            roused, self._up_to_date = self._up_to_date, {}
        for stream in roused:
            stream.rouse()

    def _take(self, stream: Stream) -> bytes:
        """Return all that a stream has not had."""
        with self._lock:
            taken = self._taken.get(stream)
            if taken is None:
                return b""
            self._taken[stream] = self._number
            self._up_to_date[stream] = None
            return self._join_after(taken)

    def _join_after(self, taken: int) -> bytes:
        """Return what is newer than a number, oldest first; nearly all streams ask for the same."""
        if self._joined[:2] != (taken, self._number):
            pieces = []
            for number, piece in reversed(self._latest.values()):
                if number <= taken:
                    break
                pieces.append(piece)
            self._joined = (taken, self._number, b"".join(reversed(pieces)))
        return self._joined[2]
