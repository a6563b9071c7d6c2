"""Wait for a command that another request is carrying out, without letting those who wait take all threads."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from app.orders.entries import Entry
from app.tiger.deadline import Deadline

FIRST_PAUSE_SECONDS: Final = 0.01
LONGEST_PAUSE_SECONDS: Final = 0.2
LAST_SECONDS: Final = 0.15
"""What is kept for answering."""


class WaitingRoom:
    """Hold as many waiting requests as there are places."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextlib.contextmanager
    def place(self) -> Iterator[bool]:
        """Tell whether there is a place to wait in, and keep it for the block."""
        has_place = self._places.acquire(blocking=False)
        try:
            yield has_place
        finally:
            if has_place:
                self._places.release()


def wait_while_busy(entry: Entry, read: Callable[[Entry], Entry], deadline: Deadline) -> Entry:
    """Return the command once no worker is at it any more, or as it stands at the deadline."""
    pause = FIRST_PAUSE_SECONDS
    while entry.is_busy and deadline.remaining() > pause + LAST_SECONDS:
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        entry = read(entry)
    return entry
