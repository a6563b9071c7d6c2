"""The elected worker and others of one machine, as far as quotes go: publishers and feeds around one socket."""

import json
import threading
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.push import PushHub, PushState, QuoteEvent, Refusal
from app.quote_feed.feed import QuoteFeed
from app.quote_feed.items import Item
from app.quote_feed.local_socket import LocalSocket, get_address
from app.quote_feed.publisher import QuotePublisher
from app.quote_feed.quote_streams import QuoteStreams
from app.server.stream import Stream
from app.settings import Account, Credential
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed
from app.tiger.push.quote_data import Quote

TIGER_ID, ACCOUNT = "20154747", "67686635"
ASKED = {"latest_price": 1.5, "pre_close": 1.25, "close": 1.0, "delayed": False}
EMPTY = dict.fromkeys(field.name for field in fields(Quote))


class Elected:
    """A publisher with its hub and its socket."""

    def __init__(self, folder: Path, poll_seconds: float = 60.0) -> None:
        credential = Credential(
            "main", folder, TIGER_ID, "TBNZ", "", None, (Account(ACCOUNT, TIGER_ID, "live", "TBNZ", "main"),)
        )
        self.hub = PushHub([credential])
        self.asked: list[set[str]] = []
        self.publisher = QuotePublisher(self.hub, {TIGER_ID: ACCOUNT}, self._fetch, poll_seconds)
        self.socket = LocalSocket(str(get_address(folder)), self.publisher)
        self._is_over = threading.Event()
        threading.Thread(target=self._give_signs, daemon=True).start()

    def close(self) -> None:
        self._is_over.set()
        self.socket.close()

    def _give_signs(self) -> None:
        while not self._is_over.wait(0.25):
            self.publisher.give_sign()

    def wanted(self) -> set[str]:
        return {instrument.identifier for _, instrument in self.hub._wants[TIGER_ID].list_items()}

    def connect(self, condition: Any = "connected") -> None:
        self.hub._listeners.tell(PushState(TIGER_ID, condition, 0))

    def push(self, symbol: str, price: str, kind: int = 1) -> None:
        quote = Quote(**{**EMPTY, "symbol": symbol, "type": kind, "latest_price": Decimal(price)})
        self.hub._listeners.tell(QuoteEvent(TIGER_ID, Feed.QUOTES, Instrument(symbol), 1, quote))

    def refuse(self, symbol: str) -> None:
        self.hub._listeners.tell(Refusal(TIGER_ID, 3002, "Only 100 symbols.", Feed.QUOTES, Instrument(symbol)))

    def _fetch(self, _tiger_id: str, _feed: Feed, instruments: Any) -> dict[str, dict[str, Any]]:
        self.asked.append({each.identifier for each in instruments})
        return {each.identifier: dict(ASKED) for each in instruments}


class Worker:
    """A feed and its streams."""

    def __init__(self, folder: Path) -> None:
        self.feed = QuoteFeed(get_address(folder), self._make_own, lambda _seconds: None)
        self.streams = QuoteStreams(self.feed)
        self.feed.start()

    def open(self, *symbols: str, after: str | None = None) -> Stream:
        named = [Instrument(symbol) for symbol in symbols]
        fetched = {symbol: dict(ASKED) for symbol in symbols}
        return self.streams.open(TIGER_ID, [Feed.QUOTES], named, after, lambda _feed, _named: fetched)

    @staticmethod
    def _make_own() -> QuotePublisher:
        return QuotePublisher(None, {TIGER_ID: ACCOUNT}, lambda *_: {"AAPL": dict(ASKED)}, 1.0)


def get_key(symbol: str) -> str:
    return Item(TIGER_ID, Feed.QUOTES, Instrument(symbol)).key


def read(stream: Stream) -> list[tuple[str, dict[str, Any]]]:
    """Return what waits in a stream: each event with its data."""
    events = []
    for block in stream.take().decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            events.append((lines["event"], json.loads(lines["data"])))
    return events
