"""Executions are those of the account and of the question, each once, over as many pages as it takes."""

from typing import Any

import pytest

from app.errors import TigerError
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.instrument_filter import get_filter
from app.tiger.trading.transactions import TransactionFilter, get_transactions
from tests.support.client import FIRST, SECOND, Client

PATH = "/api/trade/transactions"
# As Tiger was seen to send them [samples of its SDKs]; of stocks the second has a side that means nothing.
FOREX = {
    "id": 41063075987197952,
    "accountId": 7350302,
    "orderId": 41063075975138304,
    "secType": "FOREX",
    "symbol": "USD.HKD",
    "currency": "HKD",
    "market": "US",
    "action": "SELL",
    "filledQuantity": 10,
    "filledQuantityScale": 0,
    "filledPrice": 7.76064,
    "filledAmount": 77.61,
    "transactedAt": "2025-11-04 00:00:07",
    "transactionTime": 1762185607350,
}
STOCK = {**FOREX, "accountId": "572386", "secType": "STK", "symbol": "01810", "right": "PUT", "filledQuantity": 12345}
STOCK = {**STOCK, "filledQuantityScale": 3}
OPTION = {**FOREX, "secType": "OPT", "symbol": "AAPL", "expiry": "20251219", "strike": "2.01", "right": "call"}


def place(client: Client, **fields: Any) -> dict[str, Any]:
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": 1}
    placed: dict[str, Any] = client.data("/api/trade/place-order", **order | fields)
    return placed


def test_what_tiger_was_seen_to_send_is_read() -> None:
    (row,) = get_transactions("7350302", {"items": [FOREX]})

    assert (row["id"], row["order_id"]) == ("41063075987197952", "41063075975138304")
    assert (row["quantity"], row["price"], row["amount"]) == (10, 7.76064, 77.61)
    assert (row["identifier"], row["transaction_time"], row["put_call"]) == ("USD.HKD", 1762185607350, None)


def test_a_stock_has_a_fraction_and_no_side() -> None:
    (row,) = get_transactions("572386", {"items": [STOCK]})

    assert (row["quantity"], row["put_call"], row["identifier"]) == (12.345, None, "01810")


def test_an_option_is_named_though_tiger_does_not_name_it() -> None:
    (row,) = get_transactions("7350302", {"items": [OPTION]})

    assert (row["identifier"], row["put_call"], row["strike"]) == ("AAPL  251219C00002010", "CALL", 2.01)


def test_executions_of_another_account_are_left_out() -> None:
    found = get_transactions("572386", {"items": [FOREX, STOCK]})

    assert [row["symbol"] for row in found] == ["01810"]
    with pytest.raises(TigerError, match="another account"):
        get_transactions("572386", {"items": [FOREX]})


@pytest.mark.parametrize("data", [None, {}, {"items": []}, {"items": None}])
def test_no_executions_are_an_empty_list(data: Any) -> None:
    assert get_transactions(FIRST, data) == ()


@pytest.mark.parametrize("data", [[FOREX], {"items": {}}, {"items": [{**FOREX, "id": None}]}])
def test_a_list_that_cannot_be_read_is_an_error(data: Any) -> None:
    with pytest.raises(TigerError):
        get_transactions("7350302", data)


@pytest.mark.parametrize(
    "named",
    [{"symbol": "AAPL"}, {"symbol": "AAPL", "sec_type": "STK"}, {"sec_type": "STK"}, {}],
    ids=lambda named: " ".join(named) or "nothing",
)
def test_a_symbol_is_asked_for_however_it_is_named(client: Client, named: dict[str, str]) -> None:
    """Tiger needs the type with the symbol, which clients need not send."""
    order_id = place(client)["order_id"]
    found = client.data(PATH, **named)["transactions"]

    assert order_id in {row["order_id"] for row in found}
    assert {row["symbol"] for row in found} == {"AAPL"}


def test_an_execution_of_another_order_or_instrument_is_not_wanted() -> None:
    (row,) = get_transactions("7350302", {"items": [OPTION]})
    at_ms = row["transaction_time"]

    assert TransactionFilter(row["order_id"], get_filter("AAPL"), at_ms, at_ms).matches(row)
    assert not TransactionFilter("1").matches(row)
    assert not TransactionFilter(instrument=get_filter("MSFT")).matches(row)
    assert not TransactionFilter(start_ms=at_ms + 1).matches(row)
    assert not TransactionFilter(end_ms=at_ms - 1).matches(row)


def test_an_order_may_be_named_by_either_of_its_ids(client: Client) -> None:
    placed = place(client)

    by_id, by_number = (
        client.data(PATH, order_id=placed[name])["transactions"] for name in ("order_id", "account_order_id")
    )
    assert by_id == by_number
    assert [row["order_id"] for row in by_id] == [placed["order_id"]]


def test_an_order_that_the_account_does_not_have_is_not_found(client: Client) -> None:
    placed = place(client)

    client.for_account(SECOND).refusal(PATH, 404, "order_not_found", order_id=placed["order_id"])


def test_pages_of_any_size_hold_every_execution_once(client: Client) -> None:
    for _ in range(3):
        place(client)
    everything = client.data(PATH, symbol="AAPL")["transactions"]

    page = client.data(PATH, symbol="AAPL", limit=2)
    found = page["transactions"]
    while page["next_page_token"]:
        page = client.data(PATH, symbol="AAPL", limit=2, page_token=page["next_page_token"])
        found += page["transactions"]
    assert found == everything
    assert [row["transaction_time"] for row in found] == sorted(
        (row["transaction_time"] for row in found), reverse=True
    )


def test_a_token_is_good_for_its_own_question(client: Client) -> None:
    place(client), place(client)
    token = client.data(PATH, limit=1)["next_page_token"]

    for path, fields in ((PATH, {"symbol": "AAPL"}), ("/api/trade/orders", {})):
        client.refusal(path, 400, "invalid_request", page_token=token, **fields)
    client.for_account(SECOND).refusal(PATH, 400, "invalid_request", page_token=token)


def test_both_ends_of_the_span_count(client: Client) -> None:
    place(client)
    at_ms = client.data(PATH, limit=1)["transactions"][0]["transaction_time"]

    assert client.data(PATH, begin_date=at_ms, end_date=at_ms)["count"] >= 1
    assert client.data(PATH, begin_date=at_ms + 1)["count"] == 0


def test_an_answer_that_is_no_list_is_an_error(client: Client, simulator: Simulator) -> None:
    simulator.inject(Fault("garbage", method="order_transactions"))

    client.refusal(PATH, 502, "tiger_error")
