"""kline answers what was asked: period, range, limit, pages, adjustment."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.clock import Clock
from app.simulator.market.bars import PERIODS
from app.simulator.market.calendars import holidays
from app.simulator.market.listings import LISTINGS
from app.simulator.methods.market import Market
from app.simulator.wire import WireRefusal, WireRequest

NEW_YORK = ZoneInfo("America/New_York")
NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
MARKET = Market(11, Clock(NOW_MS))

symbols = st.sampled_from(sorted(LISTINGS))


def _ask(method: str, now_ms: int = NOW_MS, **biz: Any) -> Any:
    return MARKET.methods[method](WireRequest(method, "2.0", biz, "20150001", "en_US", now_ms))


def _bars(symbol: str, now_ms: int = NOW_MS, **biz: Any) -> list[dict[str, Any]]:
    (answer,) = _ask("kline", now_ms, symbols=[symbol], **biz)
    items: list[dict[str, Any]] = answer["items"]
    return items


def _local(bar: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(bar["time"] / 1000, NEW_YORK)


@given(symbols, st.sampled_from(PERIODS), st.integers(NOW_MS - 400 * DAY_MS, NOW_MS + 400 * DAY_MS))
@settings(deadline=None)
def test_bars_of_every_period_are_sound_and_in_order(symbol: str, period: str, now_ms: int) -> None:
    bars = _bars(symbol, now_ms, period=period, limit=40)

    assert bars
    assert all(bar["low"] <= min(bar["open"], bar["close"]) for bar in bars)
    assert all(bar["high"] >= max(bar["open"], bar["close"]) for bar in bars)
    assert all(isinstance(bar["volume"], int) and bar["volume"] >= 0 for bar in bars)
    assert all(one["time"] < other["time"] for one, other in pairwise(bars))
    assert all(one["close"] == other["open"] for one, other in pairwise(bars))
    assert bars[-1]["time"] <= now_ms


@given(symbols, st.sampled_from(PERIODS), st.integers(NOW_MS - 400 * DAY_MS, NOW_MS + 400 * DAY_MS))
@settings(deadline=None)
def test_the_newest_bar_of_every_period_closes_at_the_latest_price(symbol: str, period: str, now_ms: int) -> None:
    (bar,) = _bars(symbol, now_ms, period=period, limit=1)

    assert bar["close"] == MARKET.quote(symbol, now_ms).latest


@given(symbols, st.integers(NOW_MS - 400 * DAY_MS, NOW_MS + 400 * DAY_MS))
def test_the_bar_of_today_is_the_quote(symbol: str, now_ms: int) -> None:
    before, today = _bars(symbol, now_ms, period="day", limit=2)
    quote = MARKET.quote(symbol, now_ms)

    assert (today["open"], today["high"], today["low"], today["close"], today["volume"]) == (
        quote.open,
        quote.high,
        quote.low,
        quote.latest,
        quote.volume,
    )
    assert before["close"] == quote.pre_close


@pytest.mark.parametrize("period", ["week", "month", "year"])
@pytest.mark.parametrize("symbol", ["AAPL", "00700", "600519"])
def test_longer_bars_aggregate_their_days(symbol: str, period: str) -> None:
    longer = _bars(symbol, period=period, limit=4)
    days = _bars(symbol, period="day", begin_time=longer[0]["time"], limit=1200)
    ends = [bar["time"] for bar in longer[1:]] + [NOW_MS]

    for bar, end in zip(longer, ends, strict=True):
        inside = [day for day in days if bar["time"] <= day["time"] < end]
        assert bar["open"] == inside[0]["open"]
        assert bar["close"] == inside[-1]["close"]
        assert bar["high"] == max(day["high"] for day in inside)
        assert bar["low"] == min(day["low"] for day in inside)
        assert bar["volume"] == sum(day["volume"] for day in inside)


@pytest.mark.parametrize("symbol", sorted(LISTINGS))
def test_every_listing_has_five_years_of_days(symbol: str) -> None:
    five_years_ms = 5 * 365 * DAY_MS
    now_ms = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp() * 1000)

    first = _bars(symbol, now_ms, period="year", limit=20)[0]

    assert first["time"] <= now_ms - five_years_ms


def test_there_are_no_bars_at_weekends_and_on_holidays() -> None:
    days = _bars("AAPL", period="day", limit=1200)
    hours = _bars("AAPL", period="60min", limit=1200)

    dates = {_local(bar).date() for bar in days + hours}
    assert all(on.weekday() < 5 for on in dates)
    assert not dates & holidays("US", 2025)


def test_minutes_lie_within_the_session_one_by_one() -> None:
    bars = _bars("AAPL", period="1min", date="20260310", limit=1200)

    assert len(bars) == 390
    assert f"{_local(bars[0]):%H:%M}" == "09:30"
    assert all(other["time"] - one["time"] == 60_000 for one, other in pairwise(bars))


def test_no_bar_spans_the_lunch_break() -> None:
    bars = _bars("00700", period="60min", date="2026-03-10")
    starts = [f"{datetime.fromtimestamp(bar['time'] / 1000, ZoneInfo('Asia/Hong_Kong')):%H:%M}" for bar in bars]

    assert starts == ["09:30", "10:30", "11:30", "13:00", "14:00", "15:00"]


def test_a_day_begins_at_midnight_of_the_exchange() -> None:
    assert _local(_bars("AAPL", period="day", limit=1)[0]) == datetime(2026, 3, 11, tzinfo=NEW_YORK)


def test_the_limit_is_300_unless_told_and_1200_at_most() -> None:
    assert len(_bars("AAPL", period="day")) == 300
    assert len(_bars("AAPL", period="day", limit=5000)) == 1200


def test_a_range_that_holds_more_than_the_limit_answers_the_newest() -> None:
    every = _bars("AAPL", period="day", begin_time="2025-01-01", end_time="2026-01-01", limit=1200)

    assert _bars("AAPL", period="day", begin_time="2025-01-01", end_time="2026-01-01", limit=5) == every[-5:]


def test_the_beginning_is_included_and_the_end_is_not() -> None:
    begin, end = _bars("AAPL", period="day", limit=5)[::4]

    times = [bar["time"] for bar in _bars("AAPL", period="day", begin_time=begin["time"], end_time=end["time"])]

    assert times[0] == begin["time"]
    assert times[-1] < end["time"]
    assert len(times) == 4


@pytest.mark.parametrize("period", ["day", "60min", "week"])
def test_times_may_be_written_out_in_the_markets_own_time(period: str) -> None:
    written = _bars("AAPL", period=period, begin_time="2026-02-02 00:00:00", end_time="2026-02-14")
    begin_ms = int(datetime(2026, 2, 2, tzinfo=NEW_YORK).timestamp() * 1000)
    end_ms = int(datetime(2026, 2, 14, tzinfo=NEW_YORK).timestamp() * 1000)

    assert written
    assert written == _bars("AAPL", period=period, begin_time=begin_ms, end_time=str(end_ms))


@pytest.mark.parametrize("period", ["day", "week", "15min"])
def test_pages_join_into_the_whole_range(period: str) -> None:
    whole = _bars("AAPL", period=period, begin_time="2026-01-02", end_time="2026-03-01", limit=1200)
    pages: list[dict[str, Any]] = []
    token: str | None = ""
    while token is not None:
        (page,) = _ask(
            "kline",
            symbols=["AAPL"],
            period=period,
            begin_time="2026-01-02",
            end_time="2026-03-01",
            limit=max(len(whole) // 3, 1),
            page_token=token,
        )
        pages = page["items"] + pages
        token = page.get("nextPageToken")

    assert pages == whole


def test_a_page_token_of_another_question_is_refused() -> None:
    (page,) = _ask("kline", symbols=["AAPL"], period="day", begin_time="2025-01-01", limit=5)

    with pytest.raises(WireRefusal, match="page_token"):
        _ask("kline", symbols=["MSFT"], period="day", page_token=page["nextPageToken"])


def test_raw_prices_undo_a_split_and_adjusted_ones_do_not_show_it() -> None:
    asked: dict[str, Any] = {"period": "day", "begin_time": "2024-06-05", "end_time": "2024-06-13"}
    adjusted, raw = _bars("NVDA", right="br", **asked), _bars("NVDA", right="nr", **asked)

    ratios = [round(one["close"] / other["close"]) for one, other in zip(raw, adjusted, strict=True)]

    assert [f"{_local(bar):%m-%d}" for bar in raw][3] == "06-10"
    assert ratios == [10, 10, 10, 1, 1, 1]


def test_valuation_comes_with_days_when_asked_for() -> None:
    bars = _bars("AAPL", period="day", limit=3, with_fundamental=True)

    assert all({"turnoverRate", "ttmPe", "lyrPe"} <= bar.keys() for bar in bars)


def test_an_unknown_symbol_is_left_out() -> None:
    answer = _ask("kline", symbols=["NOSUCH", "AAPL"], period="day", limit=1)

    assert [row["symbol"] for row in answer] == ["AAPL"]


@pytest.mark.parametrize(
    "biz",
    [
        {"symbols": ["AAPL"], "period": "2min"},
        {"symbols": ["AAPL"], "right": "xx"},
        {"symbols": ["AAPL"], "limit": 0},
        {"symbols": ["AAPL"], "limit": "ten"},
        {"symbols": ["AAPL"], "begin_time": "yesterday"},
        {"symbols": ["AAPL"], "begin_time": 2_000_000_000_000, "end_time": 1_000_000_000_000},
        {"symbols": ["AAPL"], "page_token": "???"},
        {"symbols": ["AAPL"], "period": "1min", "date": "2026-13-40"},
        {"symbols": []},
        {"symbols": ["A\x00B"]},
        {"symbols": [f"S{number}" for number in range(51)]},
    ],
)
def test_a_wrong_parameter_is_refused_with_1010(biz: dict[str, Any]) -> None:
    with pytest.raises(WireRefusal) as refusal:
        _ask("kline", **biz)

    assert refusal.value.code == 1010


def test_a_request_without_symbols_is_refused_by_name() -> None:
    with pytest.raises(WireRefusal, match="field 'symbols' cannot be empty") as refusal:
        _ask("kline", period="day")

    assert refusal.value.code == 1000


def test_the_timeline_ends_at_the_latest_price() -> None:
    (line,) = _ask("timeline", symbols=["AAPL"], begin_time=-1)
    items = line["intraday"]["items"]

    assert items[-1]["price"] == MARKET.quote("AAPL", NOW_MS).latest
    assert line["preClose"] == MARKET.quote("AAPL", NOW_MS).pre_close
    assert sum(item["volume"] for item in items) == MARKET.quote("AAPL", NOW_MS).volume


def test_the_timeline_of_a_past_date_is_its_minutes() -> None:
    (line,) = _ask("history_timeline", symbols=["AAPL"], date="2026-03-10", right="br")

    assert len(line["items"]) == 390


def test_trade_ticks_are_numbered_and_can_be_read_by_number() -> None:
    (newest,) = _ask("trade_tick", symbols=["AAPL"], limit=50)
    (again,) = _ask(
        "trade_tick", symbols=["AAPL"], begin_index=newest["beginIndex"], end_index=newest["endIndex"], limit=50
    )

    assert len(newest["items"]) == 50
    assert again == newest
    assert newest["items"][-1]["price"] == MARKET.quote("AAPL", NOW_MS).latest
