"""Trades as they are pushed: compressed, or in full [SDK: protobuf_push_client._convert_tick, TickData.proto]."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

from app.tiger.push.fields import UnreadableData, get_shortest
from app.tiger.wire import values

MOST_DECIMALS: Final = 18
MERGED_STEP: Final = 10
"""Trades that come merged are numbered in the gap that the SDK leaves for them: sn × 10 and on."""


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade: ``type`` is + for a buyer's, - for a seller's, * for neither; ``cond`` and ``part_code`` are letters.

    The letters are Tiger's for the condition and the exchange; None where it tells none.
    """

    sn: int
    time: int | None
    price: Decimal | None
    volume: int
    type: str | None
    cond: str | None
    part_code: str | None


@dataclass(frozen=True, slots=True)
class Trades:
    """Trades of an instrument, oldest first; ``quote_level`` says whose letters the conditions are."""

    symbol: str | None
    sec_type: str | None
    quote_level: str | None
    timestamp: int | None
    trades: tuple[Trade, ...]


@dataclass(frozen=True, slots=True)
class FullTrades:
    """Trades as they come to who asked for full ticks; ``source`` is where the data is from."""

    symbol: str | None
    timestamp: int | None
    source: str | None
    trades: tuple[Trade, ...]


def read_trades(message: Any) -> Trades:
    """Return trades from Tiger's compressed form: prices from a base, times each from the one before.

    Raises:
        UnreadableData: The columns differ in length, so that nobody can say what belongs together.
    """
    if not 0 <= message.priceOffset <= MOST_DECIMALS:
        raise UnreadableData("prices with an odd number of decimals")
    size = len(message.price)
    types, conditions, venues = message.type, message.cond, message.partCode
    for column in (types, conditions, venues, message.mergedVols):
        if column and len(column) != size:
            raise UnreadableData("the columns of trades differ in length")
    if len(message.time) != size or len(message.volume) != size:
        raise UnreadableData("the columns of trades differ in length")
    trades: list[Trade] = []
    for index, moment in enumerate(accumulate(message.time)):
        trade = Trade(
            sn=message.sn + index,
            time=values.milliseconds(moment),
            price=Decimal(message.priceBase + message.price[index]).scaleb(-message.priceOffset),
            volume=message.volume[index],
            type=_get(types, index),
            cond=_get(conditions, index),
            part_code=_get(venues, index),
        )
        trades += _split(trade, message.mergedVols[index].vol) if message.mergedVols else [trade]
    symbol, level = message.symbol or None, message.quoteLevel or None
    return Trades(symbol, message.secType or None, level, values.milliseconds(message.timestamp), tuple(trades))


def _get(column: Sequence[str], index: int) -> str | None:
    return column[index] or None if column else None


def _split(trade: Trade, volumes: Sequence[int]) -> list[Trade]:
    """Return the trades of a future that come merged as one."""
    return [
        Trade(trade.sn * MERGED_STEP + place, trade.time, trade.price, volume, trade.type, trade.cond, trade.part_code)
        for place, volume in enumerate(volumes)
    ]


def read_full_trades(message: Any) -> FullTrades:
    """Return trades from the full form."""
    trades = tuple(
        Trade(
            tick.sn,
            values.milliseconds(tick.time),
            get_shortest(tick.price),
            tick.volume,
            tick.type or None,
            tick.cond or None,
            tick.partCode or None,
        )
        for tick in message.ticks
    )
    moment = values.milliseconds(message.timestamp)
    return FullTrades(message.symbol or None, moment, message.source or None, trades)
