"""Carry settlements to the ledger in the background: no request waits for what is only put down."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.tiger.pipeline.budget import Settlement

MOST_KEPT: Final = 10_000


class Settling:
    """Hold settlements until a thread, started when it is first needed, has sent them."""

    def __init__(self, send: "Callable[[], float | None]") -> None:
        """Take what sends them and returns in how many seconds to call it again, or None."""
        self._send = send
        self._lock = threading.Lock()
        self._kept: list[Settlement] = []
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._look_in: float | None = None

    def add(self, settlement: "Settlement") -> None:
        """Have one sent soon."""
        with self._lock:
            if len(self._kept) < MOST_KEPT:
                self._kept.append(settlement)
        self.expect(0.0)

    def expect(self, seconds: float) -> None:
        """Have the sender called in so many seconds."""
        with self._lock:
            self._look_in = seconds if self._look_in is None else min(seconds, self._look_in)
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="tiger-budget", daemon=True)
                self._thread.start()
        self._wake.set()

    def take(self) -> "list[Settlement]":
        """Return what is to be sent."""
        with self._lock:
            kept, self._kept = self._kept, []
        return kept

    def put_back(self, settlements: "Sequence[Settlement]") -> None:
        """Keep what could not be sent."""
        with self._lock:
            self._kept = [*settlements, *self._kept][:MOST_KEPT]

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            self._stopping = True
            thread = self._thread
        self._wake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(2.0)

    def _run(self) -> None:
        while True:
            with self._lock:
                seconds, self._look_in = self._look_in, None
            # Whatever comes up meanwhile wakes this early; then the sender says when to look again.
            if seconds is None or seconds > 0:
                self._wake.wait(seconds)
                self._wake.clear()
            if self._is_stopping():
                return
            if seconds is not None:
                self._plan(self._send())

    def _plan(self, again: float | None) -> None:
        if again is not None:
            with self._lock:
                self._look_in = again if self._look_in is None else min(again, self._look_in)

    def _is_stopping(self) -> bool:
        return self._stopping
