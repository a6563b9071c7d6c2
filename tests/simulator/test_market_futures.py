"""Futures: contracts that roll, prices that agree with each other and with the index, sessions of 23 hours."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.wire import WireRefusal
from tests.simulator.asking import FIRST_MS, Asker, moments

ask = Asker()
resting = Asker(real_hours=True)
products = st.sampled_from(["ES", "MES", "NQ", "CL", "GC"])


def _one(at_ms: int, method: str, code: str, asker: Asker = ask, **fields: Any) -> Any:
    (row,) = asker(at_ms, method, contract_codes=[code], **fields)
    return row


@given(products, moments)
@settings(deadline=None, max_examples=30)
def test_the_minutes_of_a_session_add_up_to_its_day_and_to_the_quote(product: str, at_ms: int) -> None:
    code = ask(at_ms, "future_current_contract", type=product)["contractCode"]
    quote = _one(at_ms, "future_real_time_quote", code)
    day = _one(at_ms, "future_kline", code, period="day", limit=1)["items"][0]
    times = ask(at_ms, "future_trading_date", contract_code=code)["tradingTimes"][0]
    rows = _one(at_ms, "future_kline", code, period="5min", limit=400)["items"]
    minutes = [row for row in rows if row["time"] >= times["start"]]

    assert sum(row["volume"] for row in minutes) == day["volume"] == quote["volume"]
    assert max(row["high"] for row in minutes) == day["high"] == quote["high"]
    assert min(row["low"] for row in minutes) == day["low"] == quote["low"]
    assert minutes[0]["close"] == day["close"] == quote["latestPrice"]
    assert minutes[-1]["open"] == day["open"] == quote["open"]


@given(products, moments)
@settings(deadline=None, max_examples=30)
def test_the_settlement_is_the_close_of_the_day_before(product: str, at_ms: int) -> None:
    code = ask(at_ms, "future_current_contract", type=product)["contractCode"]
    quote = _one(at_ms, "future_real_time_quote", code)
    days = _one(at_ms, "future_kline", code, period="day", limit=3)["items"]
    # A day is settled when stocks close, an hour before its session does.
    before = next(day for day in days if day["time"] - 3_600_000 <= at_ms)

    assert quote["limitDown"] < quote["low"] <= quote["high"] < quote["limitUp"]
    assert quote["openInterest"] - quote["openInterestChange"] == days[1]["openInterest"]
    if before is days[1]:
        assert quote["settlement"] == before["settlement"] == before["close"]


@given(products, moments, st.integers(1, 60))
@settings(deadline=None, max_examples=30)
def test_ticks_add_up_to_a_minute(product: str, at_ms: int, minute: int) -> None:
    code = ask(at_ms, "future_current_contract", type=product)["contractCode"]
    start = ask(at_ms, "future_trading_date", contract_code=code)["tradingTimes"][0]["start"] + minute * 60_000
    now_ms = start + 70_000
    bars = _one(now_ms, "future_kline", code, period="1min", begin_time=start, end_time=start + 1)["items"]
    first = minute * 60
    ticks = ask(now_ms, "future_tick", contract_code=code, begin_index=first, end_index=first + 60)["items"]

    assert sum(tick["volume"] for tick in ticks) == bars[0]["volume"]
    assert ticks[-1]["price"] == bars[0]["close"]
    assert all(bars[0]["low"] <= tick["price"] <= bars[0]["high"] for tick in ticks)
    assert [tick["index"] for tick in ticks] == list(range(first, first + 60))


@given(products, moments)
@settings(deadline=None, max_examples=30)
def test_a_continuous_contract_is_on_each_day_the_main_one(product: str, at_ms: int) -> None:
    (history,) = ask(
        at_ms,
        "future_history_main_contract",
        contract_codes=[f"{product}main"],
        begin_time=at_ms - 40 * 86_400_000,
        end_time=at_ms,
    )
    bars = {row["time"]: row for row in _one(at_ms, "future_kline", f"{product}main", limit=60)["items"]}

    for item in history["mainReferItems"]:
        for own in ask(at_ms, "future_kline", contract_codes=[item["referContractCode"]], limit=60):
            assert bars[item["time"]] in own["items"]
    quotes = [_one(at_ms, "future_real_time_quote", code) for code in (f"{product}main", _main(product, at_ms))]
    assert {**quotes[0], "contractCode": ""} == {**quotes[1], "contractCode": ""}


def _main(product: str, at_ms: int) -> str:
    code: str = ask(at_ms, "future_current_contract", type=product)["contractCode"]
    return code


@given(products, moments)
@settings(deadline=None, max_examples=50)
def test_the_main_contract_is_listed_and_the_only_one_marked(product: str, at_ms: int) -> None:
    listed = ask(at_ms, "future_contracts", type=product)
    main = ask(at_ms, "future_current_contract", type=product)
    continuous = ask(at_ms, "future_continuous_contracts", type=product)

    assert [row for row in listed if row["continuous"]] == [main]
    assert (continuous["contractCode"], continuous["continuous"]) == (f"{product}main", False)
    assert ask(at_ms, "future_contract_by_contract_code", contract_code=main["contractCode"]) == main
    assert all(one["lastTradingDate"] < other["lastTradingDate"] for one, other in pairwise(listed))


@given(products, moments)
@settings(deadline=None, max_examples=30)
def test_a_contract_is_the_same_for_quotes_and_for_trading(product: str, at_ms: int) -> None:
    listed = ask(at_ms, "future_contracts", type=product)
    traded = ask(at_ms, "contracts", symbols=[row["contractCode"] for row in listed], sec_type="FUT")

    assert [row["symbol"] for row in traded] == [row["contractCode"] for row in listed]
    for name in ("name", "currency", "exchange", "multiplier", "minTick", "contractMonth", "lastTradingDate"):
        assert [row[name] for row in traded] == [row[name] for row in listed]


@given(moments)
@settings(deadline=None, max_examples=20)
def test_index_futures_move_as_their_index_does(at_ms: int) -> None:
    future = _one(at_ms, "future_kline", _main("ES", at_ms), limit=30)["items"][1:]
    (index,) = ask(at_ms, "kline", symbols=[".SPX"], limit=30)
    closes = {row["time"] + 17 * 3_600_000: row["close"] for row in index["items"][:-1]}
    ratios = [row["close"] / closes[row["time"]] for row in future if row["time"] in closes]

    assert len(ratios) > 20
    assert max(ratios) / min(ratios) < 1.01


@given(products, moments)
@settings(deadline=None, max_examples=30)
def test_the_book_begins_with_the_quote(product: str, at_ms: int) -> None:
    code = _main(product, at_ms)
    quote = _one(at_ms, "future_real_time_quote", code)
    book = _one(at_ms, "future_depth", code)

    assert (book["ask"][0]["price"], book["ask"][0]["volume"]) == (quote["askPrice"], quote["askSize"])
    assert (book["bid"][0]["price"], book["bid"][0]["volume"]) == (quote["bidPrice"], quote["bidSize"])
    assert all(one["price"] < other["price"] for one, other in pairwise(book["ask"]))
    assert all(one["price"] > other["price"] for one, other in pairwise(book["bid"]))


@given(moments)
@settings(deadline=None, max_examples=30)
def test_with_real_hours_prices_rest_in_the_hour_between_sessions(at_ms: int) -> None:
    times = resting(at_ms, "future_trading_date", contract_code="ESmain")["tradingTimes"][0]
    quotes = [
        _one(times["end"] + minutes * 60_000, "future_real_time_quote", _main("ES", times["end"] - 1), resting)
        for minutes in (0, 30, 59)
    ]

    assert len({quote["latestPrice"] for quote in quotes}) == 1
    assert len({quote["volume"] for quote in quotes}) == 1
    assert quotes[0]["latestTime"] == times["end"]


def test_bars_are_paged_newest_first() -> None:
    code, token = _main("CL", FIRST_MS), None
    pages: list[list[dict[str, Any]]] = []
    while token is not None or not pages:
        row = _one(FIRST_MS, "future_kline", code, limit=7, begin_time=FIRST_MS - 40 * 86_400_000, page_token=token)
        pages.append(row["items"])
        token = row.get("nextPageToken")
    whole = _one(FIRST_MS, "future_kline", code, limit=100, begin_time=FIRST_MS - 40 * 86_400_000)["items"]

    assert [row for page in pages for row in page] == whole
    assert [row["time"] for row in whole] == sorted((row["time"] for row in whole), reverse=True)


def test_what_is_not_listed_is_left_out() -> None:
    codes = ["NOSUCH", "ES1203", "ES2613", "AAPL"]

    assert ask(FIRST_MS, "future_real_time_quote", contract_codes=codes) == []
    assert ask(FIRST_MS, "future_kline", contract_codes=codes) == []
    assert ask(FIRST_MS, "future_contracts", type="XX") == []
    assert ask(FIRST_MS, "future_contract_by_contract_code", contract_code="ES1203") is None
    assert ask(FIRST_MS, "future_tick", contract_code="NOSUCH") is None


@pytest.mark.parametrize(
    ("method", "biz", "code"),
    [
        ("future_real_time_quote", {}, 1000),
        ("future_kline", {"contract_codes": ["ES2603"], "period": "second"}, 1010),
        ("future_kline", {"contract_codes": ["ES2603"], "limit": 0}, 1010),
        ("future_kline", {"contract_codes": ["ES2603"], "page_token": "bm8="}, 1010),
        ("future_contracts", {}, 1000),
        ("future_contract_by_exchange_code", {"exchange_code": "NOPE"}, 1010),
        ("future_exchange", {"sec_type": "STK"}, 1010),
        ("future_history_main_contract", {"contract_codes": ["CLmain"]}, 1000),
        ("future_trading_date", {"contract_code": "CLmain", "trading_date": "soon"}, 1010),
    ],
)
def test_a_wrong_question_is_refused(method: str, biz: dict[str, Any], code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        ask(FIRST_MS, method, biz)

    assert refusal.value.code == code
