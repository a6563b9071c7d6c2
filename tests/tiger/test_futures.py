"""Futures are found by exchange, type and code; a contract says when it trades, a continuous one what it stood for."""

import datetime as dt
from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.market.futures import get_contracts, get_main_contracts, get_times
from tests.support.client import PAPER, SECOND, Client, assert_refusal

PATH = "/api/info/futures"
# Recorded answers of Tiger's.
CURRENT = {
    "continuous": True,
    "trade": True,
    "type": "ES",
    "contractCode": "ES2509",
    "ibCode": "ES",
    "name": "E-mini S&P 500 - Sep 2025",
    "contractMonth": "202509",
    "lastTradingDate": "20250919",
    "firstNoticeDate": "",
    "lastBiddingCloseTime": 0,
    "currency": "USD",
    "exchangeCode": "GLOBEX",
    "multiplier": 50.0,
    "minTick": 0.25,
    "displayMultiplier": 1,
    "exchange": "CME",
    "productWorth": "US$50 USD per index point",
    "deliveryMode": "Cash",
    "productType": "Equity Index",
}
CONTINUOUS = {"continuous": False, "type": "CL", "contractCode": "CLmain", "contractMonth": "", "lastTradingDate": ""}
TIMES = {
    "biddingTimes": [{"start": 1755035100000, "end": 1755036000000}],
    "tradingTimes": [{"start": 1755036000000, "end": 1755118800000}],
    "timeSection": "America/New_York",
}


def test_a_contract_that_tiger_was_seen_to_send_is_read() -> None:
    (contract,) = get_contracts(CURRENT, "ES")

    assert contract == {
        "symbol": "ES2509",
        "sec_type": "FUT",
        "identifier": "ES2509",
        "market": None,
        "currency": "USD",
        "expiry": "20250919",
        "strike": None,
        "put_call": None,
        "multiplier": 50,
        "type": "ES",
        "trading_class": "ES",
        "name": "E-mini S&P 500 - Sep 2025",
        "exchange": "CME",
        "exchange_code": "GLOBEX",
        "contract_month": "202509",
        "last_trading_date": "2025-09-19",
        "first_notice_date": None,
        "last_bidding_close_time": None,
        "min_tick": 0.25,
        "display_multiplier": 1,
        "product_type": "Equity Index",
        "product_worth": "US$50 USD per index point",
        "delivery_mode": "Cash",
        "main": True,
        "tradable": True,
        "continuous": False,
    }


def test_a_continuous_contract_is_known_by_its_code_and_has_no_days() -> None:
    (contract,) = get_contracts(CONTINUOUS)

    assert (contract["continuous"], contract["main"]) == (True, False)
    assert (contract["expiry"], contract["last_trading_date"], contract["contract_month"]) == (None, None, None)


def test_a_contract_of_another_type_is_left_out() -> None:
    assert get_contracts([CURRENT, CONTINUOUS, {"type": "ES"}], "ES") == get_contracts([CURRENT])
    assert get_contracts(CONTINUOUS, "ES") == []


def test_times_that_tiger_was_seen_to_send_are_read() -> None:
    assert get_times(TIMES) == {
        "zone": "America/New_York",
        "bidding": [{"begin": 1755035100000, "end": 1755036000000}],
        "trading": [{"begin": 1755036000000, "end": 1755118800000}],
    }


@pytest.mark.parametrize("data", [None, {}, {"tradingTimes": [{"start": 1755036000000}], "biddingTimes": None}])
def test_a_span_without_both_ends_is_none(data: Any) -> None:
    assert get_times(data) == {"zone": None, "bidding": [], "trading": []}


def test_what_a_continuous_contract_stood_for_is_read_oldest_first() -> None:
    items = [
        {"time": 1758229200000, "referContractCode": "CL2511"},
        {"time": 1758142800000, "referContractCode": "CL2510"},
    ]
    data = [
        {"contractCode": "ESmain", "mainReferItems": items[:1]},
        {"contractCode": "CLmain", "mainReferItems": items},
    ]

    assert get_main_contracts("CLmain", data) == [
        {"time": 1758142800000, "symbol": "CL2510"},
        {"time": 1758229200000, "symbol": "CL2511"},
    ]


