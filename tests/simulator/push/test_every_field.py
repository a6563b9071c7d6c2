"""No field of the messages about prices stays empty for ever."""

from typing import Any

from tigeropen.push.pb.KlineData_pb2 import KlineData
from tigeropen.push.pb.OptionTopData_pb2 import OptionTopData
from tigeropen.push.pb.QuoteData_pb2 import QuoteData
from tigeropen.push.pb.QuoteDepthData_pb2 import QuoteDepthData
from tigeropen.push.pb.StockTopData_pb2 import StockTopData
from tigeropen.push.pb.TickData_pb2 import TickData
from tigeropen.push.pb.TradeTickData_pb2 import TradeTickData

from tests.simulator.push.clients import ask, drain, get_subscription

OPTION = "AAPL 20260417 250.0 CALL"

# What the simulator has no case of here: a session outside hours, which never comes while markets do not close.
SILENT = {QuoteData: {"hourTradingTag"}}


def test_every_field_is_filled_by_some_instrument(simulator, bare):
    connection = bare().sign_in()
    for kind, symbols in (
        ("Quote", f"AAPL,00700,{OPTION}"),
        ("Future", "ESmain"),
        ("Cc", "BTC/USD"),
        ("QuoteDepth", f"00700,{OPTION}"),
        ("TradeTick", "AAPL,ESmain"),
        ("Kline", "AAPL"),
    ):
        connection.send(get_subscription(kind, symbols))
    for kind in ("StockTop", "OptionTop"):
        connection.send(get_subscription(kind, market="US"))
    filled = collect(ask(connection))
    simulator.advance(5)
    filled |= collect(drain(simulator, connection))
    full = bare().sign_in(use_full_tick=True)
    full.subscribe("TradeTick", "AAPL")
    simulator.advance(5)
    filled |= collect(drain(simulator, full))

    for message in (QuoteData, QuoteDepthData, TradeTickData, TickData, KlineData, StockTopData, OptionTopData):
        for path in list_paths(message.DESCRIPTOR):
            assert path in filled or path[-1] in SILENT.get(message, set()), path


def list_paths(descriptor: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every field that a message has, and those of the messages in it."""
    here = (*path, descriptor.name)
    found = [(*here, field.name) for field in descriptor.fields]
    for field in descriptor.fields:
        if field.message_type is not None:
            found += list_paths(field.message_type, (*here, field.name))
    return found


def collect(frames: list[Any]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()

    def walk(message: Any, path: tuple[str, ...]) -> None:
        here = (*path, message.DESCRIPTOR.name)
        for field, value in message.ListFields():
            found.add((*here, field.name))
            if field.message_type is not None:
                for item in value if field.is_repeated else [value]:
                    walk(item, (*here, field.name))

    for frame in frames:
        if frame.HasField("body") and frame.body.WhichOneof("body"):
            walk(getattr(frame.body, frame.body.WhichOneof("body")), ())
    return found
