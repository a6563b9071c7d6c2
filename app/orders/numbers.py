"""Order numbers reserved ahead, so that asking for one is off an order's path.

Each is given away once by this process and dropped with it; the journal refuses one that was used by any other.
"""

import logging
import os
import threading
import time
from collections import deque
from typing import Final

from app.errors import GatewayError
from app.tiger.deadline import Deadline
from app.tiger.order_commands import reserve_order_number
from app.tiger.sessions import Session

KEPT_SECONDS: Final = 600.0
"""Whether Tiger lets a reserved number lapse is not documented, so old ones are not used."""

logger = logging.getLogger(__name__)


class OrderNumbers:
    """Keep up to ``ahead`` fresh numbers for each account that places orders."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._kept: dict[str, deque[tuple[float, int]]] = {}
        self._filling: set[str] = set()

    def take(self, session: Session) -> int | None:
        """Return a number that was reserved ahead, or None where there is none."""
        with self._lock:
            if self._process != os.getpid():
                # Numbers from before a fork belong to the parent.
                self._process = os.getpid()
                self._kept.clear()
                self._filling.clear()
            kept = self._kept.get(session.account.account, deque())
            while kept:
                reserved_at, number = kept.popleft()
                if time.monotonic() - reserved_at < KEPT_SECONDS:
                    return number
            return None

    def take_or_reserve(self, session: Session, deadline: Deadline) -> int:
        """Return a number that was reserved ahead, or reserve one now.

        Raises:
            GatewayError: Tiger gave none. Never in doubt.
        """
        number = self.take(session)
        return reserve_order_number(session, deadline) if number is None else number

    def give_back(self, session: Session, number: int) -> None:
        """Keep a number that was taken and then certainly not used."""
        with self._lock:
            self._kept.setdefault(session.account.account, deque()).append((time.monotonic(), number))

    def refill(self, session: Session) -> None:
        """Reserve ahead what is missing, in the background; returns at once."""
        account = session.account.account
        with self._lock:
            is_full = len(self._kept.get(account, ())) >= self._ahead
            if is_full or account in self._filling:
                return
            self._filling.add(account)
        threading.Thread(target=self._fill, args=(session,), name="order-numbers", daemon=True).start()

    def _fill(self, session: Session) -> None:
        account = session.account.account
        try:
            while len(self._kept.get(account, ())) < self._ahead:
                number = reserve_order_number(session, session.read_deadline())
                with self._lock:
                    self._kept.setdefault(account, deque()).append((time.monotonic(), number))
        except GatewayError as error:
            logger.info("No order number could be reserved ahead for account %s: %s", account, error.code)
        finally:
            with self._lock:
                self._filling.discard(account)
