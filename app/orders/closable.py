"""How much of a position may be closed now, and the refusal that says why it is less than was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.errors import NotClosable, NothingHeld
from app.orders.bodies import Closes
from app.orders.hidden_promises import list_hidden
from app.orders.promises import (
    FILLED_LATELY,
    LATE_MS,
    OPEN,
    Promise,
    get_closing_action,
    get_figure,
    is_settled,
    list_promises,
)
from app.orders.records import CommandRecord
from app.tiger.trading.holdings import Holding
from app.tiger.wire.values import json_number


@dataclass(frozen=True, slots=True)
class Closable:
    """A position, and what is promised of it."""

    holding: Holding
    promises: Sequence[Promise]
    is_settled: bool

    @property
    def action(self) -> str:
        """Return the side of the order that closes it."""
        return get_closing_action(self.holding.quantity)

    @property
    def closes(self) -> Closes:
        """Return what the command keeps of all this."""
        return Closes(self.holding.quantity, self.closing, self.holding.read_at, self.is_settled)

    @property
    def closing(self) -> Decimal:
        """Return how much open orders and orders in doubt close, as far as that can be said."""
        return sum((each.quantity for each in self.promises if each.reason != FILLED_LATELY), Decimal(0))

    @property
    def unsettled(self) -> Decimal:
        """Return how much was closed so lately that it may still be shown as held."""
        return sum((each.quantity for each in self.promises if each.reason == FILLED_LATELY), Decimal(0))

    @property
    def closable(self) -> Decimal:
        """Return how much may be closed now, whatever the position lacks."""
        return max(Decimal(0), abs(self.holding.quantity) - self.closing - self.unsettled)

    def choose(self, wanted: Decimal | None, action: str | None = None) -> Decimal:
        """Return the quantity that is sent: the one that is wanted, or all that nothing else closes.

        ``action`` is the side of an order that is decided already.

        Raises:
            NothingHeld: There is no position.
            NotClosable: Less may be closed now; or the position has turned into its opposite.
        """
        name, held = self.holding.instrument.identifier, abs(self.holding.quantity)
        if not held:
            raise NothingHeld(f"The account holds no position in {name}; nothing was sent.", data=self._report(wanted))
        if action not in (None, self.action):
            raise NotClosable(
                f"The position in {name} has turned into its opposite meanwhile, which this order would enlarge. "
                "Nothing was sent.",
                data=self._report(wanted),
            )
        is_all = wanted is None and not self.unsettled and self.closable > 0
        if is_all or (wanted is not None and wanted <= self.closable):
            return self.closable if wanted is None else wanted
        parts = [f"{_show(held)} are held"]
        if self.closing:
            parts.append(f"open orders and orders in doubt close {_show(self.closing)}")
        if self.unsettled:
            parts.append(f"{_show(self.unsettled)} were filled so lately that they may still be shown as held")
        raise NotClosable(
            f"{_show(self.closable)} of {name} can be closed now: {', '.join(parts)}. Nothing was sent.",
            data=self._report(wanted),
            retry_after=None if all(each.reason == OPEN for each in self.promises) else LATE_MS / 1_000,
        )

    def _report(self, wanted: Decimal | None) -> dict[str, Any]:
        instrument = self.holding.instrument
        return {
            "symbol": instrument.symbol,
            "sec_type": instrument.sec_type,
            "identifier": instrument.identifier,
            "quantity": None if wanted is None else json_number(wanted),
            "held": json_number(self.holding.quantity),
            "closing": get_figure(self.closing),
            "unsettled": get_figure(self.unsettled),
            "closable": json_number(self.closable),
            "orders": [promise.to_dict() for promise in self.promises],
        }


def get_closable(holding: Holding, placements: Sequence[CommandRecord], tiger_now: int | None) -> Closable:
    """Return how much of a position may be closed, beside all placements that Tiger may have without showing them."""
    settled = is_settled(holding, placements)
    shown = list_promises(holding, is_settled=settled)
    return Closable(holding, [*shown, *list_hidden(holding, placements, tiger_now)], settled)


def _show(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}" if quantity.is_finite() else "an unknown number"
