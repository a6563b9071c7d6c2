"""Rates are what a dollar buys on each day, of the currencies asked for and of those that companies use."""

import datetime as dt
import json

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.exchange_rates import get_rates
from tests.support.client import PAPER, SECOND, Client

PATH = "/api/info/exchange-rates"
FIRST, LAST = dt.date(2023, 8, 14), dt.date(2023, 8, 15)
MARCH = {"begin_date": "2026-03-09", "end_date": "2026-03-11"}


def test_what_tiger_sends_is_read() -> None:
    # As the SDK's documentation has it, with a day before and one after.
    days = [{"date": 1691942400000 + day * 86_400_000, "value": 7.81728 + day} for day in (-1, 2, 1, 0)]
    data = [{"currency": "HKD", "dailyValueList": days}, {"currency": "XXX", "dailyValueList": []}]

    assert get_rates(FIRST, LAST, data) == {
        "HKD": [
            {"date": "2023-08-14", "units_per_dollar": 7.81728},
            {"date": "2023-08-15", "units_per_dollar": 8.81728},
        ]
    }


@pytest.mark.parametrize("moment", [1691942400000, 1691971200000, 1691985600000])
def test_a_midnight_is_its_day_in_whichever_zone_tiger_wrote_it(moment: int) -> None:
    rates = get_rates(FIRST, LAST, [{"currency": "HKD", "dailyValueList": [{"date": moment, "value": "7.8"}]}])

    assert rates == {"HKD": [{"date": "2023-08-14", "units_per_dollar": 7.8}]}


@pytest.mark.parametrize("row", [{"date": "soon", "value": 7.8}, {"value": 7.8}, {"date": 1691942400000, "value": 0}])
def test_what_is_no_rate_of_a_day_is_left_out(row: dict[str, object]) -> None:
    assert get_rates(FIRST, LAST, [{"currency": "HKD", "dailyValueList": [row]}]) == {}


def test_both_ends_of_the_range_are_in_it(module_client: Client) -> None:
    answer = module_client.data(PATH, currencies=["hkd", "USD", "XXX"], **MARCH)
    rates = {row["currency"]: row["values"] for row in answer["rates"]}

    assert answer["base"] == "USD"
    assert [row["date"] for row in rates["HKD"]] == ["2026-03-09", "2026-03-10", "2026-03-11"]
    assert {row["units_per_dollar"] for row in rates["USD"]} == {1.0}
    assert 7 < rates["HKD"][0]["units_per_dollar"] < 8
    assert answer["missing"] == ["XXX"]
    assert json.dumps(answer, allow_nan=False)


def test_where_nothing_is_named_the_last_week_of_the_usual_currencies_is_given(module_client: Client) -> None:
    answer = module_client.data(PATH)

    assert [row["currency"] for row in answer["rates"]] == ["USD", "HKD", "CNH", "SGD"]
    assert {len(row["values"]) for row in answer["rates"]} == {7}
    assert answer["companies"] == []


def test_companies_name_the_currencies_they_trade_and_report_in(module_client: Client) -> None:
    answer = module_client.data(PATH, symbols=["700", "AAPL", "NOSUCH"], **MARCH)

    assert answer["companies"] == [
        {"symbol": "00700", "currency": "HKD", "report_currency": "HKD"},
        {"symbol": "AAPL", "currency": "USD", "report_currency": "USD"},
    ]
    assert answer["missing_symbols"] == ["NOSUCH"]
    assert [row["currency"] for row in answer["rates"]] == ["HKD", "USD"]


def test_companies_of_nobody_name_no_currency(module_client: Client) -> None:
    answer = module_client.data(PATH, symbols=["NOSUCH"])

    assert (answer["rates"], answer["missing"], answer["missing_symbols"]) == ([], [], ["NOSUCH"])


def test_rates_are_shared_by_the_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(PATH, **MARCH) for account in (SECOND, PAPER))

    assert second == paper
    assert simulator.calls("financial_exchange_rate") == 1


def test_rates_of_no_currency_are_missing(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="financial_exchange_rate", fields=("currency",)))
    answer = client.data(PATH, currencies=["HKD"], **MARCH)

    assert (answer["rates"], answer["missing"]) == ([], ["HKD"])
