"""Money that flows into and out of a listing: what was bought at the offer less what was sold at the bid.

A day's net flow up to a moment is a part of the amount traded by then, which leans with the price; so minutes add up to
days and days to longer periods.
"""

from dataclasses import dataclass

from app.simulator.market.calendars import TradingDay
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.prices import PriceSeries

_LEAN = 0.22
_CHANCE = 0.05
_CLASSES = ("Big", "Mid", "Small")


@dataclass(frozen=True, slots=True)
class Flow:
    """Hold what a day brought by a moment, in currency: money in, money out, and their difference."""

    money_in: float
    money_out: float

    @property
    def net(self) -> float:
        """Return the net inflow."""
        return round(self.money_in - self.money_out, 2)


def get_flow(series: PriceSeries, day: TradingDay, at_ms: int) -> Flow:
    """Return a day's flow by a moment; that of a finished day for any moment after it."""
    span = series.day_so_far(day, at_ms) if at_ms < day.next_open_ms else series.whole_day(day.index)
    scale = series.instrument.ticks.scale
    amount = (span.open + span.high + span.low + span.close) / 4 / scale * span.volume
    reach = max(span.high - span.low, 1)
    lean = _LEAN * (span.close - span.open) / reach + _CHANCE * (2 * series.sample(day.index, 11) - 1)
    return Flow(round(amount * (1 + lean) / 2, 2), round(amount * (1 - lean) / 2, 2))


def get_shares(series: PriceSeries, day: int, money: float, side: str) -> dict[str, float]:
    """Divide one side's money among big, middling and small orders; they add up to it."""
    seed = seed_of(series.instrument.symbol, day, side)
    big = round(money * (0.08 + 0.12 * uniform(seed, 1)), 2)
    middling = round(money * (0.07 + 0.06 * uniform(seed, 2)), 2)
    return dict(zip(_CLASSES, (big, middling, round(money - big - middling, 2)), strict=True))
