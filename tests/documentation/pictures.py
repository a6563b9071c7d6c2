"""Draw what the gateway answers: each picture from the data of one answer."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from tests.documentation.drawing import (
    DOWN,
    FOOT,
    HEAD,
    LEFT,
    LINE,
    QUIET,
    SECOND,
    UP,
    Chart,
    Scale,
    get_bounds,
    get_ticks,
)

Data = Mapping[str, Any]
NEW_YORK = ZoneInfo("America/New_York")
VOLUME_HEIGHT = 60


def draw_candles(data: Data) -> str:
    """Draw the bars of ``kline`` as candles, the volume below them."""
    bars = data["bars"]
    chart = Chart(f"{data['symbol']}, a candle a day", 'POST /api/market/kline {"period": "day"}', 380)
    floor = chart.height - FOOT
    across = Scale(-0.5, len(bars) - 0.5, LEFT, chart.right)
    low, high = get_bounds(bar[name] for bar in bars for name in ("low", "high"))
    up = Scale(low, high, floor - VOLUME_HEIGHT - 14, HEAD)
    volume = Scale(0, max(bar["volume"] for bar in bars), 0, VOLUME_HEIGHT)
    chart.label_values(up, "{:,.0f}".format)
    chart.text(chart.right + 8, floor - VOLUME_HEIGHT + 10, "volume")
    _label_months(chart, [dt.datetime.fromtimestamp(bar["time"] / 1000, NEW_YORK).date() for bar in bars], across)
    body = (across(1) - across(0)) * 0.62
    for number, bar in enumerate(bars):
        x, colour = across(number), UP if bar["close"] >= bar["open"] else DOWN
        chart.box(x - body / 2, floor, body, -volume(bar["volume"]), colour, 0.35)
        chart.rule(x, up(bar["high"]), x, up(bar["low"]), colour)
        chart.box(x - body / 2, up(bar["open"]), body, up(bar["close"]) - up(bar["open"]), colour)
    return chart.write()


def draw_depth(data: Data) -> str:
    """Draw the order book of ``depth``: how much is wanted down to a price, and offered up to it."""
    chart = Chart(f"{data['symbol']}, the order book", "POST /api/market/depth: shares wanted and offered, added up")
    bids, asks = (
        list(zip([level["price"] for level in side], accumulate(level["size"] for level in side), strict=True))
        for side in (data["bids"], data["asks"])
    )
    floor = chart.height - FOOT
    step = asks[1][0] - asks[0][0]
    across = Scale(bids[-1][0] - step, asks[-1][0] + step, LEFT, chart.right)
    up = Scale(0, max(total for _, total in bids + asks) * 1.08, floor, HEAD)
    chart.label_values(up, "{:,.0f}".format, 4)
    for side, colour, edge in ((bids, UP, across.low), (asks, DOWN, across.high)):
        steps = [(side[0][0], 0)]
        for price, total in side:
            steps += [(price, steps[-1][1]), (price, total)]
        steps.append((edge, steps[-1][1]))
        chart.line([(across(price), up(total)) for price, total in steps], colour, base=floor)
    chart.label_places(
        [(across(price), f"{price:,.2f}") for price in get_ticks(across.low, across.high, 7)], floor + 20
    )
    chart.legend([("wanted", UP), ("offered", DOWN)])
    return chart.write()


def draw_performance(data: Data) -> str:
    """Draw the worth of an account from ``performance``, and below it the profit of each day."""
    days = data["history"]
    chart = Chart(
        "What an account was worth", "POST /api/trade/performance: worth, and profit or loss of each day", 360
    )
    floor = chart.height - FOOT - VOLUME_HEIGHT - 20
    across = Scale(0, len(days) - 1, LEFT, chart.right)
    up = Scale(*get_bounds((day["asset"] for day in days), 0.15), floor, HEAD)
    chart.label_values(up, "{:,.0f}".format)
    _label_months(chart, [dt.date.fromisoformat(day["date"]) for day in days], across)
    chart.line([(across(number), up(day["asset"])) for number, day in enumerate(days)], LINE, base=floor)
    most = max(abs(day["pnl"]) for day in days)
    middle = chart.height - FOOT - VOLUME_HEIGHT / 2
    profit = Scale(0, most, 0, VOLUME_HEIGHT / 2)
    chart.rule(LEFT, middle, chart.right, middle)
    chart.text(chart.right + 8, middle + 4, "per day")
    width = max((across(1) - across(0)) * 0.6, 1)
    for number, day in enumerate(days):
        x = min(max(across(number) - width / 2, LEFT), chart.right - width)
        chart.box(x, middle, width, -profit(day["pnl"]), UP if day["pnl"] >= 0 else DOWN)
    return chart.write()


def draw_options(data: Data) -> str:
    """Draw what the calls and puts of one expiry of ``option-chain`` cost, half way between bid and ask, by strike."""
    chain = data["chain"]
    day = dt.date.fromisoformat(chain["expiry"])
    chart = Chart(f"{data['symbol']}, options of {day:%d %B %Y}", "POST /api/market/option-chain: prices by strike")
    lines = [
        [(leg["strike"], (leg["bid_price"] + leg["ask_price"]) / 2) for leg in chain[side] if leg["bid_price"]]
        for side in ("calls", "puts")
    ]
    floor = chart.height - FOOT
    across = Scale(*get_bounds((strike for line in lines for strike, _ in line), 0.02), LEFT, chart.right)
    up = Scale(0, max(price for line in lines for _, price in line) * 1.05, floor, HEAD)
    chart.label_values(up, "{:g}".format)
    for line, colour in zip(lines, (LINE, SECOND), strict=True):
        chart.line([(across(strike), up(price)) for strike, price in line], colour)
    chart.label_places(
        [(across(strike), f"{strike:g}") for strike in get_ticks(across.low, across.high, 8)], floor + 20
    )
    chart.legend([("calls", LINE), ("puts", SECOND)])
    return chart.write()


def draw_funds(data: Data) -> str:
    """Draw the net asset values of two funds from ``fund-history``, the first of each as 100."""
    chart = Chart("Two funds over a year", "POST /api/info/fund-history: net asset value, the first of each as 100")
    lines = [
        [row["net_asset_value"] / fund["values"][0]["net_asset_value"] * 100 for row in fund["values"]]
        for fund in data["history"]
    ]
    floor = chart.height - FOOT
    across = Scale(0, len(lines[0]) - 1, LEFT, chart.right)
    up = Scale(*get_bounds(value for line in lines for value in line), floor, HEAD)
    chart.label_values(up, "{:g}".format)
    _label_months(chart, [dt.date.fromisoformat(row["date"]) for row in data["history"][0]["values"]], across, every=2)
    for line, colour in zip(lines, (LINE, SECOND), strict=True):
        chart.line([(across(number), up(value)) for number, value in enumerate(line)], colour)
    chart.legend([(fund["symbol"], colour) for fund, colour in zip(data["history"], (LINE, SECOND), strict=True)])
    return chart.write()


def _label_months(chart: Chart, days: Sequence[dt.date], across: Scale, every: int = 1) -> None:
    """Name the months below the plot where each begins."""
    begins = [number for number, day in enumerate(days) if number and day.month != days[number - 1].month]
    for number in begins[::every]:
        chart.rule(across(number), HEAD, across(number), chart.height - FOOT)
        chart.text(across(number) + 4, chart.height - FOOT + 20, f"{days[number]:%B %Y}", colour=QUIET)


APPLE_DAYS = {"symbol": "AAPL", "begin_time": "2026-01-02", "end_time": "2026-03-10"}
WINTER = {"begin_date": "2025-12-01", "end_date": "2026-03-10"}
FUNDS = {"symbols": ["LU0417517546.USD", "LU0320765059.USD"], "begin_date": "2025-03-11", "end_date": "2026-03-10"}
PICTURES: Mapping[str, tuple[str, Mapping[str, Any], Callable[[Data], str]]] = {
    "candles.svg": ("/api/market/kline", APPLE_DAYS, draw_candles),
    "depth.svg": ("/api/market/depth", {"symbol": "AAPL", "levels": 20}, draw_depth),
    "options.svg": ("/api/market/option-chain", {"symbol": "AAPL", "expiry": "20260417"}, draw_options),
    "funds.svg": ("/api/info/fund-history", {**FUNDS, "limit": 366}, draw_funds),
    "performance.svg": ("/api/trade/performance", WINTER, draw_performance),
}
"""The name of each picture, what is asked for, and what draws the answer."""
