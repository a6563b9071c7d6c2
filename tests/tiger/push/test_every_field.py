"""Every field of everything that is pushed comes out as it was put in."""

import dataclasses
import random
import struct
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from tigeropen.common.util.tick_util import get_part_code, get_trade_condition, get_trade_condition_map
from tigeropen.push.pb.PushData_pb2 import PushData
from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon
from tigeropen.push.pb.TradeTickData_pb2 import TradeTickData
from tigeropen.push.protobuf_push_client import ProtobufPushClient

from app.simulator.push.messages import encode
from app.tiger.push import account_data, quote_data
from app.tiger.push.account_data import Asset, OrderStatus, OrderTransaction, Position
from app.tiger.push.answers import PushedAccount, PushedQuote, read
from app.tiger.push.fields import get_wire_name
from app.tiger.push.quote_data import Bar, Quote
from tests.support.push_messages import to_values

PLAIN = {
    "orderStatusData": OrderStatus,
    "orderTransactionData": OrderTransaction,
    "positionData": Position,
    "assetData": Asset,
    "quoteData": Quote,
    "klineData": Bar,
}
BODIES = {field.name: field.message_type for field in PushData.DESCRIPTOR.fields if field.message_type is not None}
SCALES = {"totalQuantity", "filledQuantity", "position"}
SEEDS = range(20)


def make(descriptor: Any, dice: random.Random) -> Any:
    """Return a message in which every field holds something that Tiger could send."""
    message = descriptor._concrete_class()
    for field in descriptor.fields:
        if field.is_repeated:
            getattr(message, field.name).extend(draw(field, dice) for _ in range(3))
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(draw(field, dice))
        else:
            setattr(message, field.name, draw(field, dice))
    return message


def draw(field: Any, dice: random.Random) -> Any:
    if field.message_type is not None:
        return make(field.message_type, dice)
    if field.enum_type is not None:
        return dice.choice([1, 2, 3])
    if field.name.endswith(("Scale", "Offset")):
        return dice.randint(1, 5)
    drawn = {
        FieldDescriptor.TYPE_STRING: f"{field.name} 腾讯 {dice.random()}",
        FieldDescriptor.TYPE_BOOL: True,
        FieldDescriptor.TYPE_DOUBLE: round(dice.uniform(0.0001, 1e9), dice.randint(1, 6)),
        FieldDescriptor.TYPE_FLOAT: struct.unpack("f", struct.pack("f", round(dice.uniform(0.01, 9_999), 2)))[0],
    }
    return drawn.get(field.type, dice.randint(1, 2**30))


def travel(name: str, message: Any) -> Any:
    """Return what our client reads of a message that the simulator has written."""
    body = {"dataType": 1, name: to_values(message)}
    received = read(encode("Response", {"command": SocketCommon.MESSAGE, "body": body}))
    assert isinstance(received, PushedAccount | PushedQuote)
    return received.data


def test_everything_that_can_be_pushed_is_read():
    assert BODIES.keys() == account_data.READERS.keys() | quote_data.READERS.keys()


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_the_dataclass_has_every_field_of_the_message(name):
    ours = {get_wire_name(field.name) for field in dataclasses.fields(PLAIN[name])}
    theirs = {field.name for field in BODIES[name].fields}
    scales = {scale for scale in theirs if scale.removesuffix("Scale") in SCALES & ours and scale.endswith("Scale")}

    assert ours | scales == theirs


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", sorted(PLAIN))
def test_every_field_comes_out_as_put_in(name, seed):
    message = make(BODIES[name], random.Random(seed))  # noqa: S311 - no secret.
    data = travel(name, message)

    for field in dataclasses.fields(data):
        wire = get_wire_name(field.name)
        check(getattr(data, field.name), getattr(message, wire), getattr(message, f"{wire}Scale", 0))


