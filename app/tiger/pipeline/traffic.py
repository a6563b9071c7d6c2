"""What all calls of one process pass: built once, shared by its sessions."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Any, Final

from app.errors import GatewayError, TigerError, TigerRateLimited, TigerTimeout, TigerUnavailable, TooBusy
from app.settings import BudgetSettings, CacheSettings
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.answer_cache import AnswerCache
from app.tiger.pipeline.breaker import Breaker, Outage, says_down
from app.tiger.pipeline.bulkhead import Bulkhead
from app.tiger.pipeline.coalescing import Flights
from app.tiger.pipeline.limits import Limits
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import CallCounter, Quota
from app.tiger.pipeline.quote_board import QuoteBoard
from app.tiger.pipeline.shelf import Shelf

RETRY_PAUSE_SECONDS: Final = (0.05, 0.25)
LEAST_RETRY_SECONDS: Final = 1.0
"""With less time left a failed read is told as it is."""
DELAYED_SECONDS: Final = 15.0
"""How long delayed quotes are kept: they are as old anyway, and Tiger tells them ten times a minute."""
MEGABYTE: Final = 1024 * 1024


class Traffic:
    """Lead each call through bulkhead, breaker and budget; keep what may be answered without one."""

    def __init__(
        self,
        cache: CacheSettings,
        budget: BudgetSettings,
        *,
        threads: int,
        counter: CallCounter | None = None,
        shelf: Shelf | None = None,
        watch: Observer | None = None,
    ) -> None:
        self.settings = cache
        self.watch = watch or Observer()
        self.shelf = shelf if cache.share else None
        self.bulkhead = Bulkhead(threads, self.watch.occupied)
        self.limits = Limits(budget.limit_scale, budget.order_reserve, budget.limits)
        self.quota = Quota(counter, self.limits, self.watch)
        self.answers = AnswerCache(round(cache.megabytes * MEGABYTE))
        self.flights = Flights()
        self._lock = threading.Lock()
        self._breakers: dict[tuple[str, str, bool], Breaker] = {}
        self._reaches: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._boards: dict[tuple[str, str, bool], QuoteBoard] = {}

    @property
    def outages(self) -> dict[str, Outage]:
        """Return, for each credential of which every call fails, whatever its method, how and since when."""
        return {name: reach.outage for name, reach in tuple(self._reaches.items()) if reach.outage}

    def get_reach(self, name: str) -> Breaker:
        """Return what counts the calls of a credential of all methods together; it refuses none."""
        return self._reaches[name]

    def get_board(self, tiger_id: str, market: str, is_delayed: bool = False) -> QuoteBoard:
        """Return the quotes of a market as a credential may see them, in real time or delayed."""
        board = self._boards.get((tiger_id, market, is_delayed))
        if board is None:
            with self._lock:
                key = f"{'delayed' if is_delayed else 'quotes'}/{tiger_id}/{market}"
                seconds = max(self.settings.quote_seconds, DELAYED_SECONDS if is_delayed else 0.0)
                new = QuoteBoard(seconds, market, self.shelf, key, self.watch)
                board = self._boards.setdefault((tiger_id, market, is_delayed), new)
        return board

    def share(self, key: Hashable, method: str, call: Callable[[], Any], deadline: Deadline, *, behind: bool) -> Any:
        """Make a read, or share the call of an identical one that is under way."""
        if not self.settings.coalesce:
            return call()
        return self.flights.share(key, call, deadline, behind=behind, tell=lambda: self.watch.coalesced(method))

    def send(
        self,
        payer: tuple[str, str, str],
        method: str,
        send: Callable[[], Any],
        deadline: Deadline,
        *,
        is_urgent: bool,
        may_repeat: bool,
    ) -> Any:
        """Make one call within the budget, and a harmless one that failed on its way once more.

        ``payer`` is the name of a credential, its tiger_id, and the account.

        Raises:
            TigerUnavailable: The method's circuit is open.
            TigerRateLimited: No permit comes before the deadline, or Tiger itself refused.
            TooBusy: Too many threads wait for Tiger already.
            TigerTimeout: The time is over; nothing was sent.
            GatewayError: As ``send`` does.
        """
        if deadline.has_passed:
            # It says nothing about this method of Tiger's, and costs nothing of its limits.
            raise TigerTimeout("The time was over before Tiger could be asked.")
        breaker = self._get_breaker(payer[0], method, is_urgent=is_urgent)
        try:
            breaker.admit()
        except TigerUnavailable:
            self.watch.refused(method, "breaker")
            raise
        try:
            return self._send_counted(payer, method, send, deadline, breaker, is_urgent=is_urgent)
        except GatewayError as error:
            if not may_repeat or not failed_on_its_way(error) or deadline.remaining() < LEAST_RETRY_SECONDS:
                raise
        # Many may have failed at the same moment: they come back one by one.
        time.sleep(random.uniform(*RETRY_PAUSE_SECONDS))  # noqa: S311 - jitter.
        return self._send_counted(payer, method, send, deadline, breaker, is_urgent=is_urgent)

    def _send_counted(
        self,
        payer: tuple[str, str, str],
        method: str,
        send: Callable[[], Any],
        deadline: Deadline,
        breaker: Breaker,
        *,
        is_urgent: bool,
    ) -> Any:
        name, tiger_id, account = payer
        counted = deadline.for_(Purpose.COMMAND) if is_urgent and not deadline.is_urgent else deadline
        permit = self.quota.take(tiger_id, account, method, counted)
        self.watch.sent(method)
        try:
            answer = send()
        except GatewayError as error:
            if isinstance(error, TigerRateLimited):
                self.quota.pause(tiger_id, account, method, error.retry_after)
            if not isinstance(error, TooBusy):
                for each in (breaker, self.get_reach(name)):
                    each.record(error if says_down(error) else None)
            raise
        else:
            breaker.record(None)
            self.get_reach(name).record(None)
            return answer
        finally:
            self.quota.release(permit)

    def _get_breaker(self, name: str, method: str, *, is_urgent: bool) -> Breaker:
        key = (name, method, is_urgent)
        breaker = self._breakers.get(key)
        if breaker is None:
            with self._lock:
                new = Breaker(lambda is_open: self.watch.breaker(name, method, is_open))
                breaker = self._breakers.setdefault(key, new)
        return breaker


def failed_on_its_way(error: GatewayError) -> bool:
    """Tell whether a call failed in a way that may be over a moment later."""
    return isinstance(error, TigerUnavailable) or (type(error) is TigerError and says_down(error))
