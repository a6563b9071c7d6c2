"""The streams of quotes: how each begins, and what it is told."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from app.quote_feed.audience import Audience, News
from app.quote_feed.feed import QuoteFeed
from app.quote_feed.items import Item, read_item
from app.quote_feed.messages import Latest, Missed, Refused, Standing
from app.server.stream import Stream, get_retry
from app.streams.sse import get_event
from app.tiger.instrument import Instrument, get_members
from app.tiger.push.feeds import Feed

LEAST_BYTES: Final = 65_536
BYTES_OF_ITEM: Final = 2_048
DIGITS: Final = re.compile("[0-9]{1,18}")
NAMES: Final[Mapping[Feed, str]] = {Feed.QUOTES: "quote", Feed.DEPTH: "depth"}
"""What the event of a feed is called."""
TOO_SLOW: Final = "The stream was not read for too long: come again, and a snapshot has the latest of each."
NOT_KEPT: Final = (
    "Quotes are not kept: what changed meanwhile is told by its latest state, in the snapshot that follows."
)

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode

Known = Mapping[str, dict[str, Any]]
Fetch = Callable[[Sequence[Instrument]], Known]
"""Ask Tiger for the quotes of instruments by identifier; raise a GatewayError."""


class QuoteStreams:
    """Open streams of quotes."""

    def __init__(self, feed: QuoteFeed) -> None:
        self._feed = feed
        self._lock = threading.Lock()
        self._audiences: dict[frozenset[str], Audience] = {}

    def open(
        self, tiger_id: str, feeds: Sequence[Feed], named: Sequence[Instrument], after: str | None, fetch: Fetch
    ) -> Stream:
        """Return a stream that begins with a snapshot of all that is named, and goes on with what changes.

        ``after`` is the id of the last event that the client saw. What is not known here yet is fetched first.

        Raises:
            GatewayError: It cannot be fetched.
        """
        items = [Item(tiger_id, feed, instrument) for feed in feeds for instrument in named]
        keys = [item.key for item in items]
        unknown = [item for item in items if item.feed is Feed.QUOTES and not self._feed.knows(item.key)]
        fetched: dict[str, dict[str, Any]] = {}
        if unknown:
            found = fetch([item.instrument for item in unknown])
            fetched = {
                item.key: found[item.instrument.identifier] for item in unknown if item.instrument.identifier in found
            }
        stream = Stream(_get_gap(None, named, TOO_SLOW), LEAST_BYTES + BYTES_OF_ITEM * len(keys))
        followed = frozenset(keys)
        with self._lock:
            audience = self._audiences.get(followed) or Audience(partial(self._write, named))

            def begin(known: Mapping[str, Latest], standing: Sequence[Standing | Refused]) -> None:
                stream.put(get_retry())
                if after is not None and (missed := self._find_missed(after, items, known)):
                    stream.put(_get_gap(after, missed, NOT_KEPT))
                stream.put(self._get_snapshot(items, known, fetched))
                for message in standing:
                    stream.put(_write(self._feed.era, message))
                audience.join(stream)

            self._feed.listen(followed, audience, begin)
            self._audiences[followed] = audience
        stream.when_closed(lambda: self._leave(followed, stream))
        return stream

    def _leave(self, followed: frozenset[str], stream: Stream) -> None:
        with self._lock:
            audience = self._audiences[followed]
            if audience.leave(stream):
                self._feed.unlisten(followed, audience)
                del self._audiences[followed]

    def _write(self, named: Sequence[Instrument], message: News) -> bytes:
        if isinstance(message, Missed):
            return _get_gap(None, named, message.reason, message.since_ms)
        return _write(self._feed.era, message)

    def _find_missed(self, after: str, items: Sequence[Item], known: Mapping[str, Latest]) -> list[Instrument]:
        """Return what may have changed since an id: of another era, everything."""
        era, _, number = after.partition("-")
        is_same = era == self._feed.era and DIGITS.fullmatch(number) is not None
        newer = [
            item.instrument
            for item in items
            if not is_same or item.key not in known or known[item.key].number > int(number)
        ]
        return list(dict.fromkeys(newer))

    def _get_snapshot(self, items: Sequence[Item], known: Mapping[str, Latest], fetched: Known) -> bytes:
        told: dict[str, list[Any]] = {"quotes": [], "depth": []}
        missing: list[str] = []
        for item in items:
            latest = known.get(item.key)
            if latest is not None:
                content = _describe(item, latest.source, latest.received_ms, json.loads(latest.content))
            elif item.key in fetched:
                content = _describe(item, "poll", None, fetched[item.key])
            else:
                if item.feed is Feed.QUOTES:
                    missing.append(item.instrument.identifier)
                continue
            told[item.feed].append(content)
        number = max((latest.number for latest in known.values()), default=0)
        data = {**told, "missing": missing}
        return get_event("snapshot", data, f"{self._feed.era}-{number}")


def _describe(item: Item, source: str, received_ms: int | None, members: Mapping[str, Any]) -> dict[str, Any]:
    return {**get_members(item.instrument), **members, "source": source, "received_ms": received_ms}


def _get_gap(after: str | None, named: Sequence[Instrument], reason: str, since_ms: int | None = None) -> bytes:
    symbols = [each.identifier for each in named]
    return get_event("gap", {"after": after, "symbols": symbols, "since_ms": since_ms, "reason": reason})


def _write(era: str, message: Latest | Refused | Standing) -> bytes:
    """Return the event for a message; it is the same for every client, and made once."""
    if message is _last[0] and era == _last[1]:
        written: bytes = _last[2]
        return written
    match message:
        case Latest():
            item = read_item(message.key)
            described = _encode(_describe(item, message.source, message.received_ms, {}))
            content = f"{described[:-1]},{message.content[1:]}" if message.content != "{}" else described
            piece = f"id: {era}-{message.number}\nevent: {NAMES[item.feed]}\ndata: {content}\n\n".encode()
        case Refused():
            item = read_item(message.key)
            why = {"feed": NAMES[item.feed], "code": message.code, "reason": message.reason, "source": "poll"}
            data = get_members(item.instrument) | why
            piece = get_event("refused", data)
        case Standing():
            piece = get_event("source", {"source": message.source, "reason": message.reason})
    _last[:] = [message, era, piece]
    return piece


_last: list[Any] = [None, "", b""]
"""What was written last: hundreds of streams are told the same, one after the other."""
