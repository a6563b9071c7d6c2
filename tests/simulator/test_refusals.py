"""Orders that the account may not place, and how it is told."""

from typing import Any

import pytest
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import stock_contract

from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import FIRST, PAPER, SECOND, Trader, Wire

REFUSED = [
    pytest.param(1_000_000, "LMT", {"limit_price": 200.0}, "insufficient buying power", id="money"),
    pytest.param(150, "LMT", {"symbol": "00700", "limit_price": 500.0}, "multiple of the lot size 100", id="lot"),
    pytest.param(1, "LMT", {"limit_price": 100.001}, "minimum price variation", id="tick"),
    pytest.param(1, "LMT", {"symbol": "NOSUCH", "limit_price": 1.0}, "合约不正确", id="contract"),
    pytest.param(1, "MKT", {"contract": stock_contract("AAPL", "HKD")}, "合约不正确", id="currency"),
    pytest.param(5, "MKT", {"quantity_scale": 1, "outside_rth": True}, "regular hours", id="fraction outside"),
    pytest.param(1, "STP", {"aux_price": 500.0, "time_in_force": "IOC"}, "time in force IOC", id="stop at once"),
    pytest.param(1, "MKT", {"time_in_force": "GTC"}, "time in force GTC", id="market that lasts"),
    pytest.param(None, "MKT", {"total_cash_amount": 0.5}, "amount is too small", id="small amount"),
    pytest.param(5, "MKT", {"symbol": "00700", "quantity_scale": 1}, "multiple of the lot size", id="HK fraction"),
]


@pytest.mark.parametrize(("quantity", "order_type", "fields", "reason"), REFUSED)
def test_a_purchase_is_refused_with_its_reason(
    trader: Trader, quantity: float | None, order_type: str, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ApiException, match=reason) as refused:
        trader.place("BUY", quantity, order_type, **fields)

    assert refused.value.code == 1200
    assert trader.client.get_orders() == []


def test_a_position_is_not_reversed_by_one_order(trader: Trader) -> None:
    with pytest.raises(ApiException, match="exceeds the closable quantity 100"):
        trader.place("SELL", 101)


def test_what_is_promised_to_one_sale_cannot_be_sold_by_another(trader: Trader) -> None:
    trader.place("SELL", 60, "LMT", limit_price=9000.0)

    with pytest.raises(ApiException, match="exceeds the closable quantity 40"):
        trader.place("SELL", 60, "LMT", limit_price=9000.0)


def test_a_position_can_be_sold_short_and_covered(trader: Trader) -> None:
    trader.place("SELL", 10, symbol="TSLA")
    short = trader.position("TSLA")
    trader.place("BUY", 10, symbol="TSLA")

    assert (short.quantity, short.market_value < 0) == (-10, True)
    assert trader.position("TSLA") is None


def test_a_used_order_number_is_refused_and_places_nothing(trader: Trader) -> None:
    order = trader.client.create_order(trader.account, stock_contract("AAPL", "USD"), "BUY", "MKT", 1)
    trader.client.place_order(order)

    with pytest.raises(ApiException, match="TRADE DUPLICATE ORDER ID"):
        trader.client.place_order(order)
    assert len(trader.client.get_orders()) == 1


def test_a_used_order_number_can_be_made_to_return_the_order(simulate: Simulate) -> None:
    trader = Trader(simulate(readings=Readings(used_number="answers_holder")))
    order = trader.client.create_order(trader.account, stock_contract("AAPL", "USD"), "BUY", "MKT", 1)

    assert trader.client.place_order(order) == trader.client.place_order(order)
    assert len(trader.client.get_orders()) == 1


def test_the_same_number_serves_two_accounts(simulate: Simulate) -> None:
    simulator = simulate()
    traders = [Trader(simulator, account) for account in (FIRST, SECOND)]
    placed = [trader.place("BUY", 1, order_id=5000) for trader in traders]

    assert [order.order_id for order in placed] == [5000, 5000]


@pytest.mark.parametrize("time_in_force", ["GTC", "GTD"])
def test_the_paper_account_takes_no_lasting_orders(simulate: Simulate, time_in_force: str) -> None:
    paper = Trader(simulate(), PAPER)

    with pytest.raises(ApiException, match="paper account") as refused:
        paper.place("BUY", 1, "LMT", limit_price=1.0, time_in_force=time_in_force, expire_time=4_102_444_800_000)
    assert refused.value.code == 1200


def test_an_order_type_that_is_not_traded_is_refused_by_name(trader: Trader) -> None:
    with pytest.raises(ApiException, match="PEG") as refused:
        trader.place("BUY", 1, "PEG")

    assert refused.value.code == 1010


@pytest.mark.parametrize("field", ["account", "symbol", "action", "order_type", "total_quantity", "limit_price"])
def test_a_missing_field_is_named(wire: Wire, field: str) -> None:
    biz = {
        "account": FIRST,
        "symbol": "AAPL",
        "action": "BUY",
        "order_type": "LMT",
        "total_quantity": 1,
        "limit_price": 1,
    }
    answer = wire.ask("place_order", {name: value for name, value in biz.items() if name != field})

    assert answer["code"] == 1010
    assert f"'{field}'" in answer["message"]


@pytest.mark.parametrize("value", [0, -1, "x", True, [1], 1e300])
def test_an_impossible_quantity_is_refused(wire: Wire, value: object) -> None:
    biz = {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "MKT", "total_quantity": value}

    assert wire.ask("place_order", biz)["code"] == 1010


def test_a_preview_says_what_would_be_refused(trader: Trader) -> None:
    good = trader.client.preview_order(trader.draft("BUY", 1))
    bad = trader.client.preview_order(trader.draft("BUY", 1_000_000))

    assert (good["is_pass"], good["init_margin"] > good["init_margin_before"]) == (True, True)
    assert (bad["is_pass"], "buying power" in bad["message"]) == (False, True)
    assert trader.client.get_orders() == []


def test_a_price_is_moved_onto_the_grid_where_the_client_allows_it(trader: Trader) -> None:
    order = trader.draft("BUY", 1, "LMT", limit_price=100.004)
    order.adjust_limit = 0.001
    trader.client.place_order(order)

    assert trader.order(order.id).limit_price == 100.01


def test_an_odd_lot_is_sold_where_the_contract_says_so_and_never_bought(simulator: Simulator) -> None:
    trader = Trader(simulator)
    simulator.hold(FIRST, "00001", 730)
    sold = trader.place("SELL", 230, symbol="00001")

    assert trader.client.get_contract("00001").support_fractional_share is True
    assert (sold.filled, trader.position("00001").quantity) == (230, 500)
    for action, scale in (("BUY", 0), ("SELL", 1)):
        with pytest.raises(ApiException, match="lot size 500"):
            trader.place(action, 231, symbol="00001", quantity_scale=scale)


def test_an_odd_lot_that_is_not_held_is_not_sold(trader: Trader) -> None:
    with pytest.raises(ApiException, match="lot size 200"):
        trader.place("SELL", 30, symbol="01299")
