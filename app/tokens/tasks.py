"""Threads that fetch a token. The process does not end before they have: a token that comes then would be lost."""

import logging
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from app.clock import get_elapsed
from app.errors import GatewayError

POLL_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 1.0

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class Tasks:
    """What this process has under way, by tiger_id. One that hangs does not hold up the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: list[tuple[str, threading.Thread, Future[Any]]] = []

    def start(self, tiger_id: str, work: Callable[[], Result]) -> Future[Result]:
        """Begin a piece of work, and return what will hold its result, or what it raised, which is logged."""
        future: Future[Result] = Future()

        def run() -> None:
            try:
                result = work()
            except GatewayError as error:
                logger.warning("Token refresh of tiger_id %s: %s (%s)", tiger_id, error.message, error.code)
                future.set_exception(error)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: its exception would be printed with its text.
                trace = "".join(traceback.format_tb(error.__traceback__))
                logger.error("Token refresh of tiger_id %s: %s\n%s", tiger_id, type(error).__name__, trace)  # noqa: TRY400
                future.set_exception(error)
            else:
                future.set_result(result)

        # The interpreter waits for it, after a Ctrl-C as well.
        thread = threading.Thread(target=run, name=f"token-{tiger_id}", daemon=False)
        with self._lock:
            self._tasks = [each for each in self._tasks if each[1].is_alive()]
            thread.start()
            self._tasks.append((tiger_id, thread, future))
        return future

    def find(self, tiger_id: str) -> Future[Any] | None:
        """Return what is under way for it, or None."""
        return next((future for owner, _, future in self._tasks if owner == tiger_id and not future.done()), None)

    def wait(self, tiger_id: str, most_seconds: float) -> None:
        """Wait until what is under way here for it has ended; where it is another process's, for a moment."""
        future = self.find(tiger_id)
        if future is None:
            time.sleep(min(POLL_SECONDS, most_seconds))
        else:
            # Not for the thread: a signal that interrupts its join() makes it look as if it had ended (CPython 3.11).
            wait([future], min(LONGEST_WAIT_SECONDS, most_seconds))

    def join(self, seconds: float) -> None:
        """Wait until all of it has ended, no longer than this."""
        ends = get_elapsed() + seconds
        for _, thread, _ in tuple(self._tasks):
            thread.join(max(0.0, ends - get_elapsed()))
