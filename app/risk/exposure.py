"""What open orders, and orders that Tiger may have without showing them, may still do to positions.

Tiger's lists are as old as they are. What was admitted is counted from our own rows until the lists certainly show it:
whoever is not sure counts it as open, so that a limit holds however many order at the same moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from app.orders.naming import HIDDEN_MS
from app.orders.promises import LATE_MS
from app.risk.limits.case import BUY, NONE, SELL, Exposure, NotKnown
from app.risk.uses import Use, UsedPart
from app.tiger.instrument import FUTURE, Instrument
from app.tiger.instrument_filter import get_only
from app.tiger.trading.holdings import COMBINATION, has_several_names, is_same_future, may_be
from app.tiger.trading.narrowing import is_wanted

SIDES: Final = (BUY, SELL)
SETTLED_MS: Final = 3 * LATE_MS
"""What ended so long ago is in every list that any worker may still go by."""
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
            return Decimal(self.row["symbol"] in (None, instrument.symbol))
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


@dataclass(frozen=True)
class Holdings:
    """What an account held and had open at ``read_at``, with the uses of all that was admitted up to ``sequence``.

    Its figures are worked out once, however many orders ask. Moments are Tiger's, in milliseconds.
    """

    held: Sequence[HeldRow]
    orders: Sequence[ShownOrder]
    read_at: int
    uses: Sequence[Use] = ()
    sequence: int = 0
    known: dict[str, Exposure] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    @cached_property
    def families(self) -> Mapping[str, list[ShownOrder]]:
        """Return the orders that Tiger shows of each command of ours, those attached to them, too."""
        commands = {order.order_id: order.command_id for order in self.orders if order.command_id}
        found: dict[str, list[ShownOrder]] = {}
        for order in self.orders:
            command = order.command_id or commands.get(order.parent_id)
            if command is not None:
                found.setdefault(command, []).append(order)
        return found

    @cached_property
    def by_id(self) -> Mapping[str, ShownOrder]:
        """Return the orders by their ids."""
        return {order.order_id: order for order in self.orders if order.order_id}

    @cached_property
    def pending(self) -> Mapping[str, Use]:
        """Return the uses that may do something which no order that Tiger shows does, by the command."""
        return {use.command_id: use for use in self.uses if not use.is_released and self._is_missing(use)}

    def _is_missing(self, use: Use) -> bool:
        """Return whether no order shows what a use did; of a change it is the order that has its quantity."""
        if use.target is None:
            return use.command_id not in self.families
        order = self.by_id.get(use.order_id or "")
        return order is None or (order.is_open and (order.quantity is None or order.quantity < use.target))

    def get_growth(self, order_id: str | None, target: Decimal | None) -> Decimal:
        """Return by how much an order grows to a quantity, beyond what is counted of it as it is shown.

        Another change may have made it smaller since it was read.
        """
        order = self.by_id.get(order_id or "")
        if target is None or order is None or order.quantity is None or not order.is_open:
            return NONE
        return max(NONE, target - order.quantity)

    def is_over(self, use: Use) -> bool:
        """Return whether a use need be kept no longer: what it did is over, and every list that is used has it."""
        if use.target is not None:
            return use.age_ms > (HIDDEN_MS if self._is_missing(use) else SETTLED_MS)
        family = self.families.get(use.command_id)
        if family is None:
            return use.age_ms > HIDDEN_MS
        if any(order.is_open for order in family):
            return False
        is_known = use.orders <= len(family) or use.age_ms > HIDDEN_MS or not any(order.is_filled for order in family)
        return is_known and all(order.changed_at < self.read_at - SETTLED_MS for order in family)

    def count_open(self, since: Iterable[Use] = (), key_id: str | None = None) -> int:
        """Return how many orders may be open, with what was admitted or released since; of one key, its own."""
        number = self._count_of_key(key_id) if key_id is not None else self._open
        for use in since:
            is_counted = key_id in (None, use.key_id)
            number += use.orders * is_counted * _get_change(use, self.pending)
        return number

    def get_exposure(self, instrument: Instrument, since: Iterable[Use] = ()) -> Exposure:
        """Return what is held of an instrument and may come to be, with what was admitted or released since.

        Raises:
            NotKnown: Tiger does not say what is held.
        """
        name = get_name(instrument)
        base = self.known.get(name)
        if base is None:
            base = self.known[name] = self._work_out(instrument, name)
        moved = dict.fromkeys(SIDES, NONE)
        for use in since:
            for part in use.parts:
                if _may_be_same(part.name, name) and (change := _get_change(use, self.pending)):
                    for side in part.sides:
                        moved[side] += change * self._get_quantity(use, part)
        return Exposure(base.held, base.buying + moved[BUY], base.selling + moved[SELL])

    def _work_out(self, instrument: Instrument, name: str) -> Exposure:
        totals = {side: sum((order.count(instrument, side) for order in self.orders), NONE) for side in SIDES}
        for use in self.pending.values():
            for part in use.parts:
                if _may_be_same(part.name, name):
                    for side in part.sides:
                        totals[side] += self._get_quantity(use, part)
        return Exposure(self._get_held(instrument), totals[BUY], totals[SELL])

    def _get_quantity(self, use: Use, part: UsedPart) -> Decimal:
        return max(part.quantity, self.get_growth(use.order_id, use.target))

    def _get_held(self, instrument: Instrument) -> Decimal:
        wanted, held = get_only(instrument), NONE
        for position in self.held:
            if is_wanted(wanted, position.row):
                if position.quantity is None:
                    raise NotKnown(f"Tiger does not say how much of {instrument.identifier} the account holds.")
                held += position.quantity
        return held

    @cached_property
    def _open(self) -> int:
        ours = {id(order) for family in self.families.values() for order in family}
        strangers = sum(order.is_open for order in self.orders if id(order) not in ours)
        families = sum(self._count_family(family, None) for family in self._get_unused())
        return strangers + families + sum(map(self._count_use, self.uses))

    def _count_of_key(self, key_id: str) -> int:
        number = self.counted.get(key_id)
        if number is None:
            number = self.counted[key_id] = sum(self._count_use(use) for use in self.uses if use.key_id == key_id)
        return number

    def _get_unused(self) -> list[list[ShownOrder]]:
        """Return the orders of commands that nothing was written down of: they were sent before there were limits."""
        used = {use.command_id for use in self.uses}
        return [family for command, family in self.families.items() if command not in used]

    def _count_use(self, use: Use) -> int:
        if use.is_released:
            return 0
        if use.target is not None:
            # What a change attached is shown soon.
            return use.orders if use.age_ms <= SETTLED_MS else 0
        family = self.families.get(use.command_id)
        return self._count_family(family, use) if family else use.orders

    def _count_family(self, family: Sequence[ShownOrder], use: Use | None) -> int:
        shown = sum(order.is_open for order in family)
        if use is None or len(family) >= use.orders or use.age_ms > HIDDEN_MS:
            return shown
        # Some that came with it are not shown: they are open, or will be, unless the first one ended without a fill.
        is_going_on = shown or any(order.is_filled for order in family)
        return use.orders - (len(family) - shown) if is_going_on else 0


def get_name(instrument: Instrument) -> str:
    """Return what tells two instruments apart."""
    return f"{instrument.sec_type} {instrument.identifier}"


def _may_be_same(name: str, other: str) -> bool:
    """Return whether two names may mean one instrument: a future has that of the continuous contract, too."""
    if name == other:
        return True
    (kind, _, code), (other_kind, _, other_code) = name.partition(" "), other.partition(" ")
    if not kind == other_kind == FUTURE:
        return False
    return is_same_future(code, other_code) or is_same_future(other_code, code)


def _get_change(use: Use, pending: Mapping[str, Use]) -> int:
    """Return whether a use that was written since adds to what was counted (1), or takes from it (-1)."""
    if not use.is_released:
        return 1
    return -1 if use.command_id in pending else 0


def _get_ratio(leg: Mapping[str, Any]) -> Decimal:
    ratio = leg["ratio"]
    return VAST if ratio is None else Decimal(ratio)
