"""Wait for a command that another request is carrying out, without letting those who wait take all threads."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from app.errors import TooBusy
from app.orders.records import CommandRecord
from app.orders.times import LAST_SECONDS
from app.tiger.deadline import Deadline
from app.tiger.pipeline.bulkhead import Bulkhead

FIRST_PAUSE_SECONDS: Final = 0.01
LONGEST_PAUSE_SECONDS: Final = 0.2


class WaitingRoom:
    """Hold as many waiting requests as there are places, each in a thread that the bulkhead counts."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextlib.contextmanager
    def place(self, bulkhead: Bulkhead) -> Iterator[bool]:
        """Return whether there is a place to wait in, and keep it for the block."""
        with contextlib.ExitStack() as kept:
            has_place = self._places.acquire(blocking=False)
            if has_place:
                kept.callback(self._places.release)
                try:
                    # Like a read: who waits must not take the threads that are kept for orders.
                    kept.enter_context(bulkhead.entered(is_urgent=False))
                except TooBusy:
                    has_place = False
            yield has_place


def wait_while_busy(
    record: CommandRecord, read: Callable[[CommandRecord], CommandRecord], deadline: Deadline
) -> CommandRecord:
    """Return the command once no worker is at it any more, or as it stands at the deadline."""
    pause = FIRST_PAUSE_SECONDS
    while record.is_busy and deadline.remaining() > pause + LAST_SECONDS:
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        record = read(record)
    return record
