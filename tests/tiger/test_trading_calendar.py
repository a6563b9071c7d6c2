"""The trading calendar lists the days with trading of a range, both ends included, however Tiger writes them."""

import datetime as dt
from typing import Any

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.trading_calendar import get_trading_days
from tests.support.client import PAPER, SECOND, Client

PATH = "/api/market/trading-calendar"


def ask(client: Client, market: str, begin: str, end: str) -> list[str]:
    """Return the trading days that the gateway answers."""
    answer = client.data(PATH, market=market, begin_date=begin, end_date=end)
    assert (answer["market"], answer["begin_date"], answer["end_date"]) == (market, begin, end)
    assert answer["count"] == len(answer["days"])
    assert {day["type"] for day in answer["days"]} <= {"TRADING"}
    return [day["date"] for day in answer["days"]]


def test_days_without_trading_are_left_out_where_tiger_lists_them() -> None:
    # As the SDK's documentation has it.
    data = [
        {"date": "2025-08-18", "type": "TRADING"},
        {"date": "2025-08-17", "type": "NON_TRADING"},
        {"date": "2025-08-15", "type": "TRADING"},
    ]

    assert [day["date"] for day in get_trading_days("US", data)] == ["2025-08-15", "2025-08-18"]


def test_a_type_that_nobody_knows_is_shown_as_it_came() -> None:
    data = [{"date": "2025-11-28", "type": "HALF_DAY"}]

    assert get_trading_days("US", data) == data


@pytest.mark.parametrize("row", [{"date": "soon", "type": "TRADING"}, {"type": "TRADING"}, {"date": "2025-08-15"}])
def test_no_day_is_left_out_because_it_cannot_be_read(row: dict[str, Any]) -> None:
    with pytest.raises(TigerError):
        get_trading_days("US", [row])


def test_both_ends_of_the_range_are_in_it(module_client: Client) -> None:
    assert ask(module_client, "US", "2026-03-11", "2026-03-13") == ["2026-03-11", "2026-03-12", "2026-03-13"]
    assert ask(module_client, "US", "2026-03-12", "2026-03-12") == ["2026-03-12"]


def test_weekends_and_holidays_are_no_trading_days(module_client: Client) -> None:
    assert ask(module_client, "US", "2026-03-14", "2026-03-15") == []
    assert ask(module_client, "US", "2026-07-02", "2026-07-06") == ["2026-07-02", "2026-07-06"]


def test_a_moment_means_the_day_that_its_market_has(module_client: Client) -> None:
    moment = int(dt.datetime(2026, 3, 11, 20, tzinfo=dt.UTC).timestamp() * 1000)

    for market, day in (("US", "2026-03-11"), ("HK", "2026-03-12")):
        answer = module_client.data(PATH, market=market, begin_date=moment, end_date=moment)
        assert [row["date"] for row in answer["days"]] == [day]


def test_a_year_can_be_asked_for_at_once(module_client: Client) -> None:
    assert 245 < len(ask(module_client, "US", "2025-03-01", "2026-03-01")) < 255


def test_a_calendar_is_kept_for_all_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (ask(client.for_account(account), "CN", "2026-03-02", "2026-03-12") for account in (SECOND, PAPER))

    assert second == paper
    assert simulator.calls("trading_calendar") == 1


def test_an_answer_with_a_day_that_cannot_be_read_is_an_error(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="trading_calendar", fields=("date",)))

    client.refusal(PATH, 502, "tiger_error", market="US", begin_date="2026-03-11", end_date="2026-03-12")
