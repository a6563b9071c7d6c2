"""What is pushed about prices: quotes, order books, trades, bars, ranks [SDK: push/pb/*.proto]."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final

from google.protobuf.message import Message
from tigeropen.push.pb.KlineData_pb2 import KlineData
from tigeropen.push.pb.OptionTopData_pb2 import OptionTopData
from tigeropen.push.pb.QuoteData_pb2 import QuoteData
from tigeropen.push.pb.StockTopData_pb2 import StockTopData

from app.tiger.push.fields import Moment, UnreadableData, make_reader
from app.tiger.push.trades import FullTrades, Trades, read_full_trades, read_trades
from app.tiger.wire import values


@dataclass(frozen=True, slots=True)
class Minute:
    """The minute so far: latest price ``p``, average ``a``, moment ``t``, volume ``v``, open, high and low."""

    p: Decimal | None
    a: Decimal | None
    t: Moment
    v: int
    o: Decimal | None
    h: Decimal | None
    l: Decimal | None  # noqa: E741 - Tiger's name.


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote, or the half of it that has changed: ``type`` 1 is what was traded, 2 what is offered, 3 both.

    What the other half would tell is None. ``latest_time`` is written for people, in the market's own time.
    """

    symbol: str | None
    type: int
    timestamp: Moment
    server_timestamp: Moment
    avg_price: Decimal | None
    latest_price: Decimal | None
    latest_price_timestamp: Moment
    latest_time: str | None
    pre_close: Decimal | None
    volume: int | None
    amount: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    hour_trading_tag: str | None
    market_status: str | None
    ask_price: Decimal | None
    ask_size: int | None
    ask_timestamp: Moment
    bid_price: Decimal | None
    bid_size: int | None
    bid_timestamp: Moment
    identifier: str | None
    open_int: int | None
    trade_time: Moment
    pre_settlement: Decimal | None
    min_tick: Decimal | None
    mi: Minute | None
    volume_decimal: Decimal | None


@dataclass(frozen=True, slots=True)
class Level:
    """A price of an order book; stocks tell the number of orders, options the exchange and the moment."""

    price: Decimal | None
    volume: int
    order_count: int | None = None
    exchange: str | None = None
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """Both sides of an order book, the best price first."""

    symbol: str | None
    timestamp: int | None
    asks: tuple[Level, ...]
    bids: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of a minute."""

    time: Moment
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    avg: Decimal | None
    volume: int
    count: int
    symbol: str | None
    amount: Decimal | None
    server_timestamp: Moment


@dataclass(frozen=True, slots=True)
class StockItem:
    """A stock in a rank, with the figure that ranks it."""

    symbol: str | None
    latest_price: Decimal | None
    target_value: Decimal | None


@dataclass(frozen=True, slots=True)
class BigOrder:
    """A large trade of an option."""

    symbol: str | None
    expiry: str | None
    strike: str | None
    right: str | None
    dir: str | None
    volume: Decimal | None
    price: Decimal | None
    amount: Decimal | None
    trade_time: Moment


@dataclass(frozen=True, slots=True)
class OptionItem:
    """An option in a rank."""

    symbol: str | None
    expiry: str | None
    strike: str | None
    right: str | None
    total_amount: Decimal | None
    total_volume: Decimal | None
    total_open_int: Decimal | None
    volume_to_open_int: Decimal | None
    latest_price: Decimal | None
    update_time: Moment


@dataclass(frozen=True, slots=True)
class Rank:
    """One rank of a market: by what, and who is in it, the first first."""

    target_name: str | None
    items: tuple[StockItem | OptionItem, ...]
    big_orders: tuple[BigOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Top:
    """The ranks of a market."""

    market: str | None
    timestamp: int | None
    ranks: tuple[Rank, ...]


QuoteDatum = Quote | Depth | Trades | FullTrades | Bar | Top

_read_minute: Final = make_reader(Minute, QuoteData.Minute.DESCRIPTOR)
_read_plain_quote: Final = make_reader(Quote, QuoteData.DESCRIPTOR)
_read_stock_item: Final = make_reader(StockItem, StockTopData.StockItem.DESCRIPTOR)
_read_option_item: Final = make_reader(OptionItem, OptionTopData.OptionItem.DESCRIPTOR)
_read_big_order: Final = make_reader(BigOrder, OptionTopData.BigOrder.DESCRIPTOR)


def _read_quote(message: Any) -> Quote:
    quote = _read_plain_quote(message)
    return replace(quote, mi=_read_minute(message.mi)) if message.HasField("mi") else quote


def _read_depth(message: Any) -> Depth:
    moment = values.milliseconds(message.timestamp)
    return Depth(message.symbol or None, moment, _read_side(message.ask), _read_side(message.bid))


def _read_side(book: Any) -> tuple[Level, ...]:
    """Return the levels of a side; what is told of some levels only would be guessed for the others."""
    size = len(book.price)
    columns = [book.orderCount, book.exchange, book.time]
    if len(book.volume) != size or any(column and len(column) != size for column in columns):
        raise UnreadableData("the columns of an order book differ in length")
    prices = map(values.decimal, book.price)
    return tuple(Level(*row) for row in zip_longest(prices, book.volume, *columns))


def _read_stock_top(message: Any) -> Top:
    ranks = (Rank(rank.targetName or None, tuple(map(_read_stock_item, rank.item))) for rank in message.topData)
    return Top(message.market or None, values.milliseconds(message.timestamp), tuple(ranks))


def _read_option_top(message: Any) -> Top:
    ranks = (
        Rank(
            rank.targetName or None,
            tuple(map(_read_option_item, rank.item)),
            tuple(map(_read_big_order, rank.bigOrder)),
        )
        for rank in message.topData
    )
    return Top(message.market or None, values.milliseconds(message.timestamp), tuple(ranks))


READERS: Final[Mapping[str, Callable[[Message], QuoteDatum]]] = {
    "quoteData": _read_quote,
    "quoteDepthData": _read_depth,
    "tradeTickData": read_trades,
    "tickData": read_full_trades,
    "klineData": make_reader(Bar, KlineData.DESCRIPTOR),
    "stockTopData": _read_stock_top,
    "optionTopData": _read_option_top,
}
"""By the field of ``PushData`` that carries it. Raise ``UnreadableData``."""
