"""Orders and positions as Tiger's lists show them: what an order may still do to an instrument."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.risk.limits.case import BUY, NONE
from app.tiger.instrument import Instrument
from app.tiger.trading.holdings import COMBINATION, has_several_names, may_be

VAST: Final = Decimal(10) ** 12
"""What an order does to a position of which nobody can say how much."""


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order that Tiger's lists show: ``row`` is its contract, ``filled_lately`` what positions may not have yet."""

    order_id: str | None
    parent_id: str | None
    command_id: str | None
    side: str | None
    row: Mapping[str, Any]
    legs: Sequence[Mapping[str, Any]]
    quantity: Decimal | None
    remaining: Decimal | None
    filled_lately: Decimal
    is_open: bool
    changed_at: int
    is_filled: bool

    def count(self, instrument: Instrument, side: str) -> Decimal:
        """Return how much of an instrument it may still buy, or sell, and has lately."""
        open_quantity = NONE
        if self.is_open:
            open_quantity = VAST if self.remaining is None else self.remaining
        quantity = open_quantity + self.filled_lately
        return quantity * self._count_units(instrument, side) if quantity else NONE

    def _count_units(self, instrument: Instrument, side: str) -> Decimal:
        if self.legs:
            # Of a combination that is sold nobody says whether a leg's own side is turned round.
            legs = [leg for leg in self.legs if may_be({**leg, "identifier": None}, instrument)]
            return sum((_get_ratio(leg) for leg in legs if self.side != BUY or leg["action"] in (None, side)), NONE)
        if self.row["sec_type"] == COMBINATION:
            # How many of an instrument a unit of it is, its legs would say.
            return VAST if self.row["symbol"] in (None, instrument.symbol) else NONE
        if self.side not in (None, side) or self._is_another(instrument):
            return NONE
        return Decimal(may_be(self.row, instrument))

    def _is_another(self, instrument: Instrument) -> bool:
        """Return whether it certainly is of another instrument, as most are; to look closer costs more."""
        symbol = self.row["symbol"]
        is_plain = self.row["sec_type"] == instrument.sec_type and not has_several_names(instrument)
        return is_plain and symbol is not None and symbol != instrument.symbol


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A position that Tiger shows: what it is of, and how much, negative when short; None where it does not say."""

    row: Mapping[str, Any]
    quantity: Decimal | None


def _get_ratio(leg: Mapping[str, Any]) -> Decimal:
    ratio = leg["ratio"]
    return VAST if ratio is None else Decimal(ratio)
