"""How much an order could be for: what Tiger says of the order that is thought of, and of no other."""

from typing import Any

import pytest

from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.trading import tradable_quantity
from tests.support.client import PAPER, Client

PATH = "/api/trade/max-quantity"
BUY = {"action": "BUY", "order_type": "MKT"}


def test_what_tiger_was_seen_to_send_is_read() -> None:
    # As a sample of Tiger's SDK for C# has it, and its documentation of a cash account.
    told = {"tradableQuantity": 15987.0, "financingQuantity": 51481.0, "positionQuantity": 4.0}

    assert tradable_quantity._decode({**told, "tradablePositionQuantity": 4.0}) == {
        "tradable_quantity": 15987,
        "financing_quantity": 51481,
        "position_quantity": 4,
        "tradable_position_quantity": 4,
    }
    assert tradable_quantity._decode({"tradableQuantity": 45})["financing_quantity"] is None


def test_a_lower_price_buys_more(module_client: Client) -> None:
    dear, cheap = (
        module_client.data(PATH, symbol="AAPL", action="BUY", order_type="LMT", limit_price=price)
        for price in (200, 100)
    )

    assert (dear["limit_price"], dear["stop_price"]) == (200, None)
    assert cheap["tradable_quantity"] >= 2 * dear["tradable_quantity"] > 0


def test_what_is_held_can_be_sold(module_client: Client) -> None:
    held = module_client.data("/api/trade/positions")["positions"][0]

    answer = module_client.data(PATH, symbol=held["symbol"], action="SELL", order_type="MKT")
    assert answer["position_quantity"] == answer["tradable_quantity"] == held["quantity"]


def test_what_is_affordable_is_taken_and_more_is_not(module_client: Client) -> None:
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "limit_price": 150}
    told = module_client.data(PATH, **order)
    most = told["tradable_quantity"] + told["financing_quantity"]

    assert module_client.data("/api/trade/preview-order", **order, quantity=most)["is_pass"] is True
    assert module_client.data("/api/trade/preview-order", **order, quantity=2 * most)["is_pass"] is False


def test_an_option_is_asked_for_by_what_makes_it(module_client: Client) -> None:
    expiry = module_client.data("/api/market/option-chain", symbol="AAPL")["expirations"][1]
    chain = module_client.data("/api/market/option-chain", symbol="AAPL", expiry=expiry)["chain"]
    leg = chain["calls"][len(chain["calls"]) // 2]

    answer = module_client.data(PATH, symbol=leg["identifier"], **BUY)
    assert (answer["sec_type"], answer["strike"], answer["put_call"]) == ("OPT", leg["strike"], "CALL")
    assert answer["tradable_quantity"] > 0


@pytest.mark.parametrize("sec_type", ["FUT", "FUND", "CC"])
def test_a_type_that_tiger_does_not_answer_for_is_refused_before_it_is_asked(
    client: Client, simulator: Simulator, sec_type: str
) -> None:
    refused = client.refusal(PATH, 400, "invalid_request", symbol="BTC", sec_type=sec_type, **BUY)

    assert sec_type in refused["details"]["sec_type"][0]
    assert simulator.calls() == 0


def test_a_price_that_no_market_has_is_refused(module_client: Client) -> None:
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "limit_price": 5e-324}

    assert "limit_price" in module_client.refusal(PATH, 400, "invalid_request", **order)["details"]


def test_an_unknown_stock_is_told_as_such(module_client: Client) -> None:
    module_client.refusal(PATH, 404, "symbol_not_found", symbol="NOSUCH", **BUY)


def test_a_paper_account_is_asked_about(module_client: Client) -> None:
    assert module_client.for_account(PAPER).data(PATH, symbol="AAPL", **BUY)["tradable_quantity"] > 0


@pytest.mark.parametrize("fields", [("tradableQuantity",), ("tradableQuantity", "positionQuantity")])
def test_an_answer_without_a_quantity_is_an_error(client: Client, simulator: Simulator, fields: Any) -> None:
    simulator.inject(Fault("missing_fields", method="estimate_tradable_quantity", fields=fields))

    client.refusal(PATH, 502, "tiger_error", symbol="AAPL", **BUY)
