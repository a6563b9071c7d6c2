"""Threads that fetch a token. The process does not end before they have: a token that comes then would be lost."""

import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future

from app.clock import get_elapsed
from app.errors import GatewayError

logger = logging.getLogger(__name__)


class AtWork:
    """What this process has under way, by tiger_id. One that hangs does not hold up the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, tiger_id: str, work: Callable[[], None]) -> Future[None]:
        """Begin a piece of work, and return where its end, or what it raised, will be told."""
        future: Future[None] = Future()

        def run() -> None:
            try:
                work()
                future.set_result(None)
            except GatewayError as error:
                logger.warning("Token refresh of tiger_id %s: %s (%s)", tiger_id, error.message, error.code)
                future.set_exception(error)
            except Exception as error:  # noqa: BLE001 - the edge of a thread: its exception would be printed with its text.
                trace = "".join(traceback.format_tb(error.__traceback__))
                logger.error("Token refresh of tiger_id %s: %s\n%s", tiger_id, type(error).__name__, trace)  # noqa: TRY400
                future.set_exception(error)

        # The interpreter waits for it, after a Ctrl-C as well.
        thread = threading.Thread(target=run, name=f"token-{tiger_id}", daemon=False)
        with self._lock:
            self._threads = [each for each in self._threads if each.is_alive()]
            thread.start()
            self._threads.append(thread)
        return future

    def is_at(self, tiger_id: str) -> bool:
        """Tell whether anything is under way for it."""
        return any(thread.is_alive() and thread.name == f"token-{tiger_id}" for thread in self._threads)

    def join(self, seconds: float) -> None:
        """Wait until all of it has ended, no longer than this."""
        ends = get_elapsed() + seconds
        for thread in tuple(self._threads):
            thread.join(max(0.0, ends - get_elapsed()))
