"""The order book beyond its top: levels a tick apart, whose first is the quote's own."""

from dataclasses import dataclass

from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.quotes import Quote

ASKS, BIDS = 1, -1


@dataclass(frozen=True, slots=True)
class Level:
    """Hold one price of a book with the size on offer there and the number of orders that make it up."""

    price: float
    size: int
    orders: int


def get_levels(instrument: Instrument, quote: Quote, side: int, count: int, seed: int, at_ms: int) -> list[Level]:
    """Return up to ``count`` levels of a side (ASKS or BIDS), the best first; fewer where prices reach their floor."""
    ticks = instrument.ticks
    best, size = (quote.ask, quote.ask_size) if side == ASKS else (quote.bid, quote.bid_size)
    units = ticks.units(best)
    chance = seed_of(seed, instrument.symbol, side, at_ms // 1000)
    levels: list[Level] = []
    for number in range(count):
        orders = 1 + int(uniform(chance, number) * 9)
        volume = instrument.round_lot * (orders + int(uniform(chance, 100 + number) * 30)) if number else size
        levels.append(Level(units / ticks.scale, volume, orders))
        further = ticks.moved(units, side)
        if further == units:
            break
        units = further
    return levels
