"""Accounts add up, and corporate actions are told when they are known."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.simulator.clock import Clock
from app.simulator.market.accounts import figures_of
from app.simulator.market.calendars import calendar_of
from app.simulator.market.companies import Companies, company
from app.simulator.market.listings import LISTINGS
from app.simulator.methods.companies import java_number
from app.simulator.methods.market import Market
from app.simulator.readings import Readings, ReadingsInForce
from app.simulator.wire import WireRefusal, WireRequest

NOW_MS = int(datetime(2026, 11, 20, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
TODAY = date(2026, 11, 20)
MARKET = Market(11, Clock(NOW_MS), readings=ReadingsInForce(Readings(earnings_span="any")))
COMPANIES = Companies(11)
COMPANY_SYMBOLS = sorted(symbol for symbol in LISTINGS if company(symbol) is not None)


def _ask(method: str, lang: str = "en_US", **biz: Any) -> Any:
    return MARKET.methods[method](_request(method, lang, **biz))


def _request(method: str, lang: str = "en_US", **biz: Any) -> WireRequest:
    return WireRequest(method, "2.0", biz, "20150001", lang, NOW_MS)


def _actions(kind: str, symbols: list[str] | None = None, *, years: int = 6, market: str = "US") -> dict[str, Any]:
    biz: dict[str, Any] = {"action_type": kind, "market": market, "symbols": symbols}
    biz |= {"begin_date": NOW_MS - years * 366 * DAY_MS, "end_date": NOW_MS + 366 * DAY_MS}
    answer: dict[str, Any] = _ask("corporate_action", **biz)
    return answer


def _report(symbol: str, kind: str, *fields: str, begin_ms: int | None = None) -> list[dict[str, Any]]:
    dates: dict[str, Any] = {} if begin_ms is None else {"begin_date": begin_ms, "end_date": NOW_MS}
    rows: list[dict[str, Any]] = _ask(
        "financial_report", symbols=[symbol], market="US", fields=list(fields), period_type=kind, **dates
    )
    return rows


@given(st.sampled_from(COMPANY_SYMBOLS), st.sampled_from(["Annual", "Quarterly", "LTM"]))
def test_the_lines_of_accounts_add_up(symbol: str, kind: str) -> None:
    instrument = LISTINGS[symbol]
    figures = figures_of(instrument, COMPANIES.periods(symbol, kind, TODAY)[-1])

    assert figures["basic_eps"] == pytest.approx(figures["net_income"] / instrument.shares, abs=1e-4)
    assert figures["gross_profit"] == pytest.approx(figures["total_revenue"] - figures["cost_of_revenues"], abs=2)
    assert figures["net_income"] == pytest.approx(
        figures["ebt_incl_unusual_items"] - figures["income_tax_expense"], abs=2
    )
    assert figures["total_assets"] == pytest.approx(figures["total_liabilities"] + figures["total_equity"], abs=2)
    assert figures["total_revenue"] > 0


@given(st.sampled_from(COMPANY_SYMBOLS))
def test_four_quarters_make_the_year(symbol: str) -> None:
    year = COMPANIES.periods(symbol, "Annual", TODAY)[-1]
    quarters = [period for period in COMPANIES.periods(symbol, "Quarterly", TODAY) if period.ends_on <= year.ends_on][
        -4:
    ]

    assert sum(quarter.revenue for quarter in quarters) == year.revenue
    assert sum(quarter.net_income for quarter in quarters) == year.net_income


def test_a_value_is_text_with_its_filing_and_period() -> None:
    (row,) = _report("AAPL", "Annual", "net_income")

    assert row["symbol"] == "AAPL"
    assert row["currency"] == "USD"
    assert row["periodEndDate"] == "2026-09-30"
    assert row["filingDate"] > row["periodEndDate"]
    assert isinstance(row["value"], str)
    assert float(row["value"]) > 5e10


@pytest.mark.parametrize(
    ("number", "text"), [(9.4321e10, "9.4321E10"), (6.13, "6.13"), (-2.5e9, "-2.5E9"), (1e7, "1.0E7"), (0, "0.0")]
)
def test_numbers_are_written_as_java_does(number: float, text: str) -> None:
    assert java_number(number) == text


def test_dates_choose_the_periods_that_end_within_them() -> None:
    rows = _report("AAPL", "Quarterly", "total_revenue", begin_ms=NOW_MS - 2 * 366 * DAY_MS)

    assert [row["periodEndDate"] for row in rows][-2:] == ["2026-06-30", "2026-09-30"]
    assert len(rows) == 8


def test_only_filed_periods_are_told() -> None:
    rows = _report("MSFT", "Quarterly", "total_revenue", begin_ms=NOW_MS - 400 * DAY_MS)

    assert all(row["filingDate"] <= "2026-11-20" for row in rows)


@pytest.mark.parametrize("symbol", ["SPY", ".DJI", "NOSUCH"])
def test_what_is_no_company_has_no_accounts(symbol: str) -> None:
    assert _report(symbol, "Annual", "net_income") == []


def test_a_field_that_is_not_kept_has_no_rows() -> None:
    assert _report("AAPL", "Annual", "land") == []


def test_daily_figures_follow_the_close() -> None:
    rows = _ask(
        "financial_daily",
        symbols=["AAPL"],
        market="US",
        fields=["market_capitalization", "shares_outstanding"],
        begin_date=NOW_MS - 7 * DAY_MS,
        end_date=NOW_MS,
    )
    (bars,) = _ask("kline", symbols=["AAPL"], period="day", begin_time=NOW_MS - 7 * DAY_MS, limit=10)
    values = [row["value"] for row in rows if row["field"] == "market_capitalization"]

    assert values[1] == pytest.approx(bars["items"][0]["close"] * LISTINGS["AAPL"].shares)


def test_dividends_come_every_quarter_with_all_their_dates() -> None:
    (events,) = _actions("dividend", ["AAPL"], years=1).values()

    assert 4 <= len(events) <= 6
    for event in events:
        assert event["announcedDate"] <= event["executeDate"] <= event["recordDate"] <= event["payDate"]
        assert event["announcedDate"] <= "2026-11-20"
        assert (event["actionType"], event["currency"]) == ("DIVIDEND", "USD")
        assert event["amount"] > 0


def test_dividends_go_ex_on_trading_days() -> None:
    dates = {event["executeDate"] for events in _actions("dividend", ["KO", "SPY"]).values() for event in events}

    assert dates <= {on.isoformat() for on in calendar_of("US").dates}


def test_splits_are_the_historical_ones() -> None:
    answer = _actions("split", ["NVDA", "AAPL", "KO"], years=4)

    assert answer == {
        "NVDA": [
            {
                "symbol": "NVDA",
                "market": "US",
                "exchange": "NASDAQ",
                "executeDate": "2024-06-10",
                "actionType": "SPLIT",
                "fromFactor": 1.0,
                "toFactor": 10.0,
                "ratio": 0.1,
            }
        ]
    }


@pytest.mark.parametrize(
    ("kind", "asked", "found"),
    [
        ("delisting", ["TWTR", "AAPL"], {"TWTR"}),
        ("symbol_change", ["META"], {"META"}),
        ("symbol_change", ["FB"], {"FB"}),
        ("ipo", ["RIVN", "COIN"], {"RIVN", "COIN"}),
        ("ipo", ["AAPL"], set()),
        ("dividend", ["RIVN"], set()),
    ],
)
def test_other_actions_are_found_by_symbol(kind: str, asked: list[str], found: set[str]) -> None:
    assert _actions(kind, asked).keys() == found


def test_actions_of_another_market_are_left_out() -> None:
    assert _actions("dividend", ["AAPL", "00700"], market="HK").keys() == {"00700"}


def test_the_earnings_calendar_covers_the_whole_market() -> None:
    answer = _actions("earning", years=1)

    assert len(answer) > 40
    assert set(answer) <= set(COMPANY_SYMBOLS)


def test_earnings_have_actual_figures_once_reported() -> None:
    (events,) = _actions("earning", ["AAPL"], years=1).values()
    reported = [event for event in events if event["reportDate"] <= "2026-11-20"]
    expected = [event for event in events if event["reportDate"] > "2026-11-20"]

    assert reported
    assert expected
    assert all("actualEps" in event for event in reported)
    assert not any("actualEps" in event for event in expected)
    assert all("expectedEps" in event for event in events)


def test_reported_earnings_are_those_of_the_accounts() -> None:
    (events,) = _actions("earning", ["AAPL"], years=1).values()
    (row,) = _report("AAPL", "Quarterly", "basic_eps")
    last = [event for event in events if "actualEps" in event][-1]

    assert last["fiscalQuarterEnding"] == row["periodEndDate"]
    assert last["reportDate"] == row["filingDate"]
    assert last["actualEps"] == float(row["value"])


def test_a_calendar_over_more_than_a_month_is_refused_where_it_is_read_so() -> None:
    strict = Market(11, Clock(NOW_MS), readings=ReadingsInForce(Readings(earnings_span="one_month_error")))
    span = {"action_type": "earning", "market": "US", "begin_date": "2026-02-01"}

    assert strict.methods["corporate_action"](_request("corporate_action", end_date="2026-03-01", **span))
    with pytest.raises(WireRefusal) as refusal:
        strict.methods["corporate_action"](_request("corporate_action", end_date="2026-03-02", **span))
    assert refusal.value.code == 1010


def test_a_calendar_over_more_than_a_month_is_clipped_where_it_is_read_so() -> None:
    clipping = Market(11, Clock(NOW_MS), readings=ReadingsInForce(Readings(earnings_span="one_month_clipped")))
    span = {"action_type": "earning", "market": "US", "begin_date": "2026-01-15", "end_date": "2026-12-31"}
    answer = clipping.methods["corporate_action"](_request("corporate_action", **span))
    days = [event["reportDate"] for events in answer.values() for event in events]

    assert "2026-01-15" <= min(days) <= max(days) <= "2026-02-15"


def test_the_time_of_a_report_is_told_in_the_language_asked_for() -> None:
    biz = {"action_type": "earning", "market": "US", "begin_date": NOW_MS - 90 * DAY_MS, "end_date": NOW_MS}
    answer = _ask("corporate_action", lang="zh_CN", **biz)

    assert {event["reportTime"] for events in answer.values() for event in events} == {"盘前", "盘后"}


def test_no_action_is_an_empty_object() -> None:
    assert _actions("split", ["KO"]) == {}


@pytest.mark.parametrize(
    ("method", "biz", "code"),
    [
        ("corporate_action", {}, 1000),
        ("corporate_action", {"action_type": "party", "market": "US"}, 1010),
        ("corporate_action", {"action_type": "split", "symbols": ["A"], "market": "US"}, 1000),
        ("corporate_action", {"action_type": "split", "market": "US", "begin_date": 1, "end_date": 2}, 1000),
        ("financial_report", {"symbols": ["AAPL"], "market": "US"}, 1000),
        ("financial_report", {"symbols": ["AAPL"], "fields": ["net_income"], "period_type": "Weekly"}, 1010),
        ("financial_report", {"symbols": ["AAPL"], "fields": "net_income"}, 1010),
        ("financial_daily", {"symbols": ["AAPL"], "fields": ["shares_outstanding"]}, 1000),
    ],
)
def test_a_wrong_question_is_refused(method: str, biz: dict[str, Any], code: int) -> None:
    with pytest.raises(WireRefusal) as refusal:
        _ask(method, **biz)

    assert refusal.value.code == code
