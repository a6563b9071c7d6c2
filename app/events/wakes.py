"""Who is told that an account has new events: the threads of this process that wait for them, and others."""

import threading
from collections.abc import Callable

Listener = Callable[[str, int], None]


class Wakes:
    """Pass the word on. It may come a moment before the row can be seen: its transaction may not have ended yet."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def add(self, listener: Listener) -> None:
        """Have this called with the account and the number, on the thread that writes: without a wait."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def wake(self, account: str, number: int) -> None:
        """Say that an account has, or is about to have, an event of this number."""
        for listener in self._listeners:
            listener(account, number)
