"""The threads that answer: as many as have something to do at once, up to a limit."""

import queue
import threading
from collections.abc import Callable

from app.server.connections import Connection
from app.server.reading import Arrived, Refusal


class AnsweringThreads:
    """Threads that take one request after the other; unlike those of the standard library, none delays an end."""

    def __init__(self, most: int, answer: Callable[[Connection, Arrived | Refusal], None]) -> None:
        self._most = most
        self._answer = answer
        self._arrived: queue.SimpleQueue[tuple[Connection, Arrived | Refusal]] = queue.SimpleQueue()
        self._free = threading.Semaphore(0)
        """How many threads wait for a request."""
        self._count = 0

    def submit(self, connection: Connection, what: Arrived | Refusal) -> None:
        """Have a request answered by the next thread that is free; only one thread may call this."""
        self._arrived.put((connection, what))
        if not self._free.acquire(blocking=False) and self._count < self._most:
            self._count += 1
            threading.Thread(target=self._run, name=f"request-{self._count}", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._answer(*self._arrived.get())
            self._free.release()
