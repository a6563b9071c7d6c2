"""What the stages of all calls of one process share: built once, used by all its sessions."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from app.settings import BudgetSettings, CacheSettings
from app.tiger.pipeline.bar_board import BarBoard, BarBoards
from app.tiger.pipeline.breaker import Breaker, Outage
from app.tiger.pipeline.bulkhead import Bulkhead
from app.tiger.pipeline.cache import Cache
from app.tiger.pipeline.call import Clearance
from app.tiger.pipeline.limits import Limits
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import CallCounter, Quota
from app.tiger.pipeline.quote_batches import DEPTH, Noted
from app.tiger.pipeline.quote_board import QuoteBoard
from app.tiger.pipeline.shared_cache import SharedCache
from app.tiger.pipeline.single_flight import SingleFlight

MEGABYTE: Final = 1024 * 1024
FindPushed = Callable[[str, str], Noted | None]


class Pipeline:
    """Hold the places in the bulkhead, what is kept, the circuits and the quota of one process."""

    def __init__(
        self,
        cache: CacheSettings,
        budget: BudgetSettings,
        *,
        threads: int,
        counter: CallCounter | None = None,
        shared_cache: SharedCache | None = None,
        observer: Observer | None = None,
        clearance: Clearance | None = None,
    ) -> None:
        self.settings = cache
        self.clearance = clearance
        self.observer = observer or Observer()
        self.shared_cache = shared_cache if cache.share else None
        self.bulkhead = Bulkhead(threads, self.observer.occupied)
        self.limits = Limits(budget.limit_scale, budget.order_reserve, budget.limits)
        self.quota = Quota(counter, self.limits, self.observer)
        self.cache = Cache(round(cache.megabytes * MEGABYTE))
        self.flights = SingleFlight(self.observer.coalesced)
        self._lock = threading.Lock()
        self._circuits: dict[tuple[str, str, bool], Breaker] = {}
        self._reaches: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._boards: dict[tuple[str, str], QuoteBoard] = {}
        self.find_pushed: FindPushed | None = None
        """Where there is one: what tells the quote of a stock that Tiger pushes, by tiger_id and symbol."""
        self._bar_boards = BarBoards(round(cache.megabytes * MEGABYTE))

    @property
    def outages(self) -> dict[str, Outage]:
        """Return, for each credential of which every call fails, whatever its method, how and since when."""
        return {name: reach.outage for name, reach in tuple(self._reaches.items()) if reach.outage}

    def get_reach(self, name: str) -> Breaker:
        """Return what counts the calls of a credential of all methods together; it refuses none."""
        return self._reaches[name]

    def get_circuit(self, name: str, method: str, *, is_urgent: bool) -> Breaker:
        """Return the circuit of a credential's method; what is done for orders has circuits of its own."""
        key = (name, method, is_urgent)
        circuit = self._circuits.get(key)
        if circuit is None:
            with self._lock:
                new = Breaker(lambda is_open: self.observer.breaker(name, method, is_open))
                circuit = self._circuits.setdefault(key, new)
        return circuit

    def get_board(
        self, tiger_id: str, subject: str, counted_as: str, most_names: int, least_seconds: float = 0.0
    ) -> QuoteBoard:
        """Return the quotes or order books of one kind and market as a credential may see them.

        One call may ask for so many of them, and they are kept for so long at least; order books where quotes are.
        """
        board = self._boards.get((tiger_id, subject))
        if board is None:
            with self._lock:
                kind, _, market = subject.partition("/")
                name, seconds = f"{kind}/{tiger_id}/{market}", self.settings.quote_seconds
                if seconds > 0 or counted_as != DEPTH:
                    seconds = max(seconds, least_seconds)
                new = QuoteBoard(seconds, most_names, self.shared_cache, name, self.observer, kind=counted_as)
                board = self._boards.setdefault((tiger_id, subject), new)
        return board

    def get_bar_board(
        self, tiger_id: str, subject: str, most_names: int, get_now_ms: Callable[[], int | None]
    ) -> BarBoard:
        """Return the bars of one question and market, as ``get_board``; they keep to Tiger's time."""

        def make() -> BarBoard:
            question, _, market = subject.partition("/")
            name, seconds = f"{question}/{tiger_id}/{market}", self.settings.bars_seconds
            return BarBoard(seconds, most_names, self.shared_cache, name, self.observer, get_now_ms)

        return self._bar_boards.get((tiger_id, subject), make)
