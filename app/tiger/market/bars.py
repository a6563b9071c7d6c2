"""Fetch bars of stocks (wire method ``kline``)."""

from collections.abc import Mapping
from typing import Any, Final

from tigeropen.common.consts.service_types import KLINE
from tigeropen.quote.request.model import MultipleQuoteParams

from app.tiger.sessions import Session
from app.tiger.symbols import get_symbol
from app.tiger.wire import values
from app.tiger.wire.fields import fill

OPEN_END: Final = -1
ADJUSTED: Final = "br"
"""Prices before a split are adjusted, as the SDK does when it is not told otherwise."""


def fetch_bars(
    session: Session, symbol: str, period: str, begin_ms: int | None, end_ms: int | None, limit: int
) -> dict[str, Any]:
    """Return the newest ``limit`` bars whose time is in the range, oldest first; both ends are epoch ms, included.

    Tiger is asked for the bars up to the end alone, newest first by its page tokens, and the beginning is applied
    here: which end of a range its ``limit`` keeps is not documented.
    """
    symbol = get_symbol(symbol)
    deadline = session.read_deadline()
    bars: dict[int, dict[str, Any]] = {}
    params = _params(symbol, period, end_ms, limit)
    while True:
        page, token = _page(session.read(KLINE, params, deadline))
        size = len(bars)
        bars |= {bar["time"]: bar for bar in page if end_ms is None or bar["time"] <= end_ms}
        reached = begin_ms is not None and any(bar["time"] < begin_ms for bar in page)
        if token is None or reached or len(bars) >= limit or len(bars) == size:
            break
        params.page_token = token
    chosen = [bars[time] for time in sorted(bars) if begin_ms is None or time >= begin_ms][-limit:]
    return {"symbol": symbol, "period": period, "count": len(chosen), "bars": chosen}


def _params(symbol: str, period: str, end_ms: int | None, limit: int) -> MultipleQuoteParams:
    # Tiger leaves out the bar that begins at the end time itself (SDK get_bars_by_page).
    end = OPEN_END if end_ms is None else end_ms + 1
    chosen = {"period": period, "begin_time": OPEN_END, "end_time": end, "right": ADJUSTED, "limit": limit}
    return fill(MultipleQuoteParams(), symbols=[symbol], **chosen)


def _page(data: Any) -> tuple[list[dict[str, Any]], str | None]:
    page = next(iter(values.rows(data)), {})
    bars = [_bar(item) for item in values.rows(page.get("items"))]
    return [bar for bar in bars if bar["time"] is not None], values.text(page.get("nextPageToken"))


def _bar(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "time": values.milliseconds(item.get("time")),
        "open": values.number(item.get("open")),
        "high": values.number(item.get("high")),
        "low": values.number(item.get("low")),
        "close": values.number(item.get("close")),
        "volume": values.figure(item.get("volume")),
    }
