"""What quotes can be subscribed for: the feeds, how they write an instrument, and which limit of Tiger counts them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tigeropen.push.pb.SocketCommon_pb2 import SocketCommon

from app.tiger.identification import get_instrument
from app.tiger.instrument import COIN, FUTURE, OPTION_TYPE, STOCK, Instrument, UnclearInstrument
from app.tiger.symbols import OPTION, UNDERLYING_LENGTH

DATA_TYPES: Final = SocketCommon.DataType


class Feed(StrEnum):
    """A kind of data about an instrument that is pushed for as long as it is wanted."""

    QUOTES = "quotes"
    DEPTH = "depth"
    TRADES = "trades"
    BARS = "bars"


LIMITS: Final = {
    Feed.QUOTES: "limit",
    Feed.DEPTH: "askBidLimit",
    Feed.TRADES: "tradeTickLimit",
    Feed.BARS: "klineLimit",
}
"""Which member of Tiger's list of subscriptions tells how many symbols a feed may have."""
_STOCKS: Final = {name: DATA_TYPES.Value("Quote") for name in (STOCK, "WAR", "IOPT")}
_SUBSCRIBED_AS: Final = {
    # The SDK subscribes for options as for stocks.
    Feed.QUOTES: _STOCKS
    | {OPTION_TYPE: DATA_TYPES.Value("Quote")}
    | {FUTURE: DATA_TYPES.Value("Future"), COIN: DATA_TYPES.Value("Cc")},
    Feed.DEPTH: dict.fromkeys((STOCK, OPTION_TYPE, FUTURE), DATA_TYPES.Value("QuoteDepth")),
    Feed.TRADES: dict.fromkeys((STOCK, FUTURE), DATA_TYPES.Value("TradeTick")),
    Feed.BARS: {STOCK: DATA_TYPES.Value("Kline")},
}
"""What each type of security is subscribed as [Tiger's pages on the push of quotes]."""
FEEDS: Final = {
    "quoteData": Feed.QUOTES,
    "quoteDepthData": Feed.DEPTH,
    "tradeTickData": Feed.TRADES,
    "tickData": Feed.TRADES,
    "klineData": Feed.BARS,
}
"""Which feed an event belongs to, by the field of ``PushData`` that carries it; ranks belong to none."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is subscribed for on the wire: the number of Tiger's data type, and how it calls the instrument."""

    data_type: int
    text: str


def get_subject(feed: Feed, instrument: Instrument) -> Subject | None:
    """Return how an instrument is subscribed for, or None where Tiger pushes no such data of its type."""
    data_type = _SUBSCRIBED_AS[feed].get(instrument.sec_type)
    return None if data_type is None else Subject(data_type, write(instrument))


def write(instrument: Instrument) -> str:
    """Return what Tiger's push service calls an instrument: an option ``AAPL 20230120 150.0 CALL``, else its symbol."""
    if instrument.sec_type == COIN:
        # Tiger's page on the push of digital assets has BTC/USD.
        return instrument.symbol.replace(".", "/")
    if instrument.strike is None:
        return instrument.symbol
    return f"{instrument.symbol} {instrument.expiry_text} {float(instrument.strike)} {instrument.put_call}"


def get_key(symbol: str, identifier: str | None) -> str:
    """Return under which text an event's instrument is found; options have several spellings, and may be told by both.

    Where an option is meant by its underlying and its identifier, or by the latter alone, it is written as a
    subscription writes it.
    """
    named = OPTION.fullmatch(identifier or "") or OPTION.fullmatch(symbol)
    if named is None:
        return symbol
    try:
        return write(get_instrument(identifier=f"{named[1]:<{UNDERLYING_LENGTH}}{named[2]}"))
    except UnclearInstrument:
        return symbol
