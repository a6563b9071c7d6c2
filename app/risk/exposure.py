"""What open orders, and orders that Tiger may have without showing them, may still do to positions.

Tiger's lists are as old as they are. What was admitted is counted from our own rows until the lists certainly show it:
whoever is not sure counts it as open, so that a limit holds however many order at the same moment.
"""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Final

from app.orders.naming import HIDDEN_MS
from app.orders.promises import LATE_MS
from app.risk.limits.case import BUY, NONE, SELL, Exposure, NotKnown
from app.risk.shown import HeldRow, ShownOrder
from app.risk.uses import Use, UsedPart
from app.tiger.instrument import COIN, FUTURE, Instrument
from app.tiger.instrument_filter import get_only
from app.tiger.symbols import CONTINUOUS, get_pair
from app.tiger.trading.holdings import is_same_future
from app.tiger.trading.narrowing import is_wanted

SIDES: Final = (BUY, SELL)
SETTLED_MS: Final = 3 * LATE_MS
"""What ended so long ago is in every list that any worker may still go by."""


@dataclass(slots=True)
class Later:
    """What was admitted or released since holdings were read, up to a number of the account's sequence, added up.

    ``open`` is by how many more orders are open by the key, and under None of all keys; ``moved`` how much more may be
    bought or sold by the instrument's name and the side.
    """

    sequence: int = 0
    uses: dict[str, Use] = field(default_factory=dict)
    open: Counter[str | None] = field(default_factory=Counter)
    moved: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Holdings:
    """What an account held and had open at ``read_at``, with the uses of all that was admitted up to ``sequence``.

    Its figures are worked out once, however many orders ask, and what comes later is added to them. Moments are
    Tiger's, in milliseconds. ``keys`` say whose commands those are of which no use was written down.
    """

    held: Sequence[HeldRow]
    orders: Sequence[ShownOrder]
    read_at: int
    uses: Sequence[Use] = ()
    sequence: int = 0
    keys: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, Exposure] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    later: Later = field(default_factory=Later)

    @property
    def known_up_to(self) -> int:
        """Return the number of the account's sequence up to which all uses are counted."""
        return max(self.sequence, self.later.sequence)

    def note(self, use: Use) -> None:
        """Count what was admitted or released since; of one command the latest word counts.

        All that has a lower number in the account's sequence was noted before, so that none of it is passed over.
        """
        later = self.later
        with later.lock:
            former = later.uses.get(use.command_id)
            if former is not None and former.sequence >= use.sequence:
                return
            if former is not None:
                self._add(later, former, -1)
            self._add(later, use, 1)
            later.uses[use.command_id] = use
            later.sequence = max(later.sequence, use.sequence)

    def _add(self, later: Later, use: Use, times: int) -> None:
        if not use.is_released:
            change = times
        elif use.command_id in self.pending:
            change = -times
        else:
            return
        later.open[use.key_id] += change * use.orders
        later.open[None] += change * use.orders
        for part in use.parts:
            for side in part.sides:
                place = (part.name, side)
                later.moved[place] = later.moved.get(place, NONE) + change * self._get_quantity(use, part)

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

    @cached_property
    def unused(self) -> Mapping[str, list[ShownOrder]]:
        """Return the orders of commands that nothing was written down of: they were sent before there were limits."""
        used = {use.command_id for use in self.uses}
        return {command: family for command, family in self.families.items() if command not in used}

    def is_over(self, use: Use) -> bool:
        """Return whether a use need be kept no longer: what it did is over, and every list that is used has it."""
        if use.target is not None:
            return use.age_ms > HIDDEN_MS
        family = self.families.get(use.command_id)
        if family is None:
            return use.age_ms > HIDDEN_MS
        if any(order.is_open for order in family):
            return False
        is_known = use.orders <= len(family) or use.age_ms > HIDDEN_MS or not any(order.is_filled for order in family)
        return is_known and all(order.changed_at < self.read_at - SETTLED_MS for order in family)

    def count_open(self, key_id: str | None = None) -> int:
        """Return how many orders may be open, with what was noted since; of one key, its own."""
        number = self._count_of_key(key_id) if key_id is not None else self._open
        return number + self.later.open[key_id]

    def get_exposure(self, instrument: Instrument) -> Exposure:
        """Return what is held of an instrument and may come to be, with what was noted since.

        Raises:
            NotKnown: Tiger does not say what is held.
        """
        name = get_name(instrument)
        base = self.known.get(name)
        if base is None:
            base = self.known[name] = self._work_out(instrument, name)
        moved = dict.fromkeys(SIDES, NONE)
        # Another thread may be noting what it has just written.
        with self.later.lock:
            later = list(self.later.moved.items())
        for (other, side), quantity in later:
            if _may_be_same(other, name):
                moved[side] += quantity
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
        if instrument.sec_type == FUTURE and instrument.symbol.endswith(CONTINUOUS):
            # What it buys is held as a month, and which one that is nobody can say here.
            raise NotKnown(f"What {instrument.identifier} buys or sells is held as a contract month: name that one.")
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
        families = sum(self._count_family(family, None) for family in self.unused.values())
        return strangers + families + sum(map(self._count_use, self.uses))

    def _count_of_key(self, key_id: str) -> int:
        number = self.counted.get(key_id)
        if number is None:
            own = [family for command, family in self.unused.items() if self.keys.get(command) == key_id]
            number = sum(self._count_use(use) for use in self.uses if use.key_id == key_id)
            number = self.counted[key_id] = number + sum(self._count_family(family, None) for family in own)
        return number

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
    name = instrument.identifier
    return f"{instrument.sec_type} {get_pair(name) if instrument.sec_type == COIN else name}"


def _may_be_same(name: str, other: str) -> bool:
    """Return whether two names may mean one instrument: a future has that of the continuous contract, too."""
    if name == other:
        return True
    (kind, _, code), (other_kind, _, other_code) = name.partition(" "), other.partition(" ")
    if not kind == other_kind == FUTURE:
        return False
    return is_same_future(code, other_code) or is_same_future(other_code, code)
