"""Running quotes: the bar of the day so far, with a bid and an ask about the latest price."""

from dataclasses import dataclass

from app.simulator.market.bars import LiveDays

_SPREAD_PURPOSE = 0x5BD1_E995
_ASK_PURPOSE = 0x1B87_3593
_BID_PURPOSE = 0xCC9E_2D51
_TICKS_PER_SPREAD_TICK = 15_000
_WIDER_CHANCE = 0.3


@dataclass(frozen=True, slots=True)
class Quote:
    """Hold a quote; prices are on the tick grid, in the listing's currency, sizes and volume in shares.

    ``latest_ms`` is the moment of the latest trade, epoch milliseconds.
    """

    symbol: str
    latest: float
    bid: float
    ask: float
    bid_size: int
    ask_size: int
    open: float
    high: float
    low: float
    pre_close: float
    volume: int
    latest_ms: int


def get_quote(series: LiveDays, at_ms: int) -> Quote:
    """Return the quote of a listing as of a moment."""
    instrument = series.instrument
    ticks = instrument.ticks
    day = series.calendar.current(at_ms)
    span = series.day_so_far(day, at_ms)
    latest = ticks.rounded(span.close)
    second = at_ms // 1000
    bid, ask = _around(series, latest, second)
    lot = instrument.round_lot
    return Quote(
        symbol=instrument.symbol,
        latest=latest / ticks.scale,
        bid=bid / ticks.scale,
        ask=ask / ticks.scale,
        bid_size=lot * (1 + int(series.sample(second, _BID_PURPOSE) * 24)),
        ask_size=lot * (1 + int(series.sample(second, _ASK_PURPOSE) * 24)),
        open=ticks.price(span.open),
        high=ticks.price(span.high),
        low=ticks.price(span.low),
        pre_close=ticks.price(series.whole_day(day.index - 1).close),
        volume=span.volume,
        latest_ms=day.close_ms if series.is_over(day, at_ms) else second * 1000,
    )


def _around(series: LiveDays, latest: int, second: int) -> tuple[int, int]:
    """Return bid and ask in fine units: at least a tick apart, the latest price between them or on one."""
    ticks = series.instrument.ticks
    width = 1 + latest // (ticks.tick_units(latest) * _TICKS_PER_SPREAD_TICK)
    chance = series.sample(second, _SPREAD_PURPOSE)
    width += chance < _WIDER_CHANCE
    below = int(chance * 997) % (width + 1)
    bid = ticks.moved(latest, -below)
    return bid, max(ticks.moved(latest, width - below), ticks.moved(bid, 1))