def test_each_exchange_lists_the_contracts_of_its_types(module_client: Client) -> None:
    exchanges = module_client.data(PATH)["exchanges"]

    assert {"code": "CME", "name": "CME", "zone": "America/Chicago"} in exchanges
    for exchange in exchanges:
        contracts = module_client.data(PATH, exchange=exchange["code"].lower())["contracts"]
        assert {contract["exchange"] for contract in contracts} == {exchange["code"]}
        for kind in {contract["type"] for contract in contracts}:
            own = [contract for contract in contracts if contract["type"] == kind]
            assert module_client.data(PATH, type=kind)["contracts"] == own


def test_a_type_has_a_current_and_a_continuous_contract(module_client: Client) -> None:
    answer = module_client.data(PATH, type="es")

    assert answer["current"] in answer["contracts"]
    assert [contract for contract in answer["contracts"] if contract["main"]] == [answer["current"]]
    assert (answer["continuous"]["symbol"], answer["continuous"]["continuous"]) == ("ESmain", True)
    for contract in (answer["current"], answer["continuous"]):
        assert module_client.data(PATH, code=contract["symbol"])["contract"] == contract


def test_a_continuous_contract_stands_for_the_current_one(module_client: Client) -> None:
    current = module_client.data(PATH, type="CL")["current"]
    answer = module_client.data(PATH, code="clmain")
    times = [row["time"] for row in answer["main_contracts"]]

    assert answer["code"] == "CLmain"
    assert times == sorted(times)
    assert len(times) > 15
    assert answer["main_contracts"][-1]["symbol"] == current["symbol"]


def test_both_ends_of_the_range_of_a_continuous_contract_are_in_it(module_client: Client) -> None:
    answer = module_client.data(PATH, code="ESmain", begin_date="2026-03-09", end_date="2026-03-11")
    ends = [dt.datetime.fromtimestamp(row["time"] / 1000, dt.UTC).date() for row in answer["main_contracts"]]

    assert ends == [dt.date(2026, 3, 9), dt.date(2026, 3, 10), dt.date(2026, 3, 11)]


def test_a_session_follows_its_bids_and_begins_on_the_evening_before(module_client: Client) -> None:
    times = module_client.data(PATH, code="ESmain", trading_date="20260311")["trading_times"]
    (bidding,), (trading,) = times["bidding"], times["trading"]

    assert (times["trading_date"], times["zone"]) == ("2026-03-11", "America/New_York")
    assert dt.datetime.fromtimestamp(trading["begin"] / 1000, dt.UTC) == dt.datetime(2026, 3, 10, 22, tzinfo=dt.UTC)
    assert bidding["begin"] < bidding["end"] == trading["begin"] < trading["end"]


def test_a_day_without_trading_has_no_times(module_client: Client) -> None:
    times = module_client.data(PATH, code="ESmain", trading_date="2026-03-14")["trading_times"]

    assert (times["bidding"], times["trading"]) == ([], [])


def test_where_no_day_is_named_the_session_of_now_is_given(module_client: Client) -> None:
    times = module_client.data(PATH, code="ESmain")["trading_times"]

    assert times["trading_date"] is None
    assert len(times["trading"]) == 1


@pytest.mark.parametrize("asked", [{"code": "ES1203"}, {"code": "NOSUCHmain"}, {"type": "NOSUCH"}])
def test_what_tiger_does_not_list_is_not_found(module_client: Client, asked: dict[str, str]) -> None:
    assert_refusal(module_client.post(PATH, **asked), 404, "symbol_not_found")


def test_an_exchange_that_tiger_does_not_know_is_told(module_client: Client) -> None:
    assert "NOPE" in module_client.refusal(PATH, 400, "invalid_request", exchange="NOPE")["error"]


def test_a_contract_that_is_not_the_one_asked_for_is_not_found(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("missing_fields", method="future_contract_by_contract_code", fields=("contractCode",)))

    assert_refusal(client.post(PATH, code="ESmain"), 404, "symbol_not_found")


def test_lists_are_kept_for_all_accounts_of_a_user(client: Client, simulator: Simulator) -> None:
    for asked in ({}, {"exchange": "CME"}, {"type": "ES"}):
        second, paper = (client.for_account(account).data(PATH, **asked) for account in (SECOND, PAPER))
        assert second == paper

    methods = ("future_exchange", "future_contract_by_exchange_code", "future_contracts", "future_current_contract")
    assert [simulator.calls(method) for method in methods] == [1, 1, 1, 1]
