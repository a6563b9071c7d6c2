"""An answer without an end: what is put into it goes to one client, at the pace at which that client takes it.

Our worker takes it from the view and writes it in its loop. To any other server it is an iterable like all others.
"""

import random
import threading
from collections.abc import Callable, Hashable, Iterator

HEARTBEAT = b":\n\n"
"""A comment: it keeps proxies from taking silence for an end, and finds out who has gone."""
HEARTBEAT_SECONDS = 15.0
LEAST_RETRY_MS = 500
MOST_RETRY_MS = 3_000
MOST_BYTES = 65_536


class Stream:
    """Pieces of server-sent events on their way to one client. Every method may be called from any thread.

    A piece is one event as bytes. One with a key takes the place of the one before it with the same key, where that is
    still here: a slow client gets the latest of each key, and no more. Where more than ``most_bytes`` wait, what waits
    gives way to ``gap``, and the stream ends with it.
    """

    __slots__ = (
        "_closed", "_gap", "_held_bytes", "_is_due", "_is_over", "_lock", "_more", "_most_bytes", "_number", "_pending",
        "_wake", "is_lagging", "is_prompt",
    )  # fmt: skip

    def __init__(self, gap: bytes, most_bytes: int = MOST_BYTES, *, is_prompt: bool = False) -> None:
        """Take what a client is sent last that does not keep up: what it misses, and how to read it again.

        ``is_prompt`` is one of few pieces, each of which is wanted at once.
        """
        self._gap = gap
        self.is_prompt = is_prompt
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._more: Callable[[], bytes] | None = None
        self._pending: dict[Hashable, bytes] = {}
        self._held_bytes = 0
        self._number = 0
        self._is_due = False
        self._is_over = False
        self._closed: list[Callable[[], None]] | None = []
        self._wake: Callable[[Stream], None] | None = None
        self.is_lagging = False
        """Whether the client did not keep up, and the stream was ended for it."""

    @property
    def is_open(self) -> bool:
        """Tell whether anything that is put here may still reach the client."""
        return not self._is_over

    @property
    def is_finished(self) -> bool:
        """Tell whether everything was taken that will ever be here."""
        return self._is_over and not self._pending

    def put(self, piece: bytes, key: Hashable | None = None) -> bool:
        """Have a piece sent; tell whether the stream still is one. It never waits."""
        with self._lock:
            if self._is_over:
                return False
            pending = self._pending
            if key is None:
                self._number += 1
                key = self._number
            elif (replaced := pending.pop(key, None)) is not None:
                self._held_bytes -= len(replaced)
            pending[key] = piece
            self._held_bytes += len(piece)
            if self._held_bytes > self._most_bytes:
                self._pending, self._held_bytes = {None: self._gap}, 0
                self._is_over = self.is_lagging = True
            wake = self._become_due()
        if wake is not None:
            wake(self)
        return True

    def follow(self, more: Callable[[], bytes]) -> None:
        """Send what this returns behind what was put here: something that many streams share.

        It is called whenever the stream is taken from, with the stream's lock: it must neither wait nor put anything
        here. Who has more says so by ``rouse``.
        """
        self._more = more

    def rouse(self) -> None:
        """Have the stream taken from, unless it will be anyway."""
        with self._lock:
            wake = None if self._is_over else self._become_due()
        if wake is not None:
            wake(self)

    def end(self, last: bytes | None = None) -> None:
        """Send this after what waits, and nothing more; by default when to come again, not all at the same moment."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            if self._more is not None:
                self._pending[self._number + 1] = self._more()
            self._pending[None] = get_retry() if last is None else last
            wake = self._become_due()
        if wake is not None:
            wake(self)

    def when_closed(self, act: Callable[[], None]) -> None:
        """Do this once when the client has gone or got everything; at once where that is so already.

        It runs on the thread that serves all clients, so it must neither wait nor raise.
        """
        with self._lock:
            if self._closed is not None:
                self._closed.append(act)
                return
        act()

    # What a server does.

    def serve(self, wake: Callable[["Stream"], None]) -> None:
        """Call this whenever there is something to take where there was nothing, on any thread."""
        with self._lock:
            self._wake = wake
            is_due = self._is_due
        if is_due:
            wake(self)

    def take(self) -> bytes:
        """Return all that waits; ``wake`` is called for what comes later."""
        with self._lock:
            self._is_due = False
            pieces = b""
            if self._pending:
                pieces = b"".join(self._pending.values())
                self._pending, self._held_bytes = {}, 0
            # Behind its last word there is nothing.
            return pieces if self._more is None or self._is_over else pieces + self._more()

    def close(self) -> None:
        """Say that nothing more will be sent."""
        with self._lock:
            self._is_over = True
            self._pending.clear()
            self._wake = self._more = None
            closed, self._closed = self._closed, None
        for act in closed or ():
            act()

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is put here, on a thread of its own: for servers that know nothing of streams."""
        is_due = threading.Event()
        self.serve(lambda _stream: is_due.set())
        while not self.is_finished:
            is_due.wait(HEARTBEAT_SECONDS)
            is_due.clear()
            yield self.take() or HEARTBEAT

    def _become_due(self) -> Callable[["Stream"], None] | None:
        is_due, self._is_due = self._is_due, True
        return None if is_due else self._wake


def get_retry() -> bytes:
    """Return the field that says when to come again."""
    return b"retry: %d\n\n" % random.randint(LEAST_RETRY_MS, MOST_RETRY_MS)  # noqa: S311 - spread, not secret.
