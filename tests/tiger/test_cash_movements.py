"""What moved the cash of an account: every row once, whatever comes in between two pages."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.trading import cash_movements
from app.tiger.trading.cash_movements import MovementFilter
from tests.support.client import SECOND, Client

PATH = "/api/trade/cash-movements"
MARKET_ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}


def walk(client: Client, **fields: Any) -> list[str]:
    """Return the ids of all pages."""
    page = client.data(PATH, **fields)
    found = [row["id"] for row in page["movements"]]
    while page["next_page_token"] is not None:
        page = client.data(PATH, **fields | {"page_token": page["next_page_token"]})
        found += [row["id"] for row in page["movements"]]
    return found


def test_what_the_documentation_shows_is_read() -> None:
    row = {"id": "3942009038", "currency": "HKD", "type": "Financing Interest", "segType": "SEC", "amount": -2.43}
    read = cash_movements._decode({**row, "businessDate": "2025-03-06", "updatedAt": 1741247923000})

    assert (read["id"], read["amount"], read["business_date"]) == ("3942009038", -2.43, "2025-03-06")
    assert (read["description"], read["contract_name"], read["segment"]) == (None, None, "SEC")


def test_a_transfer_may_write_its_day_with_slashes() -> None:
    row = {"amount": 300000, "businessDate": "2024/11/15", "completedStatus": True, "id": 24924145879575129, "type": 1}
    read = cash_movements._decode_transfer(row)

    assert (read["id"], read["type"], read["business_date"]) == ("24924145879575129", "1", "2024-11-15")
    assert read["is_completed"] is True


def test_a_row_of_another_day_or_currency_is_left_out() -> None:
    row = {"business_date": "2026-10-01", "segment": "SEC", "currency": "USD"}
    day = cash_movements._get_day("2026-10-02")
    assert day == "2026-10-02"

    assert MovementFilter().matches(row)
    assert MovementFilter(currency="USD", segment="SEC").matches({**row, "currency": None, "segment": None})
    assert not MovementFilter(currency="HKD").matches(row)
    assert not MovementFilter(segment="FUT").matches(row)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_any_size_hold_every_movement_once(module_client: Client, limit: int) -> None:
    everything = walk(module_client)

    assert len(everything) > 3
    assert walk(module_client, limit=limit) == everything


def test_both_ends_of_the_span_are_in_it(module_client: Client) -> None:
    day = module_client.data(PATH)["movements"][0]["business_date"]

    assert module_client.data(PATH, begin_date=day, end_date=day)["count"] > 0
    assert module_client.data(PATH, begin_date="2026-01-01", end_date="2026-01-02")["count"] == 0


def test_a_token_is_good_for_its_own_question_and_account(module_client: Client) -> None:
    token = module_client.data(PATH, limit=1)["next_page_token"]

    for other, fields in ((module_client, {"segment": "SEC"}), (module_client.for_account(SECOND), {})):
        refused = other.refusal(PATH, 400, "invalid_request", page_token=token, **fields)
        assert "the same account" in refused["details"]["page_token"][0]
    refused = module_client.refusal("/api/trade/orders", 400, "invalid_request", page_token=token)
    assert "the same endpoint" in refused["details"]["page_token"][0]


def test_deposits_are_told_with_the_transfers_behind_them(module_client: Client) -> None:
    first = module_client.data(PATH, type="DEPOSIT_WITHDRAW", segment="SEC", limit=1)
    second = module_client.data(
        PATH, type="DEPOSIT_WITHDRAW", segment="SEC", limit=1, page_token=first["next_page_token"]
    )

    booked = {row["id"]: row["amount"] for page in (first, second) for row in page["movements"]}
    assert {row["id"]: row["amount"] for row in first["transfers"]} == booked
    assert "transfers" not in second


def test_what_comes_in_between_two_pages_is_neither_told_twice_nor_hides_a_row(client: Client) -> None:
    everything = walk(client)
    first = client.data(PATH, limit=2)
    client.data("/api/trade/place-order", **MARKET_ORDER)

    rest = walk(client, limit=3, page_token=first["next_page_token"])
    assert [row["id"] for row in first["movements"]] + rest == everything
    assert len(walk(client)) > len(everything)


def test_a_ledger_that_cannot_be_read_is_an_error(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("garbage", method="fund_details"))

    client.refusal(PATH, 502, "tiger_error")
