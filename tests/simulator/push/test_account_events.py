"""What happens to an account by REST is pushed, as REST tells it."""

from decimal import Decimal
from typing import Any

import pytest
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import oca_order, order_leg
from tigeropen.push.pb.AssetData_pb2 import AssetData
from tigeropen.push.pb.OrderStatusData_pb2 import OrderStatusData
from tigeropen.push.pb.OrderTransactionData_pb2 import OrderTransactionData
from tigeropen.push.pb.PositionData_pb2 import PositionData
from tigeropen.trade.domain.contract import Contract

from app.simulator.faults import Fault
from tests.simulator.orders_of_each_kind import KINDS
from tests.simulator.push.clients import Bare, name_of
from tests.simulator.push.conftest import get_values
from tests.simulator.trader import FIRST, PAPER, SECOND, SECOND_ID, Trader

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")
TOPICS = ("OrderStatus", "OrderTransaction", "Position", "Asset")
LIMIT: dict[str, Any] = {"order_type": "LMT", "limit_price": 1.0}


@pytest.fixture
def account(signed_in: Bare) -> Bare:
    """Give a connection that has subscribed for the first account."""
    assert signed_in.subscribe("OrderStatus", account=FIRST).code == 112
    return signed_in


def receive(connection: Bare, kind: str) -> Any:
    """Return the next event of a kind, whatever comes before it."""
    while name_of(frame := connection.receive()) != kind:
        pass
    body = frame.body
    return getattr(body, str(body.WhichOneof("body")))


def test_an_order_that_fills_is_told_with_its_execution_position_and_assets(simulator, trader, account):
    order = trader.place("BUY", 3)
    simulator.advance(0)

    told = receive(account, "OrderStatus")
    fill = receive(account, "OrderTransaction")
    position = receive(account, "Position")
    asset = receive(account, "Asset")
    held = trader.position()
    segment = trader.segment()
    assert (told.id, told.status, told.filledQuantity, told.account) == (order.id, "Filled", 3, FIRST)
    assert told.avgFillPrice == fill.filledPrice == pytest.approx(order.avg_fill_price)
    assert (fill.orderId, fill.filledQuantity, fill.action) == (order.id, 3, "BUY")
    assert (position.symbol, position.positionQty) == ("AAPL", held.position_qty)
    assert position.averageCost == pytest.approx(held.average_cost)
    assert (asset.segType, asset.cashBalance) == ("S", pytest.approx(segment.cash_balance))
    assert asset.netLiquidation == pytest.approx(segment.net_liquidation)


def test_an_order_is_told_as_it_goes_but_not_before_it_is_submitted(trader, account):
    order = trader.place("BUY", 1, **LIMIT)
    placed = receive(account, "OrderStatus")
    trader.client.modify_order(trader.order(order.id), limit_price=1.5)
    modified = receive(account, "OrderStatus")
    trader.client.cancel_order(account=FIRST, id=order.id)
    cancelled = receive(account, "OrderStatus")

    assert [placed.status, modified.status, cancelled.status] == ["Submitted", "Submitted", "Cancelled"]
    assert (placed.limitPrice, modified.limitPrice) == (1.0, 1.5)
    assert (placed.canCancel, cancelled.canCancel) == (True, False)


def test_a_refusal_that_comes_late_is_told_with_its_reason(simulator, trader, account):
    simulator.inject(Fault("late_rejection", method="place_order", times=1, seconds=0.0, message="no money"))
    trader.client.place_order(trader.draft("BUY", 1, "LMT", limit_price=1.0))

    told = receive(account, "OrderStatus")
    assert (told.status, told.errorMsg) == ("Inactive", "no money")


def test_an_order_that_lookups_do_not_show_yet_is_told_once_they_do(simulator, trader, account):
    simulator.inject(Fault("late_visibility", method="place_order", times=1, seconds=60.0))
    hidden = trader.draft("BUY", 1, "LMT", limit_price=1.0)
    trader.client.place_order(hidden)
    shown = trader.place("BUY", 1, **LIMIT)

    assert receive(account, "OrderStatus").id == shown.id
    simulator.advance(61)
    assert receive(account, "OrderStatus").id == hidden.id


def test_a_position_that_is_closed_is_told_as_none(simulator, trader, account):
    simulator.hold(FIRST, "MSFT", 5)
    opened = receive(account, "Position")
    trader.place("SELL", 5, symbol="MSFT")
    closed = receive(account, "Position")

    assert (opened.symbol, opened.position) == ("MSFT", 5)
    assert (closed.symbol, closed.position, closed.positionQty) == ("MSFT", 0, 0.0)


def test_fractions_are_in_the_order_and_the_position_and_cut_off_in_the_execution(trader, account):
    trader.place("BUY", 15, quantity_scale=1)
    told = receive(account, "OrderStatus")
    fill = receive(account, "OrderTransaction")
    position = receive(account, "Position")
    trader.place("SELL", 15, quantity_scale=1)

    assert Decimal(told.filledQuantity).scaleb(-told.filledQuantityScale) == Decimal("1.5")
    assert fill.filledQuantity == 1
    assert Decimal(position.position).scaleb(-position.positionScale) == Decimal(str(position.positionQty))


