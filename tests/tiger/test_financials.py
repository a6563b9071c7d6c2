"""Financial figures are numbers, by symbol and period, and only those asked for."""

from datetime import date

import pytest

from app.errors import InvalidRequest, TigerPermissionDenied
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.company.financials import fetch_financials, get_fields, get_latest
from app.tiger.market.bars import fetch_bars
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire.dates import get_day_end_ms


def test_the_latest_report_of_each_symbol_has_the_documented_fields(session: Session) -> None:
    rows = fetch_financials(session, ["AAPL", "MSFT"])["financials"]

    assert sorted(row["symbol"] for row in rows) == ["AAPL", "MSFT"]
    assert list(rows[0]) == ["symbol", "revenue", "net_income", "eps", "currency", "period_end_date", "filing_date"]


def test_large_figures_are_whole_numbers(session: Session) -> None:
    (row,) = fetch_financials(session, ["AAPL"])["financials"]

    assert isinstance(row["revenue"], int)
    assert isinstance(row["net_income"], int)
    assert row["revenue"] > row["net_income"]
    assert isinstance(row["eps"], float)


def test_quarters_of_a_range_come_newest_first(session: Session) -> None:
    begin, end = date(2024, 1, 1), date(2025, 6, 30)

    rows = fetch_financials(session, ["AAPL"], None, "Quarterly", begin, end)["financials"]

    ends = [row["period_end_date"] for row in rows]
    assert ends == sorted(ends, reverse=True)
    assert len(ends) >= 5
    assert all(str(begin) <= day <= str(end) for day in ends)


def test_symbols_of_two_markets_are_asked_for_apart(simulator: Simulator, session: Session) -> None:
    rows = fetch_financials(session, ["AAPL", "700"])["financials"]

    assert {row["symbol"] for row in rows} == {"AAPL", "00700"}
    assert simulator.calls("financial_report") == 2


def test_fields_are_published_under_the_names_they_were_asked_for(session: Session) -> None:
    (row,) = fetch_financials(session, ["AAPL"], ["total_revenue", "revenue"])["financials"]

    assert row["total_revenue"] == row["revenue"]


def test_a_daily_figure_belongs_to_the_end_of_the_period(simulator: Simulator, session: Session) -> None:
    (row,) = fetch_financials(session, ["AAPL"], ["shares_outstanding"])["financials"]

    assert row["shares_outstanding"] > 10**9
    assert simulator.calls("financial_daily") == 1


def test_a_daily_figure_is_that_of_the_last_day_of_the_period(session: Session) -> None:
    wanted, begin, end = ["market_capitalization", "shares_outstanding"], date(2024, 9, 1), date(2025, 9, 30)
    _, row = fetch_financials(session, ["AAPL"], wanted, "Annual", begin, end)["financials"]
    end_ms = get_day_end_ms(date(2024, 9, 30), MARKET_ZONES["US"])
    (bar,) = fetch_bars(session, "AAPL", "day", None, end_ms, 1, adjusted=False)["bars"]

    assert row["period_end_date"] == "2024-09-30"
    assert row["market_capitalization"] / row["shares_outstanding"] == pytest.approx(bar["close"], rel=1e-4)


def test_daily_figures_differ_from_period_to_period(session: Session) -> None:
    wanted, begin, end = ["market_capitalization", "revenue"], date(2023, 1, 1), date(2025, 12, 31)

    rows = fetch_financials(session, ["AAPL"], wanted, "Annual", begin, end)["financials"]

    assert len({row["market_capitalization"] for row in rows}) == len(rows) == 3


def test_the_latest_report_is_the_one_of_the_last_period() -> None:
    reports = {("A", "2024-12-31"): {"n": 2}, ("B", "2023-12-31"): {"n": 3}, ("A", "2023-12-31"): {"n": 1}}

    assert get_latest(reports) == {("A", "2024-12-31"): {"n": 2}, ("B", "2023-12-31"): {"n": 3}}


def test_an_unknown_field_is_refused_with_near_matches(simulator: Simulator, session: Session) -> None:
    with pytest.raises(InvalidRequest) as refused:
        fetch_financials(session, ["AAPL"], ["net_incme", "revenue"])

    assert refused.value.details is not None
    assert "net_income" in refused.value.details["fields"][0]
    assert simulator.calls() == 0


def test_every_documented_field_is_known() -> None:
    assert list(get_fields(["revenue", "net_income", "eps"])) == ["revenue", "net_income", "eps"]


def test_an_unknown_symbol_has_no_reports(session: Session) -> None:
    assert fetch_financials(session, ["NOSUCH"]) == {"financials": []}


def test_figures_that_tiger_leaves_out_are_null(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("missing_fields", method="financial_report", times=1, fields=("value", "filingDate")))

    (row,) = fetch_financials(session, ["AAPL"])["financials"]

    assert (row["revenue"], row["filing_date"]) == (None, None)


def test_a_missing_entitlement_is_told(simulator: Simulator, session: Session) -> None:
    text = "4000:permission denied(Current user and device do not have permissions in the US market)"
    simulator.inject(Fault("code", method="financial_report", times=1, code=4, message=text))

    with pytest.raises(TigerPermissionDenied):
        fetch_financials(session, ["AAPL"])
