"""What is told of a stock in one way is told in every other: bars, ticks, minutes, book, details, calendar, hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.asking import Asker, moments, stocks

ask = Asker()
resting = Asker(real_hours=True)
askers = st.sampled_from([ask, resting])
EXAMPLES = settings(deadline=None, max_examples=40)


def _bars(asker: Asker, at_ms: int, symbol: str, **fields: Any) -> list[dict[str, Any]]:
    (row,) = asker(at_ms, "kline", symbols=[symbol], **fields)
    items: list[dict[str, Any]] = row["items"]
    return items


def _one(asker: Asker, at_ms: int, method: str, symbol: str, **fields: Any) -> dict[str, Any]:
    answer = asker(at_ms, method, symbols=[symbol], **fields)
    (row,) = answer["items"] if isinstance(answer, dict) else answer
    assert isinstance(row, dict)
    return row


@given(stocks, moments, askers, st.sampled_from(["1min", "5min", "30min", "60min", "2hour"]))
@EXAMPLES
def test_bars_of_the_day_add_up_to_its_quote(symbol: str, at_ms: int, asker: Asker, period: str) -> None:
    quote = _one(asker, at_ms, "quote_real_time", symbol)
    (day,) = _bars(asker, at_ms, symbol, limit=1)
    parts = _bars(asker, at_ms, symbol, period=period, begin_time=day["time"], limit=500)

    assert sum(part["volume"] for part in parts) == day["volume"] == quote["volume"]
    assert max(part["high"] for part in parts) == day["high"] == quote["high"]
    assert min(part["low"] for part in parts) == day["low"] == quote["low"]
    assert (parts[0]["open"], parts[-1]["close"]) == (day["open"], day["close"])
    assert (day["open"], day["close"]) == (quote["open"], quote["latestPrice"])


@given(stocks, moments, askers, st.integers(0, 200))
@EXAMPLES
def test_ticks_add_up_to_a_minute(symbol: str, at_ms: int, asker: Asker, minute: int) -> None:
    minutes = _one(asker, at_ms, "timeline", symbol)["intraday"]["items"]
    minute %= len(minutes)
    if minute == len(minutes) - 1 or minutes[minute + 1]["time"] - minutes[minute]["time"] > 60_000:
        return
    first = (minutes[minute]["time"] - minutes[0]["time"]) // 1000 if asker is ask else minute * 60
    ticks = _one(asker, at_ms, "trade_tick", symbol, begin_index=first, end_index=first + 60)["items"]

    assert sum(tick["volume"] for tick in ticks) == minutes[minute]["volume"]
    assert ticks[-1]["price"] == minutes[minute]["price"]
    assert all(minutes[minute]["time"] < tick["time"] <= minutes[minute]["time"] + 60_000 for tick in ticks)


@given(stocks, moments, askers)
@EXAMPLES
def test_minutes_add_up_to_the_volume(symbol: str, at_ms: int, asker: Asker) -> None:
    quote = _one(asker, at_ms, "quote_real_time", symbol)
    timeline = _one(asker, at_ms, "timeline", symbol)
    minutes = timeline["intraday"]["items"]

    assert sum(minute["volume"] for minute in minutes) == quote["volume"]
    assert minutes[-1]["price"] == quote["latestPrice"]
    assert timeline["preClose"] == quote["preClose"]
    assert quote["low"] <= minutes[-1]["avgPrice"] <= quote["high"]


@given(stocks, moments, askers)
@EXAMPLES
def test_the_book_begins_with_the_quote(symbol: str, at_ms: int, asker: Asker) -> None:
    quote = _one(asker, at_ms, "quote_real_time", symbol)
    book = _one(asker, at_ms, "quote_depth", symbol, market="US")

    if quote["askSize"] and quote["bidSize"]:
        assert (book["asks"][0]["price"], book["asks"][0]["volume"]) == (quote["askPrice"], quote["askSize"])
        assert (book["bids"][0]["price"], book["bids"][0]["volume"]) == (quote["bidPrice"], quote["bidSize"])
        assert book["bids"][0]["price"] < book["asks"][0]["price"]


@given(stocks, moments, askers)
@EXAMPLES
def test_details_and_older_forms_tell_the_quote(symbol: str, at_ms: int, asker: Asker) -> None:
    quote = _one(asker, at_ms, "quote_real_time", symbol)
    brief = _one(asker, at_ms, "brief", symbol)
    detail = _one(asker, at_ms, "stock_detail", symbol)

    for name in ("open", "high", "low", "volume", "latestPrice", "preClose"):
        assert quote[name] == brief[name] == detail[name]
    assert detail["change"] == pytest.approx(quote["latestPrice"] - quote["preClose"], abs=1e-4)
    assert detail["timestamp"] == brief["timestamp"] == quote["latestTime"]


@given(stocks, moments, askers)
@EXAMPLES
def test_days_of_trading_are_the_days_of_bars(symbol: str, at_ms: int, asker: Asker) -> None:
    instrument = asker.market.instrument(symbol)
    assert instrument is not None
    calendar = asker.market._exchange.calendar(instrument.market)
    dates = [calendar.local_date(bar["time"]) for bar in _bars(asker, at_ms, symbol, limit=40)]
    told = asker(
        at_ms,
        "trading_calendar",
        market=instrument.market,
        begin_date=dates[0].isoformat(),
        end_date=(dates[-1] + timedelta(days=1)).isoformat(),
    )

    assert [row["date"] for row in told] == [on.isoformat() for on in dates]
    assert {row["type"] for row in told} == {"TRADING"}


@given(moments, st.sampled_from(["US", "HK", "CN"]))
@EXAMPLES
def test_a_market_trades_on_the_days_of_its_calendar_only(at_ms: int, market: str) -> None:
    (state,) = resting(at_ms, "market_state", market=market)
    on: date = resting.market._exchange.calendar(market).local_date(at_ms)
    told = resting(
        at_ms,
        "trading_calendar",
        market=market,
        begin_date=on.isoformat(),
        end_date=(on + timedelta(days=14)).isoformat(),
    )
    opens = datetime.strptime(state["openTime"][:14], "%m-%d %H:%M:%S").replace(year=2026, tzinfo=UTC)

    if state["status"] in {"TRADING", "MIDDLE_CLOSE"}:
        assert told[0]["date"] == on.isoformat()
    assert f"2026-{opens:%m-%d}" in {row["date"] for row in told} or opens.month == 1
    assert f"{opens:%H:%M}" == "09:30"
