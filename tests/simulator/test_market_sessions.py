"""Pre-market, after hours and overnight agree with the quotes that tell of them, and lead to the regular session."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.wire import WireRefusal
from tests.simulator.asking import FIRST_MS, Asker, moments, stocks, us_stocks

ask = Asker()
resting = Asker(real_hours=True)
askers = st.sampled_from([ask, resting])
EXAMPLES = settings(deadline=None, max_examples=25)
SESSIONS = {"Pre-Mkt": ("PreMarket", "preMarket"), "Post-Mkt": ("AfterHours", "afterHours")}
HOUR_MS = 3_600_000


def _bars(asker: Asker, at_ms: int, symbol: str, session: str, **fields: Any) -> list[dict[str, Any]]:
    (row,) = asker(at_ms, "kline", symbols=[symbol], trade_session=session, **fields)
    items: list[dict[str, Any]] = row["items"]
    return items


@given(us_stocks, moments, askers, st.sampled_from(["1min", "5min", "30min"]))
@EXAMPLES
def test_bars_of_a_session_add_up_to_its_quote(symbol: str, at_ms: int, asker: Asker, period: str) -> None:
    (quote,) = asker(at_ms, "quote_real_time", symbols=[symbol], include_hour_trading=True)
    hours = quote["hourTrading"]
    begin_ms = hours["timestamp"] - 6 * HOUR_MS
    bars = _bars(asker, at_ms, symbol, SESSIONS[hours["tag"]][0], period=period, begin_time=begin_ms, limit=1000)

    assert sum(row["volume"] for row in bars) == hours["volume"]
    assert bars[-1]["close"] == hours["latestPrice"]
    assert bars[-1]["time"] <= hours["timestamp"] <= at_ms


@given(us_stocks, moments, askers)
@EXAMPLES
def test_the_overnight_quote_is_the_sum_of_its_night(symbol: str, at_ms: int, asker: Asker) -> None:
    (quote,) = asker(at_ms, "quote_overnight", symbols=[symbol])
    begin_ms = quote["latestTime"] - 8 * HOUR_MS
    bars = _bars(asker, at_ms, symbol, "OverNight", period="10min", begin_time=begin_ms, limit=100)

    assert sum(row["volume"] for row in bars) == quote["volume"]
    assert max(row["high"] for row in bars) == quote["high"]
    assert min(row["low"] for row in bars) == quote["low"]
    assert (bars[0]["open"], bars[-1]["close"]) == (quote["open"], quote["latestPrice"])
    assert quote["bidPrice"] <= quote["latestPrice"] <= quote["askPrice"]


@given(us_stocks, moments, askers)
@EXAMPLES
def test_a_day_leads_from_session_to_session(symbol: str, at_ms: int, asker: Asker) -> None:
    (row,) = asker(at_ms, "timeline", symbols=[symbol], include_hour_trading=True)
    before, regular = row["preMarket"]["items"], row["intraday"]["items"]
    (quote,) = asker(at_ms, "quote_real_time", symbols=[symbol])

    assert before[-1]["time"] < regular[0]["time"]
    assert row["overnight"]["items"][-1]["time"] < before[0]["time"]
    assert before[-1]["price"] == pytest.approx(quote["open"], rel=0.002)
    assert sum(item["volume"] for item in regular) == quote["volume"]
    for item in row["afterHours"]["items"]:
        assert regular[0]["time"] < item["time"] <= at_ms


@given(us_stocks, moments, askers)
@EXAMPLES
def test_history_tells_what_the_timeline_told(symbol: str, at_ms: int, asker: Asker) -> None:
    (today,) = asker(at_ms, "timeline", symbols=[symbol], include_hour_trading=True)
    first = today["intraday"]["items"][0]["time"]
    date = asker.market._exchange.calendar("US").local_date(first).isoformat()
    (history,) = asker(at_ms, "history_timeline", symbols=[symbol], date=date, trade_session="All")

    assert history["items"] == today["intraday"]["items"]
    for name in ("preMarket", "afterHours", "overnight"):
        assert history[name] == today[name]["items"]


@given(stocks, moments, askers)
@EXAMPLES
def test_trades_add_up_to_the_timeline(symbol: str, at_ms: int, asker: Asker) -> None:
    (timeline,) = asker(at_ms, "timeline", symbols=[symbol])
    minute = timeline["intraday"]["items"][0]
    trades = asker(at_ms, "trade_tick", symbols=[symbol], begin_index=0, end_index=60)[0]["items"]

    if len(trades) == 60:
        assert sum(trade["volume"] for trade in trades) == minute["volume"]
        assert trades[-1]["price"] == minute["price"]
    newest = asker(at_ms, "trade_tick", symbols=[symbol], limit=5)[0]["items"]
    (quote,) = asker(at_ms, "quote_real_time", symbols=[symbol])
    assert all(trade["time"] <= at_ms for trade in newest)
    if newest:
        assert newest[-1]["price"] == quote["latestPrice"]


def test_only_stocks_of_the_united_states_trade_outside_the_regular_session() -> None:
    (row,) = ask(FIRST_MS, "timeline", symbols=["00700"], include_hour_trading=True)

    assert row.keys() == {"symbol", "period", "preClose", "intraday"}
    assert ask(FIRST_MS, "quote_overnight", symbols=["00700", ".SPX", "NOSUCH"]) == []
    assert _bars(ask, FIRST_MS, "00700", "PreMarket", period="5min") == []
    assert _bars(ask, FIRST_MS, "AAPL", "PreMarket", period="day") == []


@pytest.mark.parametrize("method", ["timeline", "history_timeline", "kline"])
def test_an_unknown_session_is_refused(method: str) -> None:
    with pytest.raises(WireRefusal) as refusal:
        ask(FIRST_MS, method, symbols=["AAPL"], trade_session="Lunch", date="2025-12-01")

    assert refusal.value.code == 1010
