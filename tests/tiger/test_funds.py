"""Funds are listed with their latest value, which is the last one of their history, day by day."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.funds import get_histories, get_symbols
from tests.support.client import PAPER, SECOND, Client

FUNDS = "/api/info/funds"
HISTORY = "/api/info/fund-history"
INCOME, HONG_KONG, UNKNOWN = "IE00B464Q616.USD", "HK0000584737.HKD", "SG9999014039.USD"
# As Tiger's documentation has it: midnights in China, the newest first.
TIGERS: list[dict[str, Any]] = [
    {"time": 1691596800000, "nav": 5.22},
    {"time": 1691510400000, "nav": "5.2"},
    {"time": 1691424000000, "nav": None},
    {"nav": 5.25},
]


@pytest.mark.parametrize(
    "data",
    [[{"symbol": HONG_KONG, "items": TIGERS}], {"items": [{"symbol": HONG_KONG, **row} for row in TIGERS]}],
)
def test_what_tiger_sends_is_read_in_each_form_that_the_sdk_reads(data: Any) -> None:
    assert get_histories(data) == {
        HONG_KONG: [
            {"date": "2023-08-09", "net_asset_value": 5.2},
            {"date": "2023-08-10", "net_asset_value": 5.22},
        ]
    }


@pytest.mark.parametrize("moment", [1691596800000, 1691625600000, 1691640000000])
def test_a_midnight_is_its_day_in_whichever_zone_tiger_wrote_it(moment: int) -> None:
    (value,) = get_histories([{"symbol": INCOME, "items": [{"time": moment, "nav": 1}]}])[INCOME]

    assert value["date"] == "2023-08-10"


def test_symbols_are_what_is_text() -> None:
    assert get_symbols(["B", "A", "A", None, 1, ""]) == ["A", "B"]
    assert get_symbols(None) == []


def test_all_funds_can_be_described(module_client: Client) -> None:
    listed = module_client.data(FUNDS)
    answer = module_client.data(FUNDS, symbols=listed["symbols"])

    assert listed["count"] == len(listed["symbols"]) > 3
    assert [fund["symbol"] for fund in answer["funds"]] == listed["symbols"]
    assert answer["missing"] == []
    for fund in answer["funds"]:
        assert fund["sec_type"] == "FUND"
        assert fund["symbol"].endswith(f".{fund['currency']}")
        assert fund["net_asset_value"] > 0


def test_the_latest_value_is_the_last_of_the_history(module_client: Client) -> None:
    funds = module_client.data(FUNDS, symbols=[INCOME, UNKNOWN, HONG_KONG])
    history = module_client.data(HISTORY, symbols=[INCOME, UNKNOWN, HONG_KONG], limit=3)["history"]

    assert funds["missing"] == [UNKNOWN]
    assert [(row["symbol"], row["count"]) for row in history] == [(INCOME, 3), (UNKNOWN, 0), (HONG_KONG, 3)]
    latest = {row["symbol"]: row["values"][-1] for row in history if row["count"]}
    for fund in funds["funds"]:
        assert latest[fund["symbol"]] == {"date": fund["date"], "net_asset_value": fund["net_asset_value"]}


def test_both_ends_of_the_range_are_in_it(module_client: Client) -> None:
    answer = module_client.data(HISTORY, symbols=[INCOME], begin_date="2026-03-11", end_date="2026-03-13")
    day = module_client.data(HISTORY, symbols=[INCOME], begin_date="2026-03-12", end_date="2026-03-12")
    weekend = module_client.data(HISTORY, symbols=[INCOME], begin_date="2026-03-14", end_date="2026-03-15")

    assert [row["date"] for row in answer["history"][0]["values"]] == ["2026-03-11", "2026-03-12", "2026-03-13"]
    assert day["history"][0]["values"] == answer["history"][0]["values"][1:2]
    assert weekend["history"][0] == {"symbol": INCOME, "count": 0, "values": []}


def test_of_more_values_than_wanted_the_newest_are_given(client: Client, simulator: Simulator) -> None:
    spring = {"symbols": [INCOME], "begin_date": "2026-03-01", "end_date": "2026-05-31"}
    few, many = client.data(HISTORY, **spring, limit=5), client.data(HISTORY, **spring)

    assert few["history"][0]["values"] == many["history"][0]["values"][-5:]
    assert many["history"][0]["count"] > 60
    assert simulator.calls("fund_history_quote") == 1


def test_funds_are_shared_by_the_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    second, paper = (client.for_account(account).data(FUNDS, symbols=[INCOME]) for account in (SECOND, PAPER))

    assert second == paper
    assert (simulator.calls("fund_contracts"), simulator.calls("fund_quote")) == (1, 1)


def test_values_of_no_fund_are_no_funds(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="fund_quote", fields=("symbol",)))
    (fund,) = client.data(FUNDS, symbols=[INCOME])["funds"]

    assert (fund["net_asset_value"], fund["date"]) == (None, None)


def test_what_is_no_fund_is_refused_before_tiger_is_asked(client: Client, simulator: Simulator) -> None:
    for path in (FUNDS, HISTORY):
        body = client.refusal(path, 400, "invalid_request", symbols=[INCOME, "SPY"])
        assert "SPY" in body["details"]["symbols"][0]
    assert simulator.calls("fund_contracts") == simulator.calls("fund_history_quote") == 0


def test_a_refusal_does_not_take_a_fund_for_a_stock_of_the_united_states(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("code", method="fund_contracts", code=4, message="4000:permission denied"))
    body = client.refusal(FUNDS, 403, "tiger_permission_denied", symbols=[INCOME])

    assert " US" not in body["error"]
