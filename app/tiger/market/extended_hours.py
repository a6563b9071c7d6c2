"""Read what a United States stock was traded at outside of the regular session.

``quote_real_time`` has the newer one of the sessions before and after the regular one as ``hourTrading``
[StockBriefsResponse], ``quote_overnight`` the night [QuoteOvernightResponse].
"""

from collections.abc import Mapping
from typing import Any, Final

from app.tiger.wire import values

TAGS: Final = {
    **dict.fromkeys(("Pre-Mkt", "盘前", "盤前"), "pre"),
    **dict.fromkeys(("Post-Mkt", "盘后", "盤後"), "post"),
}
"""How Tiger names the session, in each of its languages."""
NO_HOURS: Final[Mapping[str, None]] = {"pre": None, "post": None, "overnight": None}

Hours = dict[str, dict[str, Any] | None]


def get_hours(row: Mapping[str, Any]) -> Hours:
    """Return what a row of ``quote_real_time`` tells: the session that it tells of is set, the others are None."""
    trading = values.mapping(row.get("hourTrading"))
    name = TAGS.get(values.text(trading.get("tag")) or "")
    return {**NO_HOURS, **({name: _get_part(trading)} if name else {})}


def get_overnight(data: Any) -> dict[str, dict[str, Any]]:
    """Return what an answer of ``quote_overnight`` tells of the night, by symbol."""
    rows = values.rows(data)
    return {symbol: {"overnight": _get_part(row)} for row in rows if (symbol := values.text(row.get("symbol")))}


def _get_part(part: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the last price of a session, its distance to the regular close before, what was traded, and when."""
    price, before = (values.decimal(values.price(part.get(name))) for name in ("latestPrice", "preClose"))
    if price is None:
        return None
    change = None if before is None else price - before
    return {
        "price": values.json_number(price),
        "change": values.json_number(change),
        "volume": values.figure(part.get("volume")),
        # The moment is in one member or the other; the text beside it ("04:31 EDT") has no day.
        "time": values.milliseconds(part.get("timestamp")) or values.milliseconds(part.get("latestTime")),
    }
