"""Price grids: the tick tables of the exchanges, and exact rounding onto them.

Prices are computed as integers of a fine unit (0.0001 or 0.001 of the currency) and leave through
``TickTable.price``, so that highs, lows and aggregates compare exactly and every price is on its grid.
"""

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class TickTable:
    """Hold one exchange's tick sizes.

    ``scale`` is the number of fine units in one unit of currency. ``ends`` are the inclusive upper ends of
    all bands but the last, in fine units; ``ticks`` has one entry more, the tick of each band. A price on a
    border belongs to the band below, as in Tiger's own tables (CLOSED, OPEN_CLOSED …, OPEN).
    """

    scale: int
    ends: tuple[int, ...]
    ticks: tuple[int, ...]

    def tick_units(self, units: int) -> int:
        """Return the tick in fine units at a price in fine units."""
        return self.ticks[bisect_left(self.ends, units)]

    def rounded(self, units: int) -> int:
        """Return the nearest grid price, in fine units; monotone, and never below one tick."""
        tick = self.ticks[bisect_left(self.ends, units)]
        return max((units + tick // 2) // tick * tick, tick)

    def price(self, units: int) -> float:
        """Return the nearest grid price as the float that prints shortest."""
        tick = self.ticks[bisect_left(self.ends, units)]
        return max((units + tick // 2) // tick * tick, tick) / self.scale

    def floor(self, units: int) -> int:
        """Return the grid price at or below a price in fine units; 0 below one tick."""
        tick = self.tick_units(units)
        return units // tick * tick

    def ceiling(self, units: int) -> int:
        """Return the grid price at or above a price in fine units, at least one tick."""
        tick = self.tick_units(units)
        return max(-(-units // tick) * tick, tick)

    def units(self, price: float | Decimal) -> int:
        """Return the nearest number of fine units to ``price``."""
        return round(price * self.scale)

    def moved(self, units: int, steps: int) -> int:
        """Return the grid price ``steps`` ticks above (below when negative) one on the grid, at least one tick."""
        for _ in range(abs(steps)):
            if steps > 0:
                units += self.tick_units(units + 1)
            else:
                units = max(units - self.tick_units(units), self.ticks[0])
        return units

    def tick_size(self, price: Decimal) -> Decimal:
        """Return the tick that a price must be a multiple of."""
        index = 0
        while index < len(self.ends) and price * self.scale > self.ends[index]:
            index += 1
        return Decimal(self.ticks[index]) / self.scale

    def to_wire(self) -> list[dict[str, Any]]:
        """Write the table as Tiger's ``tickSizes``: borders as strings, ticks as numbers."""
        borders = ["0", *(_plain(end, self.scale) for end in self.ends), "Infinity"]
        last = len(self.ticks) - 1
        return [
            {
                "begin": borders[index],
                "end": borders[index + 1],
                "type": "OPEN" if index == last else "OPEN_CLOSED" if index else "CLOSED",
                "tickSize": tick / self.scale,
            }
            for index, tick in enumerate(self.ticks)
        ]


def _plain(units: int, scale: int) -> str:
    return f"{Decimal(units) / scale:f}"


US_TICKS = TickTable(10_000, (10_000,), (1, 100))
"""Rule 612 of Regulation NMS: 0.0001 up to one dollar, 0.01 above."""

HK_TICKS = TickTable(
    1_000,
    (250, 500, 10_000, 20_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000),
    (1, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000),
)
"""The spread table of the Stock Exchange of Hong Kong (Second Schedule of its rules, part A)."""

CN_TICKS = TickTable(1_000, (), (10,))
"""The mainland exchanges quote A shares in 0.01 throughout."""

OPTION_TICKS = TickTable(10_000, (), (100,))
"""All options are quoted in 0.01 here; the classes that trade in nickels are not told apart."""
