"""The streams that a process has open: how many there may be, whose they are, and that they end with their key."""

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.access.permissions import Identity
from app.clock import get_now_ms
from app.errors import StorageUnavailable, TooBusy
from app.server.stream import Stream

THREADS_SHARE: Final = 0.25
"""Part of the threads that streams may hold where the server knows nothing of them."""
LOOK_SECONDS: Final = 1.0
"""Between two looks at the keys: a revoked one ends its streams within the promised five seconds."""
UNSEEN_SECONDS: Final = 4.0
"""A key that could not be looked at for so long counts as revoked."""
AGAIN_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)

FindKeys = Callable[[Collection[str]], Mapping[str, int]]
"""Return which of these key ids are valid, and when the oldest valid form of each was made (epoch milliseconds)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    kind: str
    identity: Identity
    holds_thread: bool


class OpenStreams:
    """Admit streams, and end those whose key is no longer valid."""

    def __init__(
        self,
        find_keys: FindKeys | None,
        threads: int,
        report: Callable[[str, int], None],
        report_end: Callable[[str, str], None],
    ) -> None:
        """Take what looks for keys, None where a host knows who calls; what counts a kind's, and why one ended."""
        self._find_keys = find_keys
        self._report = report
        self._report_end = report_end
        self._lock = threading.Lock()
        self._open: dict[Stream, _Open] = {}
        self._counts: Counter[str] = Counter()
        self._held_threads = 0
        self._seen_at = 0.0
        self._is_closed = threading.Event()
        self._ends_waiting = False
        self._watcher: threading.Thread | None = None
        self.resize(threads)

    def resize(self, threads: int) -> None:
        """Fit the number of threads that the server really has."""
        self._most_threads = max(1, int(threads * THREADS_SHARE))

    def count(self, kind: str) -> int:
        """Return how many of a kind are open."""
        return self._counts[kind]

    def admit(self, stream: Stream, kind: str, identity: Identity, *, has_room: bool | None) -> None:
        """Take a stream until it is closed. ``has_room`` is what our worker says, None under any other server.

        Raises:
            TooBusy: There are too many of them, or they would hold too many threads.
        """
        holds_thread = has_room is None
        with self._lock:
            if self._is_closed.is_set():
                raise TooBusy("The gateway shuts down.", retry_after=AGAIN_SECONDS)
            if has_room is False or (holds_thread and self._held_threads >= self._most_threads):
                raise TooBusy("Too many streams are open, here or from your address.", retry_after=AGAIN_SECONDS)
            self._held_threads += holds_thread
            self._counts[kind] += 1
            self._open[stream] = _Open(kind, identity, holds_thread)
            if self._watcher is None:
                self._seen_at = time.monotonic()
                self._watcher = threading.Thread(target=self._watch, name="streams", daemon=True)
                self._watcher.start()
        self._report(kind, self._counts[kind])
        stream.when_closed(lambda: self._forget(stream))

    @contextlib.contextmanager
    def waiting(self, kind: str, identity: Identity) -> Iterator[Stream]:
        """Hold the thread of the request for as long as the block takes: whoever waits for events without a stream.

        Nothing is put into what is given: that it is ended says to wait no longer, and to tell nothing.

        Raises:
            TooBusy: Too many threads are held already.
        """
        stream = Stream(b"")
        try:
            self.admit(stream, kind, identity, has_room=None)
            if self._ends_waiting:
                stream.end()
            yield stream
        finally:
            stream.close()

    def end_waiting(self) -> None:
        """Have nobody wait in a thread any more: the server is about to end, and answers who is here."""
        self._ends_waiting = True
        with self._lock:
            streams = [stream for stream, each in self._open.items() if each.holds_thread]
        for stream in streams:
            stream.end()

    def close(self) -> None:
        """End all of them, and take no more."""
        self._is_closed.set()
        for stream in list(self._open):
            stream.end()

    def _forget(self, stream: Stream) -> None:
        with self._lock:
            left = self._open.pop(stream)
            self._held_threads -= left.holds_thread
            self._counts[left.kind] -= 1
        self._report(left.kind, self._counts[left.kind])
        self._report_end(left.kind, "lagging" if stream.is_lagging else "closed")

    def _watch(self) -> None:
        while not self._is_closed.wait(LOOK_SECONDS):
            with self._lock:
                if not self._open:
                    self._watcher = None
                    return
            self._end_revoked()

    def _end_revoked(self) -> None:
        with self._lock:
            streams = dict(self._open)
        valid: Mapping[str, int] | None = None
        if self._find_keys is not None:
            try:
                valid = self._find_keys({each.identity.key_id for each in streams.values()})
                self._seen_at = time.monotonic()
            except Exception as error:  # noqa: BLE001 - the edge of a thread: a look that fails must not be the last.
                if not isinstance(error, StorageUnavailable):
                    logger.error("The keys of streams could not be looked at: %s", type(error).__name__)  # noqa: TRY400
                if time.monotonic() - self._seen_at < UNSEEN_SECONDS:
                    return
                valid = {}
        now_ms = get_now_ms()
        for stream, each in streams.items():
            expires_at = each.identity.expires_at
            since = 0 if valid is None else valid.get(each.identity.key_id, float("inf"))
            if since > each.identity.form_created_at or (expires_at is not None and expires_at <= now_ms):
                stream.end()
