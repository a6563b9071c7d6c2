"""Follows what quotes are subscribed for, and publishes what has changed about once a second."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from app.simulator.push.books import MOST_TRADES, compress, count_trades, expand, get_depth, list_trades
from app.simulator.push.events import FULL_TICKS, Event
from app.simulator.push.quotes import QuoteReader, get_changed
from app.simulator.push.subjects import EVENT_TYPES
from app.simulator.push.tops import INDICATORS, get_top
from app.simulator.push.vocabulary import QUOTE_TOPICS, DataType
from app.simulator.trading.contracts import Contract

TURN_SECONDS = 0.01
"""So long subjects are looked at in one turn of the event loop, and so long everybody else has the next ones."""
TOP_SECONDS = 30
_STAMPS = frozenset({"timestamp", "serverTimestamp", "time", "count"})

Key = tuple[DataType, str]


@dataclass(slots=True)
class Followed:
    """Hold a contract that is followed in a topic, and what was told of it last."""

    contract: Contract
    told: dict[str, Any] = field(default_factory=dict)
    next_trade: int = 0


def get_key(topic: DataType, contract: Contract) -> Key:
    """Return under which key a contract is followed: quotes are one topic, however they were asked for."""
    return (DataType.Quote if topic in QUOTE_TOPICS else topic), contract.key


class QuoteFeed:
    """Look at each subject that is followed; what has ended is dropped without a word."""

    def __init__(self, reader: QuoteReader, publish: Callable[[Key, Event], None]) -> None:
        self._reader = reader
        self._publish = publish
        self._followed: dict[Key, Followed] = {}
        self._second = -1
        self._waiting: deque[Key] = deque()
        self._top_second = 0

    def follow(self, topic: DataType, contract: Contract) -> None:
        """Follow a contract from now on."""
        key = get_key(topic, contract)
        if key not in self._followed:
            followed = self._followed[key] = Followed(contract)
            self._look(key, followed)

    def retain(self, wanted: Iterable[Key]) -> None:
        """Follow nothing but this any more."""
        kept = set(wanted)
        self._followed = {key: followed for key, followed in self._followed.items() if key in kept}

    def get_snapshot(self, topic: DataType, contract: Contract) -> list[Event]:
        """Return how a contract stands, for somebody who knows nothing of it; of trades only those to come are told."""
        followed = self._followed.get(get_key(topic, contract))
        if followed is None or topic is DataType.TradeTick:
            return []
        return [self._make_event(get_key(topic, contract)[0], contract, followed.told)]

    def tick(self, *, at_once: bool = False) -> None:
        """Look at everything once a second and publish what has changed; ``at_once`` all of it before this returns."""
        second = self._reader.market.now_ms() // 1000
        if at_once or (second != self._second and not self._waiting):
            self._second, self._waiting = second, deque(self._followed)
            self._take_turn(float("inf") if at_once else TURN_SECONDS)

    def _take_turn(self, seconds: float = TURN_SECONDS) -> None:
        """Look at what waits for so long, and leave the rest to further turns."""
        until = time.perf_counter() + seconds
        try:
            while self._waiting and time.perf_counter() < until:
                key = self._waiting.popleft()
                followed = self._followed.get(key)
                if followed is not None:
                    for event in self._look(key, followed):
                        self._publish(key, event)
        finally:
            if self._waiting:
                asyncio.get_running_loop().call_later(TURN_SECONDS, self._take_turn)

    def get_top(self, topic: DataType, market: str) -> Event:
        """Return all ranks of a market."""
        return Event(topic, get_top(self._reader, topic, market, INDICATORS[topic]))

    def begin_tops(self) -> None:
        """Count the time to the next ranks from now."""
        self._top_second = self._reader.market.now_ms() // 1000

    def are_tops_due(self) -> bool:
        """Say, once in thirty seconds, that it is time to tell the ranks."""
        second = self._reader.market.now_ms() // 1000
        if second - self._top_second < TOP_SECONDS:
            return False
        self._top_second = second
        return True

    def _look(self, key: Key, followed: Followed) -> list[Event]:
        """Return what has changed, and keep it as told."""
        try:
            if key[0] is DataType.TradeTick:
                return self._look_at_trades(followed)
            return self._compare(key[0], followed)
        except LookupError:
            del self._followed[key]
            return []

    def _compare(self, topic: DataType, followed: Followed) -> list[Event]:
        contract, before = followed.contract, followed.told
        now = followed.told = self._read(topic, contract)
        if topic is DataType.Quote:
            changed = get_changed(before, now)
            return [self._make_event(topic, contract, changed)] if changed and before else []
        is_new = {name: value for name, value in now.items() if name not in _STAMPS} != {
            name: value for name, value in before.items() if name not in _STAMPS
        }
        return [self._make_event(topic, contract, now)] if is_new and before else []

    def _read(self, topic: DataType, contract: Contract) -> dict[str, Any]:
        if topic is DataType.Quote:
            return self._reader.get_quote(contract)
        return get_depth(self._reader, contract) if topic is DataType.QuoteDepth else self._reader.get_bar(contract)

    def _make_event(self, topic: DataType, contract: Contract, values: dict[str, Any]) -> Event:
        data_type = EVENT_TYPES.get(contract.sec_type, topic) if topic is DataType.Quote else topic
        return Event(data_type, values)

    def _look_at_trades(self, followed: Followed) -> list[Event]:
        contract, now_ms = followed.contract, self._reader.market.now_ms()
        if not followed.told:
            followed.told, followed.next_trade = {"isFollowed": True}, count_trades(self._reader, contract)
            return []
        newest = list_trades(self._reader, contract, MOST_TRADES)
        first = newest[0]["index"] if newest else 0
        # A new session counts from zero again.
        begun_anew = bool(newest) and newest[-1]["index"] + 1 < followed.next_trade
        trades = newest[0 if begun_anew else max(0, followed.next_trade - first) :]
        if not trades:
            return []
        followed.next_trade = trades[-1]["index"] + 1
        compressed = Event(DataType.TradeTick, compress(contract, trades, now_ms))
        return [compressed, Event(DataType.TradeTick, expand(contract, trades, now_ms), message=FULL_TICKS)]
