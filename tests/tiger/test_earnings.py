"""The earnings calendar of a whole market is cut down to the symbols and days asked for."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.errors import InvalidRequest
from app.simulator.running import Simulator
from app.tiger.company.earnings import fetch_earnings, get_fiscal_quarter, get_report, get_windows, is_wanted
from app.tiger.sessions import Session, Sessions
from tests.support.client import FIRST


def test_only_the_symbols_asked_for_are_listed_in_order_of_date(session: Session) -> None:
    reports = fetch_earnings(session, ["AAPL", "MSFT"], date(2025, 1, 1), date(2025, 12, 31))["earnings"]

    assert {report["symbol"] for report in reports} == {"AAPL", "MSFT"}
    days = [report["report_date"] for report in reports]
    assert days == sorted(days)
    assert all("2025-01-01" <= day <= "2025-12-31" for day in days)


def test_a_long_range_is_asked_for_in_parts_and_no_report_twice(simulator: Simulator, session: Session) -> None:
    reports = fetch_earnings(session, ["AAPL"], date(2025, 1, 1), date(2025, 12, 31))["earnings"]

    assert simulator.calls("corporate_action") == 14
    assert len({report["report_date"] for report in reports}) == len(reports) == 4


@pytest.mark.parametrize("reading", ["any", "one_month_error", "one_month_clipped"])
def test_no_report_is_missing_however_tiger_reads_a_long_range(
    simulator: Simulator, sessions: Sessions, reading: str
) -> None:
    simulator.read_as(earnings_span=reading)
    reports = fetch_earnings(sessions.session(FIRST), ["AAPL", "MSFT", "KO"], date(2025, 1, 1), date(2025, 12, 31))

    assert Counter(report["symbol"] for report in reports["earnings"]) == {"AAPL": 4, "MSFT": 4, "KO": 4}


def test_a_question_about_other_symbols_costs_nothing_more(simulator: Simulator, session: Session) -> None:
    fetch_earnings(session, ["AAPL"])
    first = simulator.calls("corporate_action")
    fetch_earnings(session, ["MSFT", "KO"])

    assert 7 <= first == simulator.calls("corporate_action") <= 8


def test_a_range_that_would_use_up_the_budget_is_refused(simulator: Simulator, session: Session) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        fetch_earnings(session, ["AAPL"], None, date(2199, 12, 31))

    assert refusal.value.details == {"end_date": ["Send a range of at most two years."]}
    assert simulator.calls("corporate_action") == 0


def test_a_report_names_its_quarter_and_no_revenue_estimate(session: Session) -> None:
    report = fetch_earnings(session, ["AAPL"])["earnings"][0]

    ending = date.fromisoformat(report["fiscal_quarter_ending"])
    assert report["fiscal_quarter"] == f"Q{(ending.month + 2) // 3} {ending.year}"
    assert isinstance(report["eps_estimate"], float)
    assert report["revenue_estimate"] is None


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        ({"symbol": "AAPL", "reportDate": "2026-01-01"}, True),
        ({"symbol": "AAPL", "reportDate": "2026-03-31"}, True),
        ({"symbol": "AAPL", "reportDate": "2025-12-31", "executeDate": "2026-01-01"}, False),
        ({"symbol": "AAPL", "reportDate": "2026-04-01"}, False),
        ({"symbol": "AAPL"}, True),
        ({"symbol": "TSLA", "reportDate": "2026-01-01"}, False),
        ({"reportDate": "2026-01-01"}, False),
    ],
)
def test_an_entry_is_wanted_for_its_symbol_on_its_day(item: dict[str, str], wanted: bool) -> None:
    begin, end = date(2026, 1, 1), date(2026, 3, 31)
    report = get_report(item, ZoneInfo("America/New_York"))

    assert is_wanted(report, ["AAPL", "MSFT"], begin, end) is wanted


@pytest.mark.parametrize(
    ("ending", "quarter"),
    [(date(2026, 9, 30), "Q3 2026"), (date(2026, 12, 27), "Q4 2026"), (date(2026, 1, 31), "Q1 2026"), (None, None)],
)
def test_a_fiscal_quarter_is_named_after_the_calendar_quarter_it_ends_in(
    ending: date | None, quarter: str | None
) -> None:
    assert get_fiscal_quarter(ending) == quarter


@pytest.mark.parametrize(
    ("begin", "end"),
    [(date(2024, 2, 28), date(2026, 3, 1)), (date(2026, 2, 1), date(2026, 2, 1)), (date.min, date(1, 3, 1))],
)
def test_the_windows_of_a_range_cover_each_of_its_days_once_and_no_month_is_shorter(begin: date, end: date) -> None:
    windows = list(get_windows(begin, end))
    days = [first + timedelta(days=day) for first, last in windows for day in range((last - first).days + 1)]

    assert len(days) == len(set(days)) == (days[-1] - days[0]).days + 1
    assert days[0] <= begin <= end <= days[-1]
    assert all((last - first).days < 28 for first, last in windows)


def test_the_last_day_that_there_is_can_be_asked_for() -> None:
    assert [last for _, last in get_windows(date(9999, 12, 30), date.max)] == [date(9999, 12, 30)]
