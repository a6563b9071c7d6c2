"""The newest bars of many symbols of one market, which ask for the same but for the symbol, and all boards of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from app.tiger.pipeline.bar_batches import BARS, MOST_BARS_AT_ONCE, count_bars, get_bars_seconds
from app.tiger.pipeline.cache import Cache
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quote_batches import Noted
from app.tiger.pipeline.quote_board import MOST_FLIGHTS, MOST_KEPT, QuoteBoard
from app.tiger.pipeline.shared_cache import SharedCache

BYTES_PER_BAR: Final = 500
"""About what a bar costs as an object of six numbers (CPython 3.11)."""
MOST_KEPT_BARS: Final = MOST_FLIGHTS * MOST_BARS_AT_ONCE
"""Bars of one board: all that can be under way to those who wait for them has to find its place."""
MOST_BOARDS: Final = 64
"""Each end of a range has one of its own."""


class BarBoard(QuoteBoard):
    """Bars that are at most so many seconds old, and not of a minute that has ended since."""

    hot_seconds = hot_elsewhere_seconds = 15.0
    young_share = 0.5
    shares_rare = False

    def __init__(
        self,
        seconds: float,
        most_symbols: int,
        shared: SharedCache | None,
        key: str,
        observer: Observer,
        get_now_ms: Callable[[], int | None],
    ) -> None:
        super().__init__(seconds, most_symbols, shared, key, observer, kind=BARS)
        self._noted = Cache(MOST_KEPT_BARS, weigh=_weigh)
        self._most_shared = most_symbols
        self._get_now_ms = get_now_ms
        self._last_asked: dict[str, float] = {}

    @property
    def weight(self) -> int:
        """Return how many bars it keeps."""
        return self._noted.weight

    def _get_most_age(self) -> float:
        return get_bars_seconds(self._seconds, self._get_now_ms())

    def _ask(self, symbols: Iterable[str], now: float) -> None:
        # They are too large to travel along with others because somebody asked for them once.
        again = [symbol for symbol in symbols if self._last_asked.get(symbol, now) < now]
        self._last_asked.update(dict.fromkeys(symbols, now))
        if len(self._last_asked) > MOST_KEPT:
            asked = self._last_asked.items()
            self._last_asked = {symbol: at for symbol, at in asked if now - at < self.hot_seconds}
        super()._ask(again, now)


def _weigh(noted: Noted) -> int:
    # Whatever comes has to be kept until those who wait for it have taken it.
    return min(1 + count_bars([noted.quote]), MOST_BARS_AT_ONCE)


class BarBoards:
    """The boards that were used last, bounded by the bars they keep."""

    def __init__(self, most_bytes: int) -> None:
        """Take how much memory they may use together; one may always be there."""
        self._most_bars = most_bytes // BYTES_PER_BAR
        self._lock = threading.Lock()
        self._boards: OrderedDict[tuple[str, str], BarBoard] = OrderedDict()

    def get(self, key: tuple[str, str], make: Callable[[], BarBoard]) -> BarBoard:
        """Return the board of a user and a subject; whoever uses a forgotten one still gets its answers."""
        with self._lock:
            board = self._boards.get(key)
            if board is None:
                board = self._boards[key] = make()
            self._boards.move_to_end(key)
            bars = sum(one.weight for one in self._boards.values())
            while len(self._boards) > 1 and (len(self._boards) > MOST_BOARDS or bars > self._most_bars):
                _, forgotten = self._boards.popitem(last=False)
                bars -= forgotten.weight
        return board
