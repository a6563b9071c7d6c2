"""Read what Tiger pushes about a price as the members of our own answers about quotes and order books."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from app.tiger.market.extended_hours import NO_HOURS, TAGS
from app.tiger.push.quote_data import Depth, Level, Quote

TRADED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "latest_price": "latest_price",
        "pre_close": "pre_close",
        "open": "open",
        "high": "high",
        "low": "low",
        "volume": "volume",
        "open_interest": "open_int",
    }
)
"""Our members → those of what is pushed."""
OFFERED: Final = ("bid_price", "bid_size", "ask_price", "ask_size")
OF_OFFERS: Final = frozenset({2, 3})
OF_TRADES: Final = frozenset({1, 3})
PUSHED: Final = frozenset({*TRADED, *OFFERED, "timestamp"})
"""What a push tells, so that what was asked for before it is older."""


HOURS: Final = "extended_hours"


def get_quote_changes(quote: Quote) -> dict[str, Any]:
    """Return the members that a push tells; those of the half that it does not bring are left out.

    Outside of the regular session Tiger tells that session's trades under the same names: ours stay those of the
    regular one, as in our answers.
    """
    changes = _get_hours(quote) if quote.hour_trading_tag else _get_traded(quote)
    if quote.type in OF_OFFERS:
        changes |= {name: _number(getattr(quote, name)) for name in OFFERED}
        changes |= {f"{side}_price": None for side in ("bid", "ask") if not changes[f"{side}_size"]}
    return changes


def _get_traded(quote: Quote) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, pushed in TRADED.items():
        value = getattr(quote, pushed)
        # Tiger writes 0 where there is none; a volume may be 0.
        if value is not None and (value or name == "volume"):
            changes[name] = _number(value)
    if quote.volume_decimal:
        changes["volume"] = _number(quote.volume_decimal)
    moment = quote.latest_price_timestamp or (quote.timestamp if quote.type in OF_TRADES else None)
    return changes | ({"timestamp": moment} if moment else {})


def _get_hours(quote: Quote) -> dict[str, Any]:
    name, price, before = TAGS.get(quote.hour_trading_tag or ""), quote.latest_price, quote.pre_close
    if name is None or not price:
        return {}
    change = price - before if before else None
    moment = quote.latest_price_timestamp or quote.timestamp
    part = {"price": _number(price), "change": _number(change), "volume": _number(quote.volume), "time": moment}
    return {HOURS: {**NO_HOURS, name: part}}


def merge(known: Mapping[str, Any], asked: Mapping[str, Any], *, was_pushed: bool) -> dict[str, Any]:
    """Return what was asked for, under what was pushed meanwhile, or before it and is of a later moment."""
    is_late = (known.get("timestamp") or 0) > (asked.get("timestamp") or float("inf"))
    kept = (*PUSHED, HOURS) if was_pushed or is_late else (HOURS,)
    return {**asked, **{name: known[name] for name in kept if name in known}}


def get_book(depth: Depth) -> dict[str, Any]:
    """Return both sides of an order book, the best price first."""
    return {"asks": [_get_level(each) for each in depth.asks], "bids": [_get_level(each) for each in depth.bids]}


def _get_level(level: Level) -> dict[str, Any]:
    return {"price": _number(level.price), "size": level.volume, "orders": level.order_count}


def _number(value: Decimal | int | None) -> int | float | None:
    """Return a number for JSON, an int where it is whole."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
