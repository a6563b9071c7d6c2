"""The SDK's PushClient, unmodified, hears every kind of data, field by field."""

from typing import Any

import pytest
from tigeropen.push.pb.PushData_pb2 import PushData

from tests.simulator.push.clients import name_of
from tests.simulator.push.conftest import get_values
from tests.simulator.trader import FIRST
from tests.support.push_messages import fill, to_values

QUOTE, BOTH = "quoteData", 3
# Data type, the field of PushData that carries it, and what the client calls with it.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Quote": (QUOTE, ("quote_changed", "quote_bbo_changed")),
    "Option": (QUOTE, ("quote_changed", "quote_bbo_changed")),
    "Future": (QUOTE, ("quote_changed", "quote_bbo_changed")),
    "Cc": (QUOTE, ("cc_changed", "cc_bbo_changed")),
    "QuoteDepth": ("quoteDepthData", ("quote_depth_changed",)),
    "TradeTick": ("tradeTickData", ("tick_changed",)),
    "Asset": ("assetData", ("asset_changed",)),
    "Position": ("positionData", ("position_changed",)),
    "OrderStatus": ("orderStatusData", ("order_changed",)),
    "OrderTransaction": ("orderTransactionData", ("transaction_changed",)),
    "StockTop": ("stockTopData", ("stock_top_changed",)),
    "OptionTop": ("optionTopData", ("option_top_changed",)),
    "Kline": ("klineData", ("kline_changed",)),
}


def make(field: str) -> Any:
    """Return data in which every field that the SDK knows holds something of its own."""
    return fill(PushData.DESCRIPTOR.fields_by_name[field].message_type)


def test_there_is_a_kind_for_each_data_type_and_body_of_the_sdk():
    types = {value.name for value in PushData.DESCRIPTOR.fields_by_name["dataType"].enum_type.values}
    bodies = {field.name for field in PushData.DESCRIPTOR.fields if field.message_type is not None}

    assert KINDS.keys() | {"Unknown"} == types
    assert {field for field, _ in KINDS.values()} | {"tickData"} == bodies


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_comes_out_as_it_was_put_in(simulator, connect, kind):
    field, callbacks = KINDS[kind]
    data = make(field)
    if field == QUOTE:
        data.type = BOTH
    if kind == "TradeTick":
        data.priceOffset = 2  # It is a power of ten to the client.
    subscriber = connect()
    simulator.publish(kind, to_values(data))

    frame = subscriber.wait("frame", lambda frame: name_of(frame) == kind)
    assert getattr(frame.body, field) == data or kind == "OrderStatus"
    for name in callbacks:
        assert subscriber.wait(name)


@pytest.mark.parametrize("kind", [kind for kind, (field, _) in KINDS.items() if field == QUOTE])
def test_each_half_of_a_quote_reaches_its_callback_whole(simulator, connect, kind):
    data = make(QUOTE)
    data.type = BOTH
    subscriber = connect()
    simulator.publish(kind, to_values(data))

    basic, best = (subscriber.wait(name) for name in KINDS[kind][1])
    # The SDK has no place for the one field of coins in what it makes of a quote.
    told = get_values(data).keys() - {"volumeDecimal"}
    assert get_values(basic).keys() | get_values(best).keys() == told
    assert {name: getattr(data, name) for name in told - {"type", "mi"}} == {
        name: value for part in (basic, best) for name, value in get_values(part).items() if name not in {"type", "mi"}
    }


def test_the_fields_of_an_order_reach_its_callback_but_for_the_status_which_the_sdk_translates(simulator, connect):
    data = make("orderStatusData")
    data.status = "Filled"
    subscriber = connect()
    subscriber.subscribe("order", FIRST)
    simulator.publish("OrderStatus", to_values(data), FIRST)

    heard = subscriber.wait("order_changed")
    assert heard.status == "FILLED"
    heard.status = "Filled"
    assert heard == data


def test_full_ticks_reach_a_client_that_asks_for_them(simulator, connect):
    data = make("tickData")
    subscriber = connect(use_full_tick=True)
    simulator.publish("TradeTick", to_values(data), message="TickData")

    assert subscriber.wait("full_tick_changed") == data


def test_an_event_of_an_account_reaches_only_those_who_want_it(simulator, connect):
    data = make("assetData")
    subscriber = connect()
    simulator.publish("Asset", to_values(data), FIRST)
    subscriber.subscribe("position", FIRST)
    data.account = "another"
    simulator.publish("Asset", to_values(data), FIRST)

    assert subscriber.wait("asset_changed").account == "another"
    assert len(subscriber.heard.list("asset_changed")) == 1
