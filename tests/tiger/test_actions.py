"""Corporate actions keep their own type and their own dates."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.company.actions import fetch_corporate_actions, get_action, is_within
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES


def test_dividends_tell_amount_and_dates(session: Session) -> None:
    actions = fetch_corporate_actions(session, ["AAPL"], "dividend")["corporate_actions"]

    assert {action["action_type"] for action in actions} == {"dividend"}
    assert actions[0]["amount"] > 0
    assert actions[0]["currency"] == "USD"
    assert date.fromisoformat(actions[0]["ex_date"]) <= date.fromisoformat(actions[0]["pay_date"])


def test_actions_come_newest_first_within_a_year_of_today(session: Session) -> None:
    actions = fetch_corporate_actions(session, ["AAPL", "MSFT"], "dividend")["corporate_actions"]

    days = [action["ex_date"] for action in actions]
    assert days == sorted(days, reverse=True)
    assert min(days) >= str(date.today() - timedelta(days=367))  # noqa: DTZ011 - two days wider than any zone.


def test_a_split_tells_its_ratio(session: Session) -> None:
    (split,) = fetch_corporate_actions(session, ["NVDA"], "split", date(2024, 1, 1), date(2024, 12, 31))[
        "corporate_actions"
    ]

    assert (split["ex_date"], split["from_factor"], split["to_factor"]) == ("2024-06-10", 1, 10)
    assert (split["ratio"], split["amount"]) == (10, None)


@pytest.mark.parametrize(
    ("factors", "ratio"),
    [((5.0, 1.0), 0.2), ((1.0, 4.0), 4), ((None, 1.0), None), ((0, 1.0), None)],
    ids=["UVXY of 2024-04-11, whose ratio Tiger tells as 5", "four for one", "unknown", "nothing"],
)
def test_a_ratio_is_reckoned_of_what_cannot_be_mistaken(factors: tuple[float | None, float], ratio: float) -> None:
    row = {"symbol": "UVXY", "fromFactor": factors[0], "toFactor": factors[1], "ratio": 5.0}

    assert get_action("split", row, MARKET_ZONES["US"])["ratio"] == ratio


def test_both_days_of_the_range_count(session: Session) -> None:
    day = date(2024, 6, 10)

    assert len(fetch_corporate_actions(session, ["NVDA"], "split", day, day)["corporate_actions"]) == 1


def test_mergers_are_answered_from_delistings_and_changes_of_symbol(session: Session) -> None:
    actions = fetch_corporate_actions(session, ["TWTR", "META"], "merge", date(2022, 1, 1), date(2022, 12, 31))

    assert [(action["symbol"], action["action_type"]) for action in actions["corporate_actions"]] == [
        ("TWTR", "delisting"),
        ("META", "symbol_change"),
    ]


def test_without_a_type_every_feed_is_asked(simulator: Simulator, session: Session) -> None:
    actions = fetch_corporate_actions(session, ["AAPL"], None, date(2020, 1, 1), date(2020, 12, 31))

    assert {"dividend", "split"} <= {action["action_type"] for action in actions["corporate_actions"]}
    assert simulator.calls("corporate_action") == 5


def test_a_symbol_without_actions_has_an_empty_list(session: Session) -> None:
    assert fetch_corporate_actions(session, ["NOSUCH"]) == {"corporate_actions": []}


def test_absent_fields_are_null(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("missing_fields", method="corporate_action", times=1, fields=("exchange", "payDate")))

    actions = fetch_corporate_actions(session, ["AAPL"], "dividend")["corporate_actions"]

    assert (actions[0]["exchange"], actions[0]["pay_date"]) == (None, None)


@pytest.mark.parametrize(
    ("day", "is_listed"),
    [("2026-01-01", True), ("2026-01-31", True), ("2025-12-31", False), ("2026-02-01", False), (None, True)],
)
def test_an_action_is_listed_on_the_day_it_takes_effect(day: str | None, is_listed: bool) -> None:
    begin, end = date(2026, 1, 1), date(2026, 1, 31)

    assert is_within({"executeDate": day}, begin, end, ZoneInfo("America/New_York")) is is_listed
