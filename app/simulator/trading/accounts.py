"""One account's cash and holdings, and what a fill does to them.

The invariant that everything rests on, per currency: cash + cost basis of the holdings = what was paid in +
realized profit. Commissions belong to the cost of what was bought, as in Tiger's average cost. Futures are paid for by
nobody: their basis is what they were worth when they were last settled, and cash is what was paid in + realized profit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from app.simulator.trading.contracts import FUTURE, Contract
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
class Purse:
    """Hold the money of one segment of an account, and what was realized with it, by currency."""

    cash: dict[str, Decimal] = field(default_factory=dict)
    realized: dict[str, Decimal] = field(default_factory=dict)

    def pay(self, currency: str, flow: Decimal, realized: Decimal) -> None:
        """Let money come in, or go where ``flow`` is negative."""
        self.cash[currency] = self.cash.get(currency, ZERO) + flow
        self.realized[currency] = self.realized.get(currency, ZERO) + realized


@dataclass(slots=True)
class Account:
    """Hold one account; ``kind`` is STANDARD, PAPER or GLOBAL.

    ``cash`` and ``realized`` are those of securities, ``futures`` is the purse that futures are settled from;
    ``settled_ms`` is the close up to which they have been.
    """

    account: str
    tiger_id: str
    kind: str
    next_number: int = 1
    cash: dict[str, Decimal] = field(default_factory=dict)
    realized: dict[str, Decimal] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    futures: Purse = field(default_factory=Purse)
    settled_ms: int = 0

    def get_quantity(self, contract: Contract) -> Decimal:
        """Return the signed quantity held."""
        holding = self.holdings.get(contract.held_as.key)
        return holding.quantity if holding else ZERO

    def get_purse(self, contract: Contract) -> Purse:
        """Return the money that a contract is traded with."""
        return self.futures if contract.segment == "FUT" else Purse(self.cash, self.realized)

    def apply_fill(self, contract: Contract, signed_quantity: Decimal, amount: Decimal, commission: Decimal) -> Decimal:
        """Book one fill and return the profit that it realized.

        ``amount`` is the unsigned price times quantity times multiplier. A fill that turns a long position
        short (or back) first closes, then opens; the commission is shared by quantity.
        """
        holding = self.holdings.setdefault(contract.held_as.key, Holding(contract.held_as))
        flow = -amount if signed_quantity > 0 else amount
        if contract.sec_type != FUTURE:
            flow -= commission
        filled, held = abs(signed_quantity), abs(holding.quantity)
        closing = min(filled, held) if holding.quantity * signed_quantity < 0 else ZERO
        closing_flow = _get_share(flow, closing, filled)
        released = _get_share(holding.basis, closing, held)
        realized = closing_flow - released
        holding.basis -= released + (flow - closing_flow)
        holding.quantity += signed_quantity
        if contract.sec_type == FUTURE:
            realized -= commission
            flow = realized
        holding.realized += realized
        self.get_purse(contract).pay(contract.currency, flow, realized)
        if holding.quantity == 0:
            del self.holdings[contract.held_as.key]
        return realized

    def settle_future(self, holding: Holding, price: Decimal) -> None:
        """Turn what a future has gained since it was last settled into cash."""
        worth = holding.quantity * holding.contract.multiplier * price
        gained = worth - holding.basis
        holding.basis = worth
        holding.realized += gained
        self.futures.pay(holding.contract.currency, gained, gained)

    def list_holdings(self, segment: str | None = None) -> Iterable[Holding]:
        """Return the open positions, by type and symbol; of one segment, where that is named."""
        held = [self.holdings[key] for key in sorted(self.holdings)]
        return [holding for holding in held if segment in (None, holding.contract.segment)]


def _get_share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """Return ``whole`` x ``part`` / ``of``, exact at both ends so that nothing is left behind."""
    if part == of:
        return whole if of else ZERO
    return (whole * part / of).quantize(MONEY_GRAIN) if part else ZERO
