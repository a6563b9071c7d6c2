"""One account's cash and holdings, and what a fill does to them.

The invariant that everything rests on, per currency: cash + cost basis of the holdings = what was paid in +
realized profit. Commissions belong to the cost of what was bought, as in Tiger's average cost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from app.simulator.trading.contracts import Contract
from app.simulator.trading.decimals import MONEY_GRAIN, ZERO


@dataclass(slots=True)
class Holding:
    """Hold a position: ``quantity`` and ``basis`` are negative when short; ``basis`` is its whole cost."""

    contract: Contract
    quantity: Decimal = ZERO
    basis: Decimal = ZERO
    realized: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        """Return the cost of one share (of a contract's deliverable), commissions included."""
        units = self.quantity * self.contract.multiplier
        return self.basis / units if units else ZERO


@dataclass(slots=True)
class Account:
    """Hold one account; ``kind`` is STANDARD, PAPER or GLOBAL."""

    account: str
    tiger_id: str
    kind: str
    next_number: int = 1
    cash: dict[str, Decimal] = field(default_factory=dict)
    realized: dict[str, Decimal] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)

    def get_quantity(self, contract: Contract) -> Decimal:
        """Return the signed quantity held."""
        holding = self.holdings.get(contract.key)
        return holding.quantity if holding else ZERO

    def apply_fill(self, contract: Contract, signed_quantity: Decimal, amount: Decimal, commission: Decimal) -> Decimal:
        """Book one fill and return the profit that it realized.

        ``amount`` is the unsigned price times quantity times multiplier. A fill that turns a long position
        short (or back) first closes, then opens; the commission is shared by quantity.
        """
        holding = self.holdings.setdefault(contract.key, Holding(contract))
        flow = (-amount if signed_quantity > 0 else amount) - commission
        filled, held = abs(signed_quantity), abs(holding.quantity)
        closing = min(filled, held) if holding.quantity * signed_quantity < 0 else ZERO
        closing_flow = _get_share(flow, closing, filled)
        released = _get_share(holding.basis, closing, held)
        realized = closing_flow - released
        holding.basis -= released + (flow - closing_flow)
        holding.quantity += signed_quantity
        holding.realized += realized
        self.cash[contract.currency] = self.cash.get(contract.currency, ZERO) + flow
        self.realized[contract.currency] = self.realized.get(contract.currency, ZERO) + realized
        if holding.quantity == 0:
            del self.holdings[contract.key]
        return realized

    def list_holdings(self) -> Iterable[Holding]:
        """Return the open positions, by type and symbol."""
        return [self.holdings[key] for key in sorted(self.holdings)]


def _get_share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """Return ``whole`` x ``part`` / ``of``, exact at both ends so that nothing is left behind."""
    if part == of:
        return whole if of else ZERO
    return (whole * part / of).quantize(MONEY_GRAIN) if part else ZERO
