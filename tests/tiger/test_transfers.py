"""Exercises, transfers of positions and money of segments are told as Tiger tells them; nothing is changed."""

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.trading.exercises import _decode_position, _decode_record, get_rows
from app.tiger.trading.position_transfers import _decode, _is_of_account
from tests.support.client import Client

EXERCISES, CHECK = "/api/trade/option-exercises", "/api/trade/exercise-check"
TRANSFERS, FUNDS = "/api/trade/position-transfers", "/api/trade/segment-funds"
OPTION = {"symbol": "AAPL", "stkSymbol": "AAPL", "expireDate": "20260605", "strike": "305.0", "callPut": "PUT"}


def test_what_tiger_was_seen_to_send_about_exercises_is_read() -> None:
    # Recorded answers of Tiger's, shortened.
    held = {**OPTION, "market": "US", "contractId": 2701923713, "position": 197.0, "availableQuantity": 197.0}
    record = {
        **OPTION,
        "id": 302,
        "type": "Exercise",
        "status": "New",
        "contractId": 2701923713,
        "requestQuantity": 1.0,
        "quantity": 0.0,
        "executingDate": "20260513",
        "itmRate": 0,
        "isForce": False,
    }
    (position,) = get_rows({"items": [held, OPTION]}, _decode_position)
    (asked,) = get_rows({"items": [record]}, _decode_record)

    assert (position["contract_id"], position["symbol"], position["strike"]) == ("2701923713", "AAPL", 305.0)
    assert (position["expiry"], position["put_call"], position["quantity"]) == ("20260605", "PUT", 197)
    assert (asked["id"], asked["status"], asked["requested_quantity"], asked["quantity"]) == ("302", "New", 1, 0)
    assert (asked["executing_date"], asked["itm_rate"], asked["is_force"]) == ("2026-05-13", 0, False)


def test_what_tiger_was_seen_to_send_about_transfers_is_read() -> None:
    # Recorded answers of Tiger's, shortened.
    inner = {
        "id": "12345",
        "accountId": "1001",
        "counterpartyAccountId": "1002",
        "direction": "OUT",
        "status": "PENDING",
    }
    outer = {"id": "ext1", "accountId": "1001", "transferPropertyInfos": [{"symbol": "AAPL", "quantity": 100}]}

    assert _decode({**inner, "createdAt": "2025-01-01"}) == {
        "id": "12345",
        "account": "1001",
        "counterparty_account": "1002",
        "method": None,
        "direction": "OUT",
        "status": "PENDING",
        "memo": None,
        "created_at": "2025-01-01",
        "updated_at": None,
        "finished_at": None,
        "positions": [],
    }
    assert _decode(outer)["positions"] == [{"id": None, "symbol": "AAPL", "market": None, "quantity": 100}]


@pytest.mark.parametrize(
    ("named", "is_told"),
    [
        ({"accountId": "1001", "counterpartyAccountId": "1002"}, True),
        ({"accountId": "1002", "counterpartyAccountId": "1001"}, True),
        ({"accountId": "1001"}, True),
        ({"accountId": "1002"}, False),
        ({"accountId": "1002", "counterpartyAccountId": "1003"}, False),
        ({}, True),
    ],
)
def test_a_transfer_of_other_accounts_is_not_told(named: dict[str, str], is_told: bool) -> None:
    assert _is_of_account(_decode(named), "1001") is is_told


def test_an_option_that_is_held_can_be_exercised_and_what_that_does_is_shown(client: Client) -> None:
    expiry = client.data("/api/market/option-chain", symbol="AAPL")["expirations"][-1]
    chain = client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]
    option = {"identifier": chain["calls"][0]["identifier"], "quantity": 2}
    client.data("/api/trade/place-order", action="BUY", order_type="MKT", **option)
    held = [row for row in client.data(EXERCISES)["positions"] if row["expiry"] == expiry]
    shown = client.data(CHECK, contract_id=held[0]["contract_id"], quantity=1)

    assert (held[0]["symbol"], held[0]["put_call"]) == ("AAPL", "CALL")
    assert shown["stock_change"] == 100
    assert shown["stock_after"] == shown["stock_before"] + 100
    client.refusal(CHECK, 400, "invalid_request", contract_id=held[0]["contract_id"], quantity=10_000)


def test_another_page_of_exercises_than_the_one_asked_for_is_an_error(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("garbage", method="option_exercise_record"))

    assert client.post(EXERCISES).status_code in {502, 503, 504}


def test_money_that_can_leave_a_segment_is_told_by_currency(module_client: Client) -> None:
    of_all = module_client.data(FUNDS, segment="SEC")["available"]
    of_one = module_client.data(FUNDS, segment="SEC", currency="HKD")["available"]

    assert {row["currency"] for row in of_all} >= {"USD", "HKD"}
    assert of_one == [row for row in of_all if row["currency"] == "HKD"]


@pytest.mark.parametrize("scope", ["internal", "external"])
def test_transfers_of_a_span_are_listed(module_client: Client, scope: str) -> None:
    told = module_client.data(TRANSFERS, scope=scope, begin_date="2026-01-01", end_date="2026-03-01")

    assert (told["begin_date"], told["end_date"], told["transfers"]) == ("2026-01-01", "2026-03-01", [])


def test_a_transfer_that_nobody_knows_is_refused_by_its_name(module_client: Client) -> None:
    assert "transfer_id" in module_client.refusal(TRANSFERS, 400, "invalid_request", transfer_id="12345")["details"]
