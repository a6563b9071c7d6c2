"""What has come before: copies of frames, and quotes that are older than what is known."""

from collections import deque
from typing import Final

from app.tiger.push.answers import PushedQuote
from app.tiger.push.quote_data import Bar, Depth, Quote

REMEMBERED: Final = 256
OVERTAKEN_MS: Final = 5_000
"""What is older by more is no frame that was overtaken, but another clock: it is taken."""
_BOTH: Final = 3


class Freshness:
    """Tell what a connection need not tell: the very bytes that came a moment ago, and what was overtaken."""

    def __init__(self) -> None:
        self._order: deque[int] = deque(maxlen=REMEMBERED)
        self._seen: set[int] = set()
        self._newest: dict[tuple[str, str, int], int] = {}

    def is_copy(self, message: bytes) -> bool:
        """Tell whether these bytes came just before; Tiger's data bears its moment, so that no event repeats them."""
        mark = hash(message)
        if mark in self._seen:
            return True
        if len(self._order) == REMEMBERED:
            self._seen.discard(self._order[0])
        self._order.append(mark)
        self._seen.add(mark)
        return False

    def is_overtaken(self, pushed: PushedQuote) -> bool:
        """Tell whether something newer of the same kind has come; of a quote each half has its own age."""
        data = pushed.data
        if not isinstance(data, Quote | Depth | Bar) or pushed.feed is None:
            return False
        moment = data.server_timestamp or data.time if isinstance(data, Bar) else data.timestamp
        if moment is None:
            return False
        halves = [half for half in (1, 2) if data.type & half] if isinstance(data, Quote) else [_BOTH]
        places = [(pushed.feed.value, pushed.key, half) for half in halves]
        ages = [self._newest.get(place, 0) - moment for place in places]
        if ages and all(0 < age <= OVERTAKEN_MS for age in ages):
            return True
        for place in places:
            self._newest[place] = moment
        return False
