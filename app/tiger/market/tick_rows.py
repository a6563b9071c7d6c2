"""Read the ticks of Tiger's answers, each with the index under which it can be asked for again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.tiger.wire import values
from app.tiger.wire.options import get_option_identifier

TRADES_A_MILLISECOND: Final = 1_000
"""An option's ticks are numbered by their time, and by their place among those of the same millisecond."""

Tick = dict[str, Any]
Ticks = Mapping[str | None, list[Tick]]


def get_stock_ticks(data: Any) -> Ticks:
    """Return the ticks of an answer of ``trade_tick`` by symbol, numbered from its first index."""
    return {
        values.text(row.get("symbol")): _number(row.get("items"), row.get("beginIndex")) for row in values.rows(data)
    }


def get_future_ticks(data: Any) -> Ticks:
    """Return the ticks of an answer of ``future_tick`` by contract code."""
    rows = {values.text(row.get("contractCode")): _get_items(row.get("items")) for row in _get_streams(data)}
    return {code: [{**_decode(item), "index": values.whole(item.get("index"))} for item in rows[code]] for code in rows}


def get_option_ticks(data: Any) -> Ticks:
    """Return the ticks of an answer of ``option_trade_tick`` by identifier, numbered by their time."""
    return {get_option_identifier(row): _number_by_time(row.get("items")) for row in values.rows(data)}


def _get_streams(data: Any) -> Sequence[Mapping[str, Any]]:
    # Of one future Tiger sends an object, whose items are ticks, not streams.
    return [data] if isinstance(data, dict) else values.rows(data)


def _get_items(items: Any) -> list[Mapping[str, Any]]:
    """Return all items, also those that cannot be read: each of them counts."""
    return [values.mapping(item) for item in items] if isinstance(items, list) else []


def _number(items: Any, begin: Any) -> list[Tick]:
    first = values.whole(begin)
    numbered = enumerate(_get_items(items), first or 0)
    return [{**_decode(item), "index": None if first is None else number} for number, item in numbered]


def _number_by_time(items: Any) -> list[Tick]:
    ticks = sorted((tick for tick in map(_decode, _get_items(items)) if tick["time"]), key=lambda tick: tick["time"])
    before, place = 0, 0
    for tick in ticks:
        place = place + 1 if tick["time"] == before else 0
        before = tick["time"]
        tick["index"] = before * TRADES_A_MILLISECOND + place
    return ticks


def _decode(item: Mapping[str, Any]) -> Tick:
    # A literal: they come by the thousand.
    return {
        "index": None,
        "time": values.milliseconds(item.get("time")),
        "price": values.number(item.get("price")),
        "size": values.figure(item.get("volume")),
        "direction": values.text(item.get("type")),
    }