@pytest.mark.parametrize("topic", TOPICS)
def test_any_topic_of_an_account_brings_all_four_and_takes_them_away_again(simulator, signed_in, topic):
    signed_in.subscribe(topic, account=FIRST)
    (begun,) = simulator.push_connections()
    other = TOPICS[TOPICS.index(topic) - 1]
    answer = signed_in.unsubscribe(other, account=FIRST)

    assert begun["accounts"] == {name: [FIRST] for name in TOPICS}
    assert (answer.code, name_of(answer)) == (113, other)
    assert simulator.push_connections()[0]["accounts"] == {}


def test_topics_can_be_read_to_go_each_by_itself(simulator, trader, signed_in):
    simulator.read_as(push_account_topics="apart")
    signed_in.subscribe("Position", account=FIRST)
    trader.place("BUY", 1)

    assert name_of(signed_in.receive()) == "Position"
    assert simulator.push_connections()[0]["accounts"] == {"Position": [FIRST]}
    simulator.read_as(push_account_topics="together")


def test_without_an_account_all_of_the_developer_are_meant(simulator, bare):
    bare(SECOND_ID).sign_in().subscribe("Asset")

    assert simulator.push_connections()[0]["accounts"]["Asset"] == sorted([SECOND, PAPER])


def test_an_account_of_another_developer_is_refused(signed_in):
    answer = signed_in.subscribe("Asset", account=SECOND)

    assert (answer.code, SECOND in answer.msg) == (4, True)


def test_events_go_to_the_developer_whose_account_it_is(simulator, account, bare, trader):
    second = bare(SECOND_ID).sign_in()
    second.subscribe("OrderStatus", account=PAPER)
    Trader(simulator, PAPER).place("BUY", 1, **LIMIT)
    trader.place("BUY", 1, **LIMIT)

    assert receive(second, "OrderStatus").account == PAPER
    assert receive(account, "OrderStatus").account == FIRST


def test_nobody_watches_the_engine_once_nobody_wants_to_know(simulator, account):
    account.unsubscribe("Asset", account=FIRST)

    assert simulator._assembly.engine._store.watcher is None


def test_what_happened_before_is_not_told(trader, signed_in):
    trader.place("BUY", 1, **LIMIT)
    signed_in.subscribe("Position", account=FIRST)
    later = trader.place("BUY", 1, **LIMIT)

    assert receive(signed_in, "OrderStatus").id == later.id


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_order_is_told(simulator, trader, account, kind):
    order = KINDS[kind](trader)
    trader.client.place_order(order)
    simulator.advance(1)

    assert receive(account, "OrderStatus").id in {order.id, *(order.sub_ids or ())}


# The simulator charges no tax and describes no orders, and closes out an account's options in a test of their own.
SILENT = {OrderStatusData: {"gst", "attrDesc", "liquidation"}}


def test_every_field_is_filled_by_something_that_can_happen_to_an_account(simulator, trader, account):
    trader.place("BUY", 15, quantity_scale=1, user_mark="mine")
    trader.place("BUY", None, total_cash_amount=500.0)
    trader.place("SELL", 1, "STP", aux_price=1.0)
    trader.place("BUY", 1, **LIMIT, outside_rth=True)
    trader.place("BUY", 1, contract=get_option())
    trader.place("BUY", 1, contract=Contract("ESmain", "USD", sec_type="FUT"))
    simulator.hold(FIRST, "600519", 100)
    simulator.inject(Fault("late_rejection", method="place_order", times=1, seconds=0.0, message="no"))
    trader.place("BUY", 1, **LIMIT)
    legs = [order_leg("LMT", 300.0), order_leg("STP", 150.0)]
    trader.client.place_order(oca_order(FIRST, stock_contract("AAPL", "USD"), "SELL", legs, 1))
    trader.place("SELL", 1)
    simulator.publish("Asset", {"account": "the end"}, FIRST)

    filled: dict[str, set[str]] = {}
    while (data := receive_any(account)).DESCRIPTOR.name != "AssetData" or data.account != "the end":
        filled.setdefault(data.DESCRIPTOR.name, set()).update(get_values(data))
    for message in (OrderStatusData, OrderTransactionData, PositionData, AssetData):
        every = {field.name for field in message.DESCRIPTOR.fields} - SILENT.get(message, set())
        assert every - filled[message.DESCRIPTOR.name] == set(), message


def receive_any(connection: Bare) -> Any:
    body = connection.receive().body
    return getattr(body, str(body.WhichOneof("body")))


def get_option() -> Contract:
    return Contract("AAPL", "USD", sec_type="OPT", expiry="20260417", strike=250.0, put_call="CALL", multiplier=100)
