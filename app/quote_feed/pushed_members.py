"""Read what Tiger pushes about a price as the members of our own answers about quotes and order books."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

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
        "avg_price": "avg_price",
    }
)
"""Our members → those of what is pushed."""
OFFERED: Final = ("bid_price", "bid_size", "ask_price", "ask_size")
OF_OFFERS: Final = frozenset({2, 3})
OF_TRADES: Final = frozenset({1, 3})
PUSHED: Final = frozenset({*TRADED, *OFFERED, "timestamp"})
"""What a push tells, so that what was asked for before it is older."""


def get_quote_changes(quote: Quote) -> dict[str, Any]:
    """Return the members that a push tells; those of the half that it does not bring are left out."""
    changes: dict[str, Any] = {}
    for name, pushed in TRADED.items():
        value = getattr(quote, pushed)
        # Tiger writes 0 where there is none; a volume may be 0.
        if value is not None and (value or name == "volume"):
            changes[name] = _number(value)
    if quote.volume_decimal:
        changes["volume"] = _number(quote.volume_decimal)
    if quote.type in OF_OFFERS:
        changes |= {name: _number(getattr(quote, name)) for name in OFFERED}
        changes |= {f"{side}_price": None for side in ("bid", "ask") if not changes[f"{side}_size"]}
    moment = quote.latest_price_timestamp or (quote.timestamp if quote.type in OF_TRADES else None)
    return changes | ({"timestamp": moment} if moment else {})


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
