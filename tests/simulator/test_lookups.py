"""Questions about orders, executions, positions and money."""

from dataclasses import replace

import pytest
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import future_contract

from app.simulator.readings import Readings
from app.simulator.running import Simulator
from tests.simulator.conftest import PLAIN, Simulate
from tests.simulator.trader import FIRST, FIRST_ID, SECOND, Trader, Wire


def rest(trader: Trader, count: int) -> list[int]:
    return [trader.place("BUY", 1, "LMT", limit_price=1.0).id for _ in range(count)]


def test_an_order_is_found_by_either_number(trader: Trader) -> None:
    order = trader.place("BUY", 1)

    assert trader.client.get_order(order_id=order.order_id).id == order.id


@pytest.mark.parametrize(("answer", "data"), [("empty", {}), ("null", None)])
def test_an_order_that_is_not_there_is_an_answer_without_an_order(
    simulate: Simulate, answer: str, data: object
) -> None:
    wire = Wire(simulate(readings=Readings.read([f"missing_order={answer}"])))

    assert wire.ask("orders", {"account": FIRST, "order_id": 77})["data"] == data


def test_an_order_that_is_not_there_can_be_an_error(simulate: Simulate) -> None:
    trader = Trader(simulate(readings=replace(PLAIN, missing_order="error")))

    with pytest.raises(ApiException, match="order not found") as refused:
        trader.client.get_order(order_id=77)
    assert refused.value.code == 1200


def test_the_orders_of_another_account_are_not_found(simulator: Simulator, trader: Trader) -> None:
    order = trader.place("BUY", 1)

    assert Trader(simulator, SECOND).order(order.id) is None


def test_orders_come_newest_first_and_page_by_page(trader: Trader) -> None:
    placed = rest(trader, 5)
    first = trader.client.get_orders(limit=2, page_token="")
    rest(trader, 1)
    second = trader.client.get_orders(limit=2, page_token=first.next_page_token)
    third = trader.client.get_orders(limit=2, page_token=second.next_page_token)

    walked = [order.id for page in (first, second, third) for order in page.result]
    assert walked == placed[::-1]
    assert third.next_page_token is None


def test_orders_are_filtered_by_status_symbol_and_time(simulator: Simulator, trader: Trader) -> None:
    filled = trader.place("BUY", 1)
    simulator.advance(1)  # Times of orders are whole seconds.
    resting = rest(trader, 1)[0]
    other = trader.place("BUY", 1, symbol="MSFT").id
    end = filled.order_time + 1_000

    assert [order.id for order in trader.client.get_orders(states=["Submitted"])] == [resting]
    assert [order.id for order in trader.client.get_orders(symbol="MSFT")] == [other]
    assert [order.id for order in trader.client.get_orders(market="HK")] == []
    assert filled.id in [order.id for order in trader.client.get_orders(start_time=filled.order_time, end_time=end)]
    assert filled.id not in [order.id for order in trader.client.get_orders(end_time=filled.order_time)]


def test_open_filled_and_cancelled_orders_have_their_own_lists(simulator: Simulator, trader: Trader) -> None:
    filled, (resting, ended) = trader.place("BUY", 1).id, rest(trader, 2)
    trader.client.cancel_order(id=ended)
    now = simulator.now_ms

    assert [order.id for order in trader.client.get_open_orders()] == [resting]
    assert [order.id for order in trader.client.get_cancelled_orders()] == [ended]
    assert [order.id for order in trader.client.get_filled_orders(start_time=now - 60_000, end_time=now + 1)] == [
        filled
    ]


@pytest.mark.parametrize("days", [None, 91])
def test_filled_orders_need_a_range_of_ninety_days_at_most(wire: Wire, days: int | None) -> None:
    biz = {"account": FIRST} | ({} if days is None else {"start_date": 0, "end_date": days * 86_400_000})

    assert wire.ask("filled_orders", biz)["code"] == 1010


@pytest.mark.parametrize("limit", [0, 301, "x"])
def test_a_page_is_at_most_three_hundred_orders(wire: Wire, limit: object) -> None:
    assert wire.ask("orders", {"account": FIRST, "limit": limit})["code"] == 1010


