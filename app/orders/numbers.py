"""Order numbers asked for ahead, so that asking for one is off an order's path.

Tiger may reserve a number for whom it is offered, or offer the next free one to all: the journal gives each to one
command.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, TypeVar

from app.errors import GatewayError, TigerError
from app.orders.journal import Journal, NumberTaken
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import reserve_order_number

KEPT_SECONDS: Final = 600.0
"""Whether Tiger lets a reserved number lapse is not documented, so old ones are not used."""
RESERVING_SECONDS: Final = 8.0
MOST_NUMBERS_TRIED: Final = 64
"""So many orders of one account may begin in the same moment before one of them finds no number of its own."""

Written = TypeVar("Written")

logger = logging.getLogger(__name__)


class OrderNumbers:
    """Keep up to ``ahead`` fresh numbers for each account that places orders.

    Each order that was placed adds one, so that there are as many as are placed at the same time, and no more.
    """

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._lock = threading.Lock()
        self._kept: dict[str, deque[tuple[float, int]]] = {}
        self._asked_for: Counter[str] = Counter()
        self._requests: SimpleQueue[Session] | None = None

    def take(self, session: Session) -> int | None:
        """Return a number that was reserved ahead, or None where there is none."""
        with self._lock:
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
        """Keep a number that was certainly not used."""
        with self._lock:
            self._kept.setdefault(session.account.account, deque()).append((time.monotonic(), number))

    def forget(self, session: Session) -> None:
        """Drop the numbers of an account that were asked for ahead: another program may have used them."""
        with self._lock:
            self._kept.pop(session.account.account, None)

    def refill(self, session: Session) -> None:
        """Reserve one more ahead, in the background, unless there are enough; returns at once."""
        account = session.account.account
        with self._lock:
            if len(self._kept.get(account, ())) + self._asked_for[account] >= self._ahead:
                return
            self._asked_for[account] += 1
            if self._requests is None:
                # One thread that stays: starting one would cost the order that is being answered.
                self._requests = SimpleQueue()
                threading.Thread(
                    target=self._reserve_forever, args=(self._requests,), name="order-numbers", daemon=True
                ).start()
            self._requests.put(session)

    def _reserve_forever(self, requests: "SimpleQueue[Session]") -> None:
        while True:
            self._reserve_ahead(requests.get())

    def _reserve_ahead(self, session: Session) -> None:
        account = session.account.account
        try:
            # The request that this session stands for has its answer, and its deadline may be over.
            deadline = Deadline.after(RESERVING_SECONDS)
            self.give_back(session, reserve_order_number(session, deadline))
        except GatewayError as error:
            logger.info("No order number could be reserved ahead for account %s: %s", account, error.code)
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the only thread that reserves.
            # Its type alone: what it says may hold what was sent.
            logger.error("Reserving an order number for account %s failed: %s", account, type(error).__name__)  # noqa: TRY400
        finally:
            with self._lock:
                self._asked_for[account] -= 1


def write_with_number(journal: Journal, account: str, offered: int, write: Callable[[int], Written]) -> Written:
    """Write a row with the number that Tiger offered, or with the first one above those that commands of ours hold.

    Raises:
        TigerError: There is none.
    """
    number = offered
    for _ in range(MOST_NUMBERS_TRIED):
        try:
            return write(number)
        except NumberTaken:
            # Tiger offered it to others of ours, too: theirs are used or about to be.
            number = journal.find_free_number(account, offered)
    raise get_spent()


def get_spent() -> TigerError:
    """Return the error for an account whose fresh order numbers are used already."""
    return TigerError("Tiger gives out order numbers that are used already; the order was not placed.")
