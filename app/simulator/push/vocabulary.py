"""The numbers that Tiger's push frames call things by (SDK: push/pb/SocketCommon.proto, push_types.py)."""

from enum import IntEnum


class Command(IntEnum):
    """What a frame is."""

    UNKNOWN = 0
    CONNECT = 1
    CONNECTED = 2
    SEND = 3
    SUBSCRIBE = 4
    UNSUBSCRIBE = 5
    DISCONNECT = 6
    MESSAGE = 7
    HEARTBEAT = 8
    ERROR = 9
    REFRESH_TOKEN = 10


class DataType(IntEnum):
    """What a subscription or an event is about, spelt as Tiger spells it."""

    Unknown = 0
    Quote = 1
    Option = 2
    Future = 3
    QuoteDepth = 4
    TradeTick = 5
    Asset = 6
    Position = 7
    OrderStatus = 8
    OrderTransaction = 9
    StockTop = 10
    OptionTop = 11
    Kline = 12
    Cc = 13


class QuoteType(IntEnum):
    """Which half of a quote an event tells: what was traded, what is offered, or both."""

    NONE = 0
    BASIC = 1
    BBO = 2
    ALL = 3


ACCOUNT_TOPICS = (DataType.OrderStatus, DataType.OrderTransaction, DataType.Position, DataType.Asset)
QUOTE_TOPICS = (DataType.Quote, DataType.Option, DataType.Future, DataType.Cc)
TOP_TOPICS = (DataType.StockTop, DataType.OptionTop)

SUBSCRIPTIONS_TOLD = 111
SUBSCRIBED = 112
UNSUBSCRIBED = 113

ACCESS_FORBIDDEN = 4
BAD_SYMBOL = 3001
TOO_MANY_SYMBOLS = 3002
BAD_SUBJECT = 3003
UNKNOWN_TIGER_ID = 3004
UNKNOWN_COMMAND = 3007
KICKED = 4001
BAD_SIGNATURE = 40013
"""Codes of errors, by the Java SDK's TigerApiCode."""
