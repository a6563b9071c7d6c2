"""What the open points of Tiger's order life look like, each way, to the real SDK."""

import json
from typing import Any

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.trade.domain.order import Order

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import FIRST, PAPER, SECOND, SECOND_ID, Trader, Wire

TOO_DEAR: dict[str, Any] = {"quantity": 1_000_000, "order_type": "LMT", "limit_price": 200.0}
NO_MONEY = "可用资金或购买力不足"


def tell_number(trader: Trader) -> int:
    return int(trader.client.create_order(trader.account, None, "BUY", "MKT", 1).order_id)


def rest(trader: Trader, **fields: Any) -> Order:
    """Place an order that rests far from the market."""
    return trader.place("BUY", 1, "LMT", limit_price=1.0, **fields)


def get_document(simulator: Simulator, order: Order) -> dict[str, Any]:
    return next(document for document in simulator.orders() if document["id"] == order.id)


def test_a_next_free_number_is_told_again_until_an_order_has_it(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(order_numbers="next_free")
    told = [tell_number(trader), tell_number(trader)]
    rest(trader, order_id=told[0])

    assert told[0] == told[1]
    assert tell_number(trader) == told[0] + 1


def test_the_number_of_a_refused_order_stays_free(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(order_numbers="next_free")
    number = tell_number(trader)
    with pytest.raises(ApiException):
        trader.place("BUY", **TOO_DEAR, order_id=number)

    assert tell_number(trader) == number
    assert rest(trader, order_id=number).order_id == number


def test_any_number_that_no_order_has_can_be_placed_with(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(order_numbers="next_free")
    rest(trader, order_id=9000)

    assert rest(trader, order_id=77).order_id == 77
    assert tell_number(trader) == 9001


@pytest.mark.parametrize(
    ("reading", "language", "account", "code", "text"),
    [
        ("refused_1100", "zh", FIRST, 1100, "TRADE DUPLICATE ORDER ID"),
        ("refused_1200", "en", FIRST, 1200, "standard account response error(bad_request:duplicate order id)"),
        ("refused_1200", "zh", FIRST, 1200, "standard account response error(bad_request:订单号重复)"),
        ("refused_1200", "en", PAPER, 1200, "standard account response error(bad_request:duplicate order id)"),
    ],
)
def test_a_used_number_is_refused_as_it_is_read(
    simulator: Simulator, reading: str, language: str, account: str, code: int, text: str
) -> None:
    trader = Trader(simulator, account)
    simulator.read_as(used_number=reading, refusal_language=language)
    rest(trader, order_id=5000)

    with pytest.raises(ApiException) as refused:
        rest(trader, order_id=5000, symbol="MSFT")
    assert (refused.value.code, refused.value.msg) == (code, text)


def test_a_used_number_can_be_answered_with_the_order_of_somebody_else(simulator: Simulator, trader: Trader) -> None:
    holder = rest(trader, order_id=5000, user_mark="theirs")
    simulator.read_as(used_number="answers_holder")
    draft = trader.draft("SELL", 3, symbol="MSFT", order_id=5000, user_mark="ours")
    trader.client.place_order(draft)

    told = draft.orders[0]
    assert (draft.id, told["orderId"], told["symbol"], told["userMark"]) == (holder.id, 5000, "AAPL", "theirs")
    assert len(simulator.orders()) == 1


def test_a_lookup_by_number_can_be_answered_with_the_listing(simulator: Simulator, wire: Wire, trader: Trader) -> None:
    placed = [rest(trader), rest(trader)]
    simulator.read_as(lookup_by_number="ignored")
    told = wire.ask("orders", {"account": FIRST, "order_id": placed[0].order_id})["data"]["items"]

    assert [item["id"] for item in told] == [placed[1].id, placed[0].id]


def test_a_lookup_by_number_can_be_refused(simulator: Simulator, trader: Trader) -> None:
    order = rest(trader)
    simulator.read_as(lookup_by_number="refused")

    with pytest.raises(ApiException) as refused:
        trader.client.get_order(order_id=order.order_id)
    assert (refused.value.code, refused.value.msg) == (1010, "biz param error(field 'id' cannot be empty)")
    assert trader.order(order.id).id == order.id


@pytest.mark.parametrize("reading", ["ignored", "refused"])
def test_a_global_account_is_always_looked_up_by_number(simulate: Simulate, reading: str) -> None:
    simulator = simulate(global_account=True)
    simulator.read_as(lookup_by_number=reading)
    trader = Trader(simulator, "U1234567")
    order = rest(trader)

    assert trader.client.get_order(account="U1234567", order_id=order.order_id).id == order.id


@pytest.mark.parametrize(
    ("reading", "language", "status", "remark"),
    [
        ("taken_then_invalid", "zh", "Invalid", NO_MONEY),
        ("taken_then_invalid", "en", "Invalid", "insufficient buying power"),
        ("taken_then_inactive", "zh", "Inactive", NO_MONEY),
    ],
)
def test_an_order_that_cannot_be_paid_can_be_taken_and_refused_two_seconds_later(
    simulate: Simulate, reading: str, language: str, status: str, remark: str
) -> None:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.read_as(unaffordable=reading, refusal_language=language)
    trader = Trader(simulator)
    before = trader.segment().cash_available_for_trade
    order = trader.place("BUY", **TOO_DEAR)
    simulator.advance(1.9)
    looks_accepted, tied = get_document(simulator, order), before - trader.segment().cash_available_for_trade
    simulator.advance(0.2)
    ended = get_document(simulator, order)

    assert (looks_accepted["status"], looks_accepted["remark"], tied) == ("Submitted", "", 0)
    assert (ended["status"], ended["filledQuantity"], ended["canModify"]) == (status, 0, False)
    assert remark in ended["remark"]


def test_an_order_that_will_be_refused_never_trades(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(unaffordable="taken_then_invalid")
    order = trader.place("BUY", 1_000_000)
    simulator.set_price("AAPL", 0.01)
    simulator.advance(5)

    ended = get_document(simulator, order)
    assert (ended["status"], ended["filledQuantity"]) == ("Invalid", 0)
    assert trader.position().quantity == 100


def test_a_preview_tells_lack_of_money_before_it_is_taken(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(unaffordable="taken_then_invalid", refusal_language="zh")
    told = trader.client.preview_order(trader.draft("BUY", 1_000_000))

    assert (told["is_pass"], told["message"]) == (False, NO_MONEY)


@pytest.mark.parametrize(("reading", "status"), [("cancelled_with_remark", "Cancelled"), ("invalid", "Invalid")])
@pytest.mark.parametrize(("language", "remark"), [("en", "order expired"), ("zh", "订单已过期")])
def test_a_day_order_ends_as_it_is_read(
    simulator: Simulator, trader: Trader, reading: str, status: str, language: str, remark: str
) -> None:
    simulator.read_as(expired_day_order=reading, refusal_language=language)
    order = rest(trader, time_in_force="DAY")
    simulator.advance(3 * 24 * 3600)
    ended = get_document(simulator, order)

    assert (ended["status"], ended["remark"], ended["canModify"]) == (status, remark, False)


def test_six_orders_in_one_second_are_one_too_many_for_an_account(simulate: Simulate) -> None:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.read_as(order_rate="five_a_second")
    trader = Trader(simulator, PAPER)
    orders = [rest(trader) for _ in range(4)]
    trader.client.modify_order(orders[0], limit_price=2.0)
    wire = Wire(simulator, SECOND_ID)
    refused = [
        wire.ask(method, {"account": PAPER})
        for method in ("place_order", "modify_order", "preview_order", "cancel_order")
    ]
    Trader(simulator, SECOND).place("BUY", 1)
    simulator.advance(1)
    rest(trader)

    text = "standard account response error(too_many_requests:error.requestRateExceedLimit)"
    assert [json.dumps(answer) for answer in refused] == [json.dumps({"code": 1200, "message": text, "data": None})] * 4
    assert len(simulator.orders(PAPER)) == 5


@pytest.mark.parametrize("time_in_force", ["IOC", "FOK"])
def test_an_immediate_order_can_be_refused_by_its_field(
    simulator: Simulator, trader: Trader, time_in_force: str
) -> None:
    simulator.read_as(ioc_fok="refused")

    with pytest.raises(ApiException, match="'time_in_force'") as refused:
        trader.place("BUY", 1, "LMT", limit_price=1.0, time_in_force=time_in_force)
    assert refused.value.code == 1010
    assert rest(trader, time_in_force="OPG")._status == OrderStatus.HELD


def test_a_cancellation_in_two_steps_leaves_the_status_for_a_second(simulate: Simulate) -> None:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.read_as(cancel="two_steps")
    trader = Trader(simulator)
    order = rest(trader)
    trader.client.cancel_order(id=order.id)
    simulator.advance(0.9)
    between = get_document(simulator, order)
    simulator.advance(0.2)
    ended = get_document(simulator, order)

    assert (between["status"], between["cancelStatus"], between["canModify"]) == ("Submitted", "RECEIVED", False)
    assert (ended["status"], ended["cancelStatus"], ended["remark"]) == ("Cancelled", "RECEIVED", "")


def test_a_fill_may_come_between_the_two_steps_of_a_cancellation(simulate: Simulate) -> None:
    simulator = simulate(frozen_at_ms=1_800_000_000_000)
    simulator.read_as(cancel="two_steps")
    trader = Trader(simulator)
    order = rest(trader)
    trader.client.cancel_order(id=order.id)
    simulator.set_price("AAPL", 0.5)
    simulator.advance(2)

    assert trader.order(order.id)._status == OrderStatus.FILLED


@pytest.mark.parametrize(("order_type", "fields"), [("MKT", {}), ("STP", {"aux_price": 500.0})])
@pytest.mark.parametrize(("language", "text"), [("en", "market or stop order during pre-market"), ("zh", "盘前盘后")])
def test_a_market_order_for_all_hours_can_be_refused(
    simulator: Simulator, trader: Trader, order_type: str, fields: dict[str, Any], language: str, text: str
) -> None:
    simulator.read_as(market_order_outside_rth="refused", refusal_language=language)

    with pytest.raises(ApiException, match=f"bad_request:.*{text}") as refused:
        trader.place("BUY", 1, order_type, outside_rth=True, order_id=5000, **fields)
    assert refused.value.code == 1200
    assert trader.place("BUY", 1, order_type, outside_rth=False, order_id=5000, **fields).order_id == 5000


def test_business_reasons_are_chinese_where_they_are_read_so(simulator: Simulator, trader: Trader) -> None:
    simulator.read_as(refusal_language="zh", missing_order="error")

    with pytest.raises(ApiException, match="bad_request:可用资金或购买力不足"):
        trader.place("BUY", **TOO_DEAR)
    with pytest.raises(ApiException, match="bad_request:订单不存在"):
        trader.client.get_order(id=77)
    with pytest.raises(ApiException, match="bad_request:合约不正确"):
        trader.place("BUY", 1, contract=stock_contract("NOSUCH", "USD"))
