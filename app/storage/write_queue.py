"""Who writes next on SQLite: those of one process in the order in which they come, and one process after the other.

SQLite itself keeps no queue. A writer that waits for its lock sleeps, in the end for a tenth of a second at a time, and
whoever asks at the right moment gets it: one who writes one thing after another keeps all others from it.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

POLL_SECONDS = 0.0005
"""Between two attempts where a writer of another process has the lock: of each process, one asks."""
GIVEN_WAY_SECONDS = 0.0015
"""How long one who comes lets those of other processes try who wait already."""

Begin = Callable[[sqlite3.Connection], None]
"""Begin a transaction that has the database's lock, or raise ``sqlite3.OperationalError``."""


class WriteQueue:
    """The writers of one process, for a database in a folder; none for one that no other process has.

    Who waits for another process holds the folder by a shared lock, which the system takes back from one that dies.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder
        self._closing: Callable[[], object] | None = None
        self.begin_anew()

    def begin_anew(self) -> None:
        """Begin without anybody who waits or writes: after a fork those are threads of another process."""
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()
        if self._closing is not None:
            self._closing()
        self._folder: int | None = None
        if self._path is not None:
            # One that was inherited is locked by two processes as if they were one.
            with contextlib.suppress(OSError):
                self._folder = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
                self._closing = weakref.finalize(self, os.close, self._folder)

    @contextlib.contextmanager
    def turn(self, patience_seconds: float) -> Iterator[Begin]:
        """Wait for those of this process who came earlier; give what waits for the lock, for what is left of the time.

        Raises:
            sqlite3.OperationalError: The others took longer.
        """
        ends_at = self.enter(patience_seconds)
        try:
            yield lambda driver: self.begin(driver, ends_at)
        finally:
            self.leave()

    def enter(self, patience_seconds: float) -> float:
        """Wait for those of this process who came earlier; return until when the lock may be waited for (monotonic).

        Raises:
            sqlite3.OperationalError: The others took longer.
        """
        ends_at = time.monotonic() + patience_seconds
        if not self._await_turn(patience_seconds):
            raise sqlite3.OperationalError("database is locked")
        return ends_at

    def begin(self, driver: sqlite3.Connection, ends_at: float) -> None:
        """Begin a transaction that has the database's lock, for whoever has the turn.

        Raises:
            sqlite3.OperationalError: Another process has the lock, and the time is over; or it cannot be had at all.
        """
        if self._hold(fcntl.LOCK_EX):
            self._let_go()
        elif self._folder is not None:
            time.sleep(GIVEN_WAY_SECONDS)
        is_waiting = False
        try:
            while True:
                try:
                    driver.execute("BEGIN IMMEDIATE").close()
                except sqlite3.OperationalError as error:
                    # Its low byte is the same whatever else is known of the reason.
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= ends_at:
                        raise
                else:
                    return
                is_waiting = is_waiting or self._hold(fcntl.LOCK_SH)
                time.sleep(POLL_SECONDS)
        finally:
            if is_waiting:
                self._let_go()

    def leave(self) -> None:
        """Let the next one have its turn."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def _await_turn(self, patience_seconds: float) -> bool:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            has_turn = mine.acquire(timeout=max(0.0, patience_seconds))
        except BaseException:
            # A signal's, on the main thread: whoever comes next must not wait for one who has gone.
            if not self._stop_waiting(mine):
                self.leave()
            raise
        # It may be given its turn at this very moment.
        return has_turn or not self._stop_waiting(mine)

    def _stop_waiting(self, mine: threading.Lock) -> bool:
        """Wait no longer; return False where the turn was given already."""
        with self._lock:
            if mine not in self._waiting:
                return False
            self._waiting.remove(mine)
            return True

    def _hold(self, how: int) -> bool:
        """Lock the folder, unless another process's lock on it is in the way."""
        if self._folder is None:
            return False
        try:
            fcntl.flock(self._folder, how | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _let_go(self) -> None:
        if self._folder is not None:
            fcntl.flock(self._folder, fcntl.LOCK_UN)
