"""What happens to positions by themselves: futures are settled each day, what expires is exercised, assigned or paid.

Each such event is an order of its own that the account's owner did not place, so that fills, cash and positions agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from app.simulator.market.futures import last_closed_day
from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import FUTURE, OPTION, STOCK, WARRANTS, Contract
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.making import make_event
from app.simulator.trading.orders import Fill, Order
from app.simulator.trading.prices import Prices
from app.simulator.trading.progress import Progress

LEAST_GAIN = Decimal("0.01")
"""An option that is worth so much for each share is exercised when it expires."""


class IdSource(Protocol):
    """Give the next global order id."""

    def __call__(self) -> int:
        """Return an id that no order has."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """Settle one account at one instant."""

    account: Account
    prices: Prices
    now_ms: int
    progress: Progress
    get_id: IdSource
    remember: Callable[[Order], None]

    def run(self) -> None:
        """Settle futures at each close that has passed, then whatever has ended."""
        self._settle_futures()
        for holding in list(self.account.list_holdings()):
            contract = holding.contract
            if contract.sec_type in WARRANTS and self.prices.is_knocked_out(contract, self.now_ms):
                self._pay(holding, "KNOCK_OUT")
            elif contract.has_expired(self.now_ms):
                self._end(holding)

    def _settle_futures(self) -> None:
        closed_ms = last_closed_day(self.now_ms).close_ms
        futures = list(self.account.list_holdings("FUT"))
        if closed_ms <= self.account.settled_ms:
            return
        for holding in futures:
            if not holding.contract.has_expired(self.now_ms):
                self.account.settle_future(holding, self.prices.get_settlement(holding.contract, self.now_ms))
        # What is bought after a close is settled at the next one, even by an account that held none before.
        self.account.settled_ms = closed_ms
        if futures:
            self.progress.accounts[self.account.account] = self.account

    def _end(self, holding: Holding) -> None:
        if holding.contract.sec_type == OPTION:
            self._exercise(holding)
        else:
            self._pay(holding, "EXPIRY" if holding.contract.sec_type == FUTURE else "CASH_SETTLE")

    def _pay(self, holding: Holding, kind: str) -> None:
        price = self.prices.get_final_value(holding.contract, self.now_ms)
        self.book(holding.contract, -holding.quantity, price, kind)

    def _exercise(self, holding: Holding) -> None:
        """Deliver what an option in the money is about, at its strike; the option itself is worth nothing any more."""
        option, quantity = holding.contract, holding.quantity
        expires_ms = option.expires_ms or self.now_ms
        underlying = self.prices.find(STOCK, option.underlying or option.symbol)
        gain = self.prices.get_intrinsic_value(option, expires_ms)
        if gain < LEAST_GAIN or underlying is None or option.strike is None:
            self.book(option, -quantity, ZERO, "EXPIRY")
            return
        kind = "EXERCISE" if quantity > 0 else "ASSIGNMENT"
        shares = quantity * option.multiplier * (1 if option.right == "CALL" else -1)
        self.book(option, -quantity, ZERO, kind)
        self.book(underlying, shares, option.strike, kind)

    def book(self, contract: Contract, signed: Decimal, price: Decimal, kind: str) -> None:
        """Change a position at a price without commission, and tell it as an order that was filled."""
        order = make_event(self.get_id(), self.account, contract, signed, kind, self.now_ms)
        amount = abs(signed) * contract.multiplier * price
        order.filled_amount = amount
        order.realized = self.account.apply_fill(contract, signed, amount, ZERO)
        self.remember(order)
        self.progress.orders[order.id] = order
        self.progress.accounts[self.account.account] = self.account
        fill = Fill(0, order.id, self.account.account, self.now_ms, abs(signed), price, amount)
        self.progress.fills.append(fill)
