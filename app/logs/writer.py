"""Write log lines in a thread of their own, so that no request waits for the disk or for whoever reads the log.

A line is on its way a few milliseconds after it was logged. Where the log takes them slower, up to ``MOST_LINES``
wait; what comes after them is lost, and a line says how many once writing goes on.
"""

import os
import select
import threading
import time
from collections import deque

MOST_LINES = 10_000
PAUSE_SECONDS = 0.005
"""Between two times of writing: what is logged meanwhile goes together, and costs one waking of the thread."""
LAST_SECONDS = 1.0
"""How long the end of a process waits for the last lines."""


class LineWriter:
    """Write whole lines to a file descriptor; in the child of a fork a thread of its own does so."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._has_ended = False
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        # The lines that wait at a fork are the parent's to write; so is its thread.
        self._lines: deque[bytes] = deque()
        self._lost = 0
        self._is_writing = False
        self._awake = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, line: bytes) -> None:
        """Have a line written; it returns at once, whatever the log does."""
        if self._has_ended:
            self._write(line)
            return
        if len(self._lines) >= MOST_LINES:
            self._lost += 1
            return
        self._lines.append(line)
        if not self._awake.is_set():
            self._awake.set()
            if self._thread is None:
                self._start()

    def flush(self, seconds: float = LAST_SECONDS) -> None:
        """Wait until all lines are written, but no longer than this."""
        end = time.monotonic() + seconds
        while (self._lines or self._is_writing) and time.monotonic() < end:
            # The thread that writes tells nobody when it is done: a signal would cost each line, this one end.
            time.sleep(PAUSE_SECONDS / 5)

    def end(self) -> None:
        """Write what waits; whatever comes after it is written at once, since the thread may be gone."""
        self.flush()
        self._has_ended = not (self._lines or self._is_writing)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._awake.wait()
            self._is_writing = True
            self._awake.clear()
            while self._lines:
                self._write(self._take())
                if self._lost and len(self._lines) < MOST_LINES:
                    lost, self._lost = self._lost, 0
                    self._write(f"{lost} lines of the log are lost: it could not be written as fast\n".encode())
            self._is_writing = False
            # What comes meanwhile is written together.
            time.sleep(PAUSE_SECONDS)

    def _take(self) -> bytes:
        """Return the next line, with those after it that a pipe takes in one piece."""
        taken = self._lines.popleft()
        while self._lines and len(taken) + len(self._lines[0]) <= select.PIPE_BUF:
            taken += self._lines.popleft()
        return taken

    def _write(self, text: bytes) -> None:
        try:
            while text:
                text = text[os.write(self._descriptor, text) :]
        except OSError:
            # The disk is full, or nobody reads any more: there is no place to say so.
            self._lost += text.count(b"\n")