def check(ours: Any, theirs: Any, scale: int = 0) -> None:
    """Compare a value of ours with what was put in."""
    if dataclasses.is_dataclass(ours):
        for field in dataclasses.fields(ours):
            check(getattr(ours, field.name), getattr(theirs, field.name))
    elif isinstance(ours, tuple):
        assert list(ours) == list(theirs)
    elif isinstance(ours, Decimal) and isinstance(theirs, float):
        assert struct.pack("f", float(ours)) == struct.pack("f", theirs)
        assert float(ours) == theirs or len(str(ours)) < len(str(theirs))
    else:
        assert ours == (Decimal(theirs).scaleb(-scale) if scale else theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_order_book_comes_out_as_put_in(seed):
    message = make(BODIES["quoteDepthData"], random.Random(seed))  # noqa: S311 - no secret.
    depth = travel("quoteDepthData", message)

    assert (depth.symbol, depth.timestamp) == (message.symbol, message.timestamp)
    for ours, theirs in ((depth.asks, message.ask), (depth.bids, message.bid)):
        assert [float(level.price) for level in ours] == list(theirs.price)
        assert [level.volume for level in ours] == list(theirs.volume)
        assert [level.order_count for level in ours] == list(theirs.orderCount)
        assert [level.exchange for level in ours] == list(theirs.exchange)
        assert [level.time for level in ours] == list(theirs.time)


def make_ticks(dice: random.Random, *, is_future: bool) -> Any:
    size = dice.randint(1, 20)
    message = TradeTickData(symbol="AAPL", sn=dice.randint(1, 10**9), timestamp=dice.randint(1, 10**13))
    message.priceBase, message.priceOffset = dice.randint(1, 10**6), dice.randint(0, 5)
    message.secType, message.quoteLevel = ("FUT", "") if is_future else ("STK", "usQuoteBasic")
    message.time.extend([10**12, *(dice.randint(0, 999) for _ in range(size - 1))])
    message.price.extend(dice.randint(0, 10**4) for _ in range(size))
    message.volume.extend(dice.randint(1, 10**4) for _ in range(size))
    message.type = "".join(dice.choice("+-*") for _ in range(size))
    if is_future:
        for _ in range(size):
            message.mergedVols.add(mergeTimes=2, vol=[dice.randint(1, 9), dice.randint(1, 9)])
    else:
        message.cond = "".join(dice.choice(" IT") for _ in range(size))
        message.partCode.extend(dice.choice("tnp") for _ in range(size))
    return message


@pytest.mark.parametrize("is_future", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_compressed_trades_are_those_that_the_sdks_client_reads(seed, is_future):
    message = make_ticks(random.Random(seed), is_future=is_future)  # noqa: S311 - no secret.
    theirs = ProtobufPushClient("127.0.0.1", 1)._convert_tick(message)
    ours = travel("tradeTickData", message)
    conditions = get_trade_condition_map(message.quoteLevel)

    assert (ours.symbol, ours.timestamp, ours.sec_type) == (theirs.symbol, theirs.timestamp, theirs.sec_type)
    assert [(trade.sn, trade.time, trade.volume, trade.type) for trade in ours.trades] == [
        (tick.sn, tick.time, tick.volume, tick.tick_type) for tick in theirs.ticks
    ]
    assert [float(trade.price) for trade in ours.trades] == pytest.approx([tick.price for tick in theirs.ticks])
    if not is_future:
        assert [get_part_code(trade.part_code) for trade in ours.trades] == [tick.part_code for tick in theirs.ticks]
        assert [get_trade_condition(trade.cond, conditions) for trade in ours.trades] == [
            tick.cond for tick in theirs.ticks
        ]


def test_trades_whose_columns_do_not_fit_together_are_not_guessed():
    message = make_ticks(random.Random(1), is_future=False)  # noqa: S311 - no secret.
    message.time.append(1)

    assert travel("tradeTickData", message) is None


def test_full_trades_come_out_as_put_in():
    message = make(BODIES["tickData"], random.Random(1))  # noqa: S311 - no secret.
    ours = travel("tickData", message)

    assert (ours.symbol, ours.timestamp, ours.source) == (message.symbol, message.timestamp, message.source)
    for trade, tick in zip(ours.trades, message.ticks, strict=True):
        check(trade.price, tick.price)
        assert (trade.sn, trade.time, trade.volume) == (tick.sn, tick.time, tick.volume)
        assert (trade.type, trade.cond, trade.part_code) == (tick.type, tick.cond, tick.partCode)


@pytest.mark.parametrize("name", ["stockTopData", "optionTopData"])
def test_ranks_come_out_as_put_in(name):
    message = make(BODIES[name], random.Random(1))  # noqa: S311 - no secret.
    top = travel(name, message)

    assert (top.market, top.timestamp) == (message.market, message.timestamp)
    for rank, theirs in zip(top.ranks, message.topData, strict=True):
        assert rank.target_name == theirs.targetName
        for ours, put_in in (
            *zip(rank.items, theirs.item, strict=True),
            *zip(rank.big_orders, getattr(theirs, "bigOrder", ()), strict=True),
        ):
            for field in dataclasses.fields(ours):
                check(getattr(ours, field.name), getattr(put_in, get_wire_name(field.name)))


def test_what_is_left_out_is_none_and_never_guessed():
    quote = travel("quoteData", BODIES["quoteData"]._concrete_class(symbol="AAPL", type=2))

    told = {field.name for field in dataclasses.fields(quote) if getattr(quote, field.name) is not None}
    assert told == {"symbol", "type"}
