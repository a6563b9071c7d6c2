"""What a limit is checked by: what is asked, what was counted, what is held, and what nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from app.risk.limits.counters import Counters

BUY: Final = "BUY"
SELL: Final = "SELL"
BASE_CURRENCY: Final = "USD"
NONE: Final = Decimal(0)


class NotKnown(Exception):
    """Something that a limit needs is not known; the text says what, as a client is told."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stand for a figure that could not be had, with the reason as a client is told."""

    reason: str


Figure = Decimal | Unknown


def need(figure: Figure) -> Decimal:
    """Return a figure.

    Raises:
        NotKnown: It is not known.
    """
    if isinstance(figure, Unknown):
        raise NotKnown(figure.reason)
    return figure


@dataclass(frozen=True, slots=True)
class Part:
    """What an order does to one instrument: so much is bought or sold, of a combination that is sold perhaps either.

    ``worth`` is what one unit of a position is worth, in the currency of the order.
    """

    name: str
    symbol: str
    sec_type: str
    sides: tuple[str, ...]
    quantity: Figure
    worth: Figure


@dataclass(frozen=True, slots=True)
class AskedOrder:
    """One order by itself; a combination is one, too, with a part for each leg.

    ``distance`` is how far the price furthest from the market is away from it, in percent; None without a price.
    """

    sides: frozenset[str]
    quantity: Figure
    value: Figure
    currency: str
    parts: tuple[Part, ...]
    distance: Figure | None = None
    may_fill_outside_hours: bool = False

    @property
    def all_sides(self) -> frozenset[str]:
        """Return its sides, those of its parts among them."""
        return self.sides.union(*(part.sides for part in self.parts))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command asks: its order first, then those that come with it.

    Of a change ``before`` is the order as it stands, with what is attached to it. ``only_shrinks`` is a change that
    takes from its order and does nothing else, ``is_closing`` a command that was made to close a position;
    ``has_attached``: what follows the first order are orders that its fill begins.
    """

    orders: tuple[AskedOrder, ...]
    before: tuple[AskedOrder, ...] = ()
    is_closing: bool = False
    has_attached: bool = False
    only_shrinks: bool = False

    @property
    def number(self) -> int:
        """Return how many orders it adds; a change adds those that it attaches."""
        return max(0, len(self.orders) - len(self.before))

    @property
    def added_quantity(self) -> Decimal:
        """Return by how much a change enlarges its order; raises ``NotKnown``."""
        return max(NONE, need(self.orders[0].quantity) - (need(self.before[0].quantity) if self.before else NONE))

    @property
    def added_value(self) -> Decimal:
        """Return how much is added to what the day's orders are worth, all in one currency; raises ``NotKnown``."""
        return max(NONE, _add_up(self.orders) - _add_up(self.before))

    @property
    def adds(self) -> bool:
        """Return whether it adds anything; what nobody knows may."""
        try:
            return not self.before or self.added_quantity > 0 or self.added_value > 0
        except NotKnown:
            return True

    @property
    def currency(self) -> str:
        """Return the currency of its orders: they are all of one instrument, or of one underlying."""
        return self.orders[0].currency

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return what is done to positions: of several orders for one instrument, of which one is filled, the first."""
        return self.orders[0].parts


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is held of an instrument, signed, and what orders may still buy and sell of it, each without a sign."""

    held: Decimal = NONE
    buying: Decimal = NONE
    selling: Decimal = NONE

    def get_open(self, side: str, quantity: Decimal = NONE) -> Decimal:
        """Return how much may be held, on the side of an order, once it and all open ones of its side are filled."""
        if side == BUY:
            return max(NONE, self.held + self.buying + quantity)
        return max(NONE, self.selling + quantity - self.held)


@dataclass(frozen=True, slots=True)
class Case:
    """All that the limits of one owner are checked by; what was not needed is unknown.

    ``rates`` say how many units of a currency a dollar buys; ``losses`` what the day has cost so far, by currency.
    """

    asked: Asked
    currency: str
    counters: Counters
    rates: Mapping[str, Figure] = field(default_factory=dict)
    exposures: Mapping[str, Exposure] | Unknown = Unknown("What the account holds was not read.")
    open_orders: int | Unknown = Unknown("The open orders were not read.")
    losses: Sequence[tuple[Decimal, str]] | Unknown = Unknown("The day's profit and loss were not read.")

    def convert(self, amount: Decimal, currency: str) -> Decimal:
        """Return an amount in the currency of the limits; raises ``NotKnown``."""
        if currency == self.currency or not amount:
            return amount
        return amount * self._get_rate(self.currency) / self._get_rate(currency)

    def _get_rate(self, currency: str) -> Decimal:
        if currency == BASE_CURRENCY:
            return Decimal(1)
        if not currency:
            raise NotKnown("Tiger does not say in which currency it trades.")
        return need(self.rates.get(currency, Unknown(f"There is no exchange rate of {currency}.")))

    def get_exposure(self, part: Part) -> Exposure:
        """Return what is held, and may come to be, of a part's instrument; raises ``NotKnown``."""
        if isinstance(self.exposures, Unknown):
            raise NotKnown(self.exposures.reason)
        return self.exposures[part.name]

    @property
    def is_reducing(self) -> bool:
        """Return whether it can do nothing but reduce positions; raises ``NotKnown``."""
        if self.asked.is_closing or self.asked.only_shrinks:
            return True
        if self.asked.has_attached:
            # What is attached opens the other way what the order has closed.
            return False
        return all(
            self.get_exposure(part).get_open(side, need(part.quantity)) == 0
            for part in self.asked.parts
            for side in part.sides
        )


@dataclass(frozen=True, slots=True)
class Excess:
    """Why a limit does not let something pass: what was asked and what is left, where that can be said in figures."""

    asked: Decimal | str | None = None
    left: Decimal | str | None = None
    reason: str | None = None


def _add_up(orders: Sequence[AskedOrder]) -> Decimal:
    return sum((need(order.value) for order in orders), NONE)
