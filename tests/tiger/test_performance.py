"""How an account has done: each day of the span once, with both ends of it."""

import datetime as dt

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.trading.performance import get_performance
from tests.support.client import Client

PATH = "/api/trade/performance"
SPAN = {"begin_date": "2026-10-01", "end_date": "2026-10-30"}


def test_what_the_documentation_shows_is_read() -> None:
    day = {"asset": 48_827_687.69, "pnl": 78.04, "pnlPercentage": 0, "deposit": 0, "withdrawal": 0}
    # Midnight in New York, and in Hong Kong.
    history = [{**day, "date": 1638421200000}, {**day, "date": 1638288000000}]

    told = get_performance({"summary": {"pnl": 691.18, "pnlPercentage": 0}, "history": history})

    assert [row["date"] for row in told["history"]] == ["2021-12-01", "2021-12-02"]
    assert (told["history"][0]["asset"], told["history"][0]["cash_balance"]) == (48_827_687.69, None)
    assert (told["summary"]["pnl"], told["summary"]["annualized_return"]) == (691.18, None)


def test_an_account_without_history_has_no_days() -> None:
    assert get_performance(None)["history"] == []


@pytest.mark.parametrize("data", [[1], {"history": {}}, {"history": [{"asset": 1}]}])
def test_a_history_that_cannot_be_read_is_an_error(data: object) -> None:
    with pytest.raises(TigerError):
        get_performance(data)


def test_both_ends_of_the_span_are_in_it(module_client: Client) -> None:
    answer = module_client.data(PATH, **SPAN)

    days = [row["date"] for row in answer["history"]]
    assert (days[0], days[-1], answer["count"]) == ("2026-10-01", "2026-10-30", len(days))
    assert days == sorted(set(days))


def test_without_days_the_last_thirty_are_told(module_client: Client) -> None:
    answer = module_client.data(PATH)

    begin, end = (dt.date.fromisoformat(answer[name]) for name in ("begin_date", "end_date"))
    assert (end - begin).days == 30
    assert 18 <= answer["count"] <= 23


def test_the_profits_of_the_days_make_the_profit_of_the_span(module_client: Client) -> None:
    answer = module_client.data(PATH, **SPAN, segment="FUT", currency="HKD")

    assert (answer["segment"], answer["currency"]) == ("FUT", "HKD")
    assert sum(day["pnl"] for day in answer["history"]) == pytest.approx(answer["summary"]["pnl"], abs=0.01)


def test_a_span_that_ends_before_it_begins_is_refused(module_client: Client) -> None:
    refused = module_client.refusal(PATH, 400, "invalid_request", begin_date="2026-10-02", end_date="2026-10-01")

    assert "begin_date" in refused["details"]


def test_a_span_before_all_accounts_is_refused(module_client: Client) -> None:
    assert "end_date" in module_client.refusal(PATH, 400, "invalid_request", end_date=0)["details"]


def test_a_row_without_a_day_is_an_error(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="analytics_asset", fields=("date",)))

    client.refusal(PATH, 502, "tiger_error", **SPAN)
