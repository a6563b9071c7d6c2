"""An event as it is published: what kind of data, about which account or subject, and its fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.simulator.push.messages import BODIES, encode
from app.simulator.push.vocabulary import Command, DataType

_MESSAGES = {
    **dict.fromkeys((DataType.Quote, DataType.Option, DataType.Future, DataType.Cc), "QuoteData"),
    DataType.QuoteDepth: "QuoteDepthData",
    DataType.TradeTick: "TradeTickData",
    DataType.Asset: "AssetData",
    DataType.Position: "PositionData",
    DataType.OrderStatus: "OrderStatusData",
    DataType.OrderTransaction: "OrderTransactionData",
    DataType.StockTop: "StockTopData",
    DataType.OptionTop: "OptionTopData",
    DataType.Kline: "KlineData",
}
"""Which message carries each kind of data."""
FULL_TICKS = "TickData"


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one event; ``message`` names the kind of message where it is not the usual one."""

    data_type: DataType
    values: Mapping[str, Any]
    account: str | None = None
    message: str = ""

    def encode(self) -> bytes:
        """Return the frame's message."""
        message = self.message or _MESSAGES[self.data_type]
        body = {"dataType": self.data_type, BODIES[message]: self.values}
        return encode("Response", {"command": Command.MESSAGE, "body": body})
