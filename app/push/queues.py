"""What waits between the connection and the listeners: bounded, and told in order by a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from app.push.events import AccountEvent, QuoteEvent
from app.push.listeners import Told

MOST_WAITING: Final = 10_000


class TellingQueue:
    """Hold what is to be told, up to so much; ``has_withheld`` says that something was not told for want of a term."""

    def __init__(
        self, name: str, tell: Callable[[Told], None], may_tell: Callable[[], bool], most: int = MOST_WAITING
    ) -> None:
        """Take who is told, and what says whether anything still may be told."""
        self._tell = tell
        self._may_tell = may_tell
        self._most = most
        self._waiting: deque[Told] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self.has_withheld = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, told: Told) -> bool:
        """Let it be told in its turn; False says that it was left out, for too much waits already."""
        with self._changed:
            # What is no event is rare, and must not be lost behind events.
            most = self._most if isinstance(told, AccountEvent | QuoteEvent) else 2 * self._most
            if self._is_closed or len(self._waiting) >= most:
                return False
            self._waiting.append(told)
            self._changed.notify()
        return True

    def replace(self, told: Told) -> None:
        """Forget the events that wait, and tell this in their place."""
        with self._changed:
            kept = [each for each in self._waiting if not isinstance(each, AccountEvent | QuoteEvent)]
            self._waiting = deque([*kept, told])
            self._changed.notify()

    def close(self, seconds: float) -> None:
        """Tell nothing more, and wait for who is being told, but no longer than that."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._is_closed:
                    self._changed.wait()
                if self._is_closed:
                    return
                told = self._waiting.popleft()
            # A leader that was frozen must tell nothing after another has taken over.
            if self._may_tell():
                self._tell(told)
            else:
                self.has_withheld = True
