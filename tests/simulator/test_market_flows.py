"""Flows, ratios, ranks, brokers and industries follow from quotes, bars, books and accounts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.wire import WireRefusal
from tests.simulator.asking import FIRST_MS, Asker, moments, stocks, us_stocks

ask = Asker()
EXAMPLES = settings(deadline=None, max_examples=25)
hong_kong = st.sampled_from(["00005", "00700", "00939", "02318", "09988"])
DAY_MS = 86_400_000


def _one(at_ms: int, method: str, symbol: str, **fields: Any) -> dict[str, Any]:
    answer = ask(at_ms, method, symbols=[symbol], **fields)
    (row,) = answer["items"] if isinstance(answer, dict) else answer
    assert isinstance(row, dict)
    return row


@given(stocks, moments)
@EXAMPLES
def test_minutes_of_flow_add_up_to_the_day_and_to_the_distribution(symbol: str, at_ms: int) -> None:
    minutes = ask(at_ms, "capital_flow", symbol=symbol, period="intraday", limit=1000)["items"]
    days = ask(at_ms, "capital_flow", symbol=symbol, period="day", limit=2)["items"]
    parts = ask(at_ms, "capital_distribution", symbol=symbol)

    assert sum(row["netInflow"] for row in minutes) == pytest.approx(
        days[-1]["netInflow"], abs=0.01 * len(minutes) + 0.01
    )
    assert parts["netInflow"] == days[-1]["netInflow"]
    for side in ("in", "out"):
        assert sum(parts[f"{side}{size}"] for size in ("Big", "Mid", "Small")) == pytest.approx(parts[f"{side}All"])
    assert parts["inAll"] - parts["outAll"] == pytest.approx(parts["netInflow"], abs=0.01)


@given(stocks, moments, st.sampled_from(["week", "month", "quarter", "6month", "year"]))
@EXAMPLES
def test_days_of_flow_add_up_to_longer_periods(symbol: str, at_ms: int, period: str) -> None:
    longer = ask(at_ms, "capital_flow", symbol=symbol, period=period, limit=2)["items"]
    days = ask(at_ms, "capital_flow", symbol=symbol, period="day", limit=700)["items"]
    first = longer[0]["timestamp"]

    assert sum(row["netInflow"] for row in days if row["timestamp"] >= first) == pytest.approx(
        sum(row["netInflow"] for row in longer), rel=1e-6, abs=10
    )
    assert longer[-1]["timestamp"] in {row["timestamp"] for row in days}


@given(stocks, moments)
@EXAMPLES
def test_ratios_follow_from_quotes_bars_and_accounts(symbol: str, at_ms: int) -> None:
    market = ask.market.instrument(symbol)
    assert market is not None
    ratios = _one(at_ms, "stock_fundamental", symbol, market=market.market)
    detail = _one(at_ms, "stock_detail", symbol)
    (bars,) = ask(at_ms, "kline", symbols=[symbol], limit=252)

    assert ratios["week52High"] == max(row["high"] for row in bars["items"])
    assert ratios["week52Low"] == min(row["low"] for row in bars["items"])
    assert ratios["marketCap"] == pytest.approx(detail["latestPrice"] * detail["shares"])
    assert ratios["turnoverRate"] == pytest.approx(detail["volume"] / detail["floatShares"], abs=1e-6)
    if "ttmEps" in ratios:
        assert ratios["ttmEps"] == detail["eps"]
    if "ttmPeRate" in ratios:
        assert ratios["ttmPeRate"] == pytest.approx(detail["latestPrice"] / ratios["ttmEps"], rel=0.01)


@given(us_stocks, moments)
@EXAMPLES
def test_the_yield_and_the_accounts_tell_of_the_dividends_that_went_ex(symbol: str, at_ms: int) -> None:
    asked = {"symbols": [symbol], "market": "US"}
    fields = ["dividends_per_share"]
    reports = ask(at_ms, "financial_report", {**asked, "fields": fields, "period_type": "LTM"})
    if not reports:
        return
    report = max(reports, key=lambda row: row["periodEndDate"])
    end = date.fromisoformat(report["periodEndDate"])
    span = {"begin_date": f"{end - timedelta(days=364)}", "end_date": f"{end}"}
    paid = ask(at_ms, "corporate_action", {**asked, "action_type": "dividend", **span}).get(symbol, [])
    (quote,) = ask(at_ms, "quote_real_time", symbols=[symbol])
    ratios = _one(at_ms, "stock_fundamental", symbol, market="US")

    assert float(report["value"]) == pytest.approx(sum(row["amount"] for row in paid), abs=1e-3)
    if "divideRate" in ratios:
        assert ratios["divideRate"] * quote["latestPrice"] == pytest.approx(float(report["value"]), rel=1e-3, abs=1e-3)


@given(us_stocks, moments)
@EXAMPLES
def test_short_interest_is_covered_at_the_mean_volume_of_a_year(symbol: str, at_ms: int) -> None:
    reports = _one(at_ms, "quote_shortable_stocks", symbol)["items"]
    (bars,) = ask(at_ms, "kline", symbols=[symbol], limit=252)
    volumes = [row["volume"] for row in bars["items"][:-1]]
    detail = _one(at_ms, "stock_detail", symbol)
    newest = reports[0]

    assert newest["avgDailyVolume"] == sum(volumes) // len(volumes)
    assert newest["daysToCover"] == pytest.approx(newest["shortInterest"] / newest["avgDailyVolume"], abs=1e-6)
    assert newest["percentOfFloat"] == pytest.approx(newest["shortInterest"] / detail["floatShares"], abs=1e-6)
    assert (newest["shortInterest"] > 0) == bool(detail["shortable"])
    dates = [row["settlementDate"] for row in reports]
    assert dates == sorted(set(dates), reverse=True)
    assert dates[0] < datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


@given(st.sampled_from(["US", "HK", "CN"]), moments)
@EXAMPLES
def test_the_rank_is_by_the_money_traded(market: str, at_ms: int) -> None:
    ranked = ask(at_ms, "trade_rank", market=market)
    quotes = {row["symbol"]: row for row in ask(at_ms, "quote_real_time", symbols=[row["symbol"] for row in ranked])}
    money = [quotes[row["symbol"]]["latestPrice"] * quotes[row["symbol"]]["volume"] for row in ranked]

    assert money == sorted(money, reverse=True)
    for row in ranked:
        quote = quotes[row["symbol"]]
        assert row["changeRate"] == pytest.approx(quote["latestPrice"] / quote["preClose"] - 1, abs=1e-6)
        assert row["buyOrderRate"] + row["sellOrderRate"] == pytest.approx(1, abs=1e-4)


@given(hong_kong, moments)
@EXAMPLES
def test_brokers_queue_at_the_prices_of_the_book(symbol: str, at_ms: int) -> None:
    queue = ask(at_ms, "stock_broker", symbol=symbol, limit=40)
    (book,) = ask(at_ms, "quote_depth", symbols=[symbol], market="HK")

    for name, levels in (("askBroker", book["asks"]), ("bidBroker", book["bids"])):
        for row in queue[name]:
            level = levels[row["level"] - 1]
            assert (row["price"], row["brokerCount"]) == (level["price"], level["count"])
            assert len(row["broker"]) <= row["brokerCount"]
        assert sum(len(row["broker"]) for row in queue[name]) <= 40


@given(moments, st.integers(1, 6))
@EXAMPLES
def test_pages_of_holdings_are_parts_of_one_list(at_ms: int, limit: int) -> None:
    whole = ask(at_ms, "broker_hold", market="HK", limit=500)
    pages = [ask(at_ms, "broker_hold", limit=limit, page=page) for page in range(-(-whole["totalCount"] // limit))]

    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert {(page["totalPage"], page["totalCount"]) for page in pages} == {(len(pages), len(whole["items"]))}
    worth = [row["marketValue"] for row in whole["items"]]
    assert worth == sorted(worth, reverse=True)


@given(moments)
@EXAMPLES
def test_what_an_organisation_took_in_is_the_change_of_what_it_holds(at_ms: int) -> None:
    today, yesterday = (ask(at, "broker_hold", order_by="sharesHold") for at in (at_ms, at_ms - DAY_MS))
    before = {row["orgId"]: row for row in yesterday["items"]}

    for row in today["items"]:
        earlier = before[row["orgId"]]
        moved = row["sharesHold"] - earlier["sharesHold"]
        # A day between the questions is none or one between the trading days before.
        assert moved in {0, row["buyAmount"]} or row["date"] == earlier["date"]


@given(stocks)
@EXAMPLES
def test_a_company_is_listed_in_each_of_its_industries(symbol: str) -> None:
    chain = ask(FIRST_MS, "stock_industry", symbol=symbol, market="ALL")

    for industry in chain:
        members = ask(FIRST_MS, "industry_stocks", industry_id=industry["id"], market="ALL")
        (member,) = (row for row in members if row["symbol"] == symbol)
        assert member["industryDetailDTOList"] == chain
        assert industry in ask(FIRST_MS, "industry_list", industry_level=industry["industryLevel"])
    assert [len(industry["id"]) for industry in chain] in ([], [2, 4, 6, 8])


def test_every_company_has_an_industry_and_no_fund_does() -> None:
    symbols = ask(FIRST_MS, "all_symbols")
    with_accounts = {row["symbol"] for row in ask(FIRST_MS, "financial_currency", symbols=symbols[:50], market="ALL")}

    for symbol in symbols[:50]:
        assert bool(ask(FIRST_MS, "stock_industry", symbol=symbol)) == (symbol in with_accounts)


def test_rates_are_those_that_accounts_are_valued_at() -> None:
    (rate,) = ask(FIRST_MS, "financial_exchange_rate", currency_list=["HKD", "XXX"], begin_date="2026-01-02")

    assert rate["currency"] == "HKD"
    assert [row["value"] for row in rate["dailyValueList"]] == [7.8125]
    assert DOLLARS_PER_UNIT["HKD"] * Decimal("7.8125") == 1


@pytest.mark.parametrize(
    ("method", "biz", "code"),
    [
        ("capital_flow", {"symbol": "AAPL", "period": "hour"}, 1010),
        ("capital_flow", {"symbol": "AAPL", "limit": 0}, 1010),
        ("capital_distribution", {}, 1000),
        ("trade_rank", {}, 1000),
        ("broker_hold", {"market": "US"}, 1010),
        ("broker_hold", {"order_by": "name"}, 1010),
        ("broker_hold", {"page": -1}, 1010),
        ("industry_list", {"industry_level": "SECTOR"}, 1010),
        ("industry_stocks", {"market": "US"}, 1000),
        ("industry_stocks", {"industry_id": "99"}, 1010),
        ("financial_exchange_rate", {"begin_date": FIRST_MS}, 1000),
        ("financial_exchange_rate", {"currency_list": ["HKD"]}, 1000),
        ("stock_fundamental", {"symbols": [], "market": "US"}, 1010),
    ],
)
def test_a_wrong_question_is_refused(method: str, biz: dict[str, Any], code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        ask(FIRST_MS, method, biz)

    assert refusal.value.code == code


def test_what_is_not_listed_has_no_answer() -> None:
    assert ask(FIRST_MS, "capital_flow", symbol="NOSUCH") is None
    assert ask(FIRST_MS, "capital_distribution", symbol="AAPL", market="HK") is None
    assert ask(FIRST_MS, "stock_broker", symbol="AAPL") is None
    assert ask(FIRST_MS, "stock_industry", symbol="NOSUCH") == []
    assert ask(FIRST_MS, "quote_shortable_stocks", symbols=["00700"]) == []