def test_executions_add_up_to_the_order(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 10)
    order = trader.place("BUY", 20_000, "LMT", limit_price=11.0)
    simulator.advance(60)
    fills = trader.client.get_transactions(order_id=order.id)

    assert len(fills) > 1
    assert sum(fill.filled_quantity for fill in fills) == 20_000
    assert sum(fill.filled_amount for fill in fills) == pytest.approx(trader.order(order.id).filled_cash_amount)


def test_charges_are_itemised_on_request(trader: Trader) -> None:
    order = trader.place("SELL", 100)
    charges = trader.client.get_order(id=order.id, show_charges=True).charges

    assert {charge.category for charge in charges} == {"TIGER", "THIRD_PARTY"}
    assert sum(charge.total for charge in charges) == pytest.approx(order.commission)


def test_the_accounts_of_a_developer_are_listed_live_before_paper(simulator: Simulator) -> None:
    second = Trader(simulator, SECOND).client.get_managed_accounts()

    assert [(profile.account, profile.account_type) for profile in second] == [
        (SECOND, "STANDARD"),
        ("20240830213609658", "PAPER"),
    ]


def test_the_account_of_another_developer_is_refused(wire: Wire) -> None:
    assert wire.ask("positions", {"account": SECOND})["code"] == 1010


def test_positions_are_stocks_unless_asked_otherwise(trader: Trader) -> None:
    assert {position.contract.sec_type for position in trader.client.get_positions()} == {"STK"}
    assert trader.client.get_positions(sec_type="OPT") == []
    assert [held.contract.symbol for held in trader.client.get_positions(market="HK")] == ["00700"]


def test_assets_are_told_in_another_currency(trader: Trader) -> None:
    dollars = trader.segment().net_liquidation
    converted = trader.client.get_prime_assets(base_currency="HKD").segments["S"]

    assert converted.currency == "HKD"
    assert converted.net_liquidation * 0.128 == pytest.approx(dollars, rel=0.01)


def test_the_legacy_account_has_its_own_kind_of_assets(simulate: Simulate) -> None:
    trader = Trader(simulate(global_account=True), "U1234567")
    summary = trader.client.get_assets(account="U1234567", segment=True, market_value=True)[0]

    assert summary.summary.net_liquidation > 250_000
    with pytest.raises(ApiException) as refused:
        trader.client.get_prime_assets(account="U1234567")
    assert refused.value.code == 1100


def test_what_can_be_bought_grows_with_credit_and_what_is_held_can_be_sold(trader: Trader) -> None:
    buying = trader.client.get_estimate_tradable_quantity(trader.draft("BUY", 1))
    selling = trader.client.get_estimate_tradable_quantity(trader.draft("SELL", 1))

    assert (buying.tradable_quantity > 0, buying.financing_quantity > 0) == (True, True)
    assert (selling.tradable_quantity, selling.position_quantity) == (100, 100)


def test_licence_and_permissions_are_told(wire: Wire) -> None:
    assert wire.ask("user_license")["data"] == {"tigerId": FIRST_ID, "license": "TBHK"}
    assert wire.ask("grab_quote_permission")["data"][0] == {"name": "usQuoteBasic", "expireAt": -1}


def test_orders_are_those_of_securities_unless_other_segments_are_asked_for(trader: Trader) -> None:
    future = trader.place("BUY", 1, "LMT", limit_price=1.0, contract=future_contract("ESmain", "USD")).id
    (stock,) = rest(trader, 1)

    def listed(**segment: str) -> list[int]:
        return [order.id for order in trader.client.get_orders(**segment)]

    assert (listed(), listed(seg_type="SEC"), listed(seg_type="FUT")) == ([stock], [stock], [future])
    assert (listed(seg_type="ALL"), listed(seg_type="FUND")) == ([stock, future], [])
    assert [order.id for order in trader.client.get_open_orders()] == [stock]


def test_the_legacy_account_is_told_of_a_partial_fill_as_filled(simulate: Simulate) -> None:
    simulator = simulate(global_account=True, frozen_at_ms=1_790_000_000_000)
    simulator.set_price("AAPL", 1)
    legacy, prime = (
        Trader(simulator, account).place("BUY", 50_000, "LMT", limit_price=2) for account in ("U1234567", FIRST)
    )

    assert legacy.filled == prime.filled < legacy.quantity
    assert (legacy._status.value, prime._status.value) == ("Filled", "Submitted")
