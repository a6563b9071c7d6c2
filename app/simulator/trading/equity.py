"""What an account was worth at the end of each day: what is there now, less what has happened since.

What was paid in is what is there without profits: per currency, cash and the cost of the positions less what was
realized. All of it came on the day of opening, on which the first positions were bought with a part of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.simulator.market.calendars import TradingDay
from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import Contract, to_dollars
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.executions import Execution
from app.simulator.trading.prices import Prices


@dataclass(frozen=True, slots=True)
class EquityDay:
    """Hold what an account was worth at a day's end, and what was paid in on it, in US dollars."""

    day: TradingDay
    cash: Decimal
    market_value: Decimal
    deposit: Decimal

    @property
    def asset(self) -> Decimal:
        """Return cash and the worth of all positions."""
        return self.cash + self.market_value

    def joined(self, other: "EquityDay") -> "EquityDay":
        """Return what two segments were worth together on one day."""
        return EquityDay(
            self.day,
            self.cash + other.cash,
            self.market_value + other.market_value,
            self.deposit + other.deposit,
        )


def get_paid_in(account: Account) -> dict[str, Decimal]:
    """Return what was paid into the segment of securities, by currency."""
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in account.cash.items():
        paid[currency] += amount - account.realized.get(currency, ZERO)
    for holding in account.list_holdings("SEC"):
        paid[holding.contract.currency] += holding.basis
    return dict(paid)


def get_opening_cost(account: Account, executions: Iterable[Execution]) -> dict[str, Decimal]:
    """Return what was paid for the first positions, by currency."""
    spent = get_paid_in(account)
    for currency, amount in account.cash.items():
        spent[currency] = spent.get(currency, ZERO) - amount
    for execution in executions:
        spent[execution.contract.currency] = spent.get(execution.contract.currency, ZERO) + execution.flow
    return spent


@dataclass(frozen=True, slots=True)
class Books:
    """Hold what there is in a segment now: cash and what was paid in, in US dollars, and the positions.

    Futures count as if they had been paid for, so that cash and positions together are worth what the segment is.
    """

    cash: Decimal
    paid_in: Decimal
    held: dict[str, tuple[Contract, Decimal]]

    def at(self, end_ms: int, executions: Iterable[Execution]) -> tuple[Decimal, list[tuple[Contract, Decimal]]]:
        """Return cash and positions as they were at a moment, before the executions after it."""
        cash, held = self.cash, dict(self.held)
        for execution in executions:
            if execution.at_ms > end_ms:
                contract = execution.contract.held_as
                cash -= to_dollars(execution.flow, contract.currency)
                _, quantity = held.get(contract.key, (contract, ZERO))
                held[contract.key] = (contract, quantity - execution.signed)
        return cash, [(contract, quantity) for contract, quantity in held.values() if quantity]


def get_books(account: Account, segment: str) -> Books:
    """Return what there is in a segment of an account."""
    holdings = list(account.list_holdings(segment))
    held = {holding.contract.key: (holding.contract, holding.quantity) for holding in holdings}
    if segment == "FUT":
        paid = {name: cash - account.futures.realized.get(name, ZERO) for name, cash in account.futures.cash.items()}
        cash = _total(account.futures.cash)
        for holding in holdings:
            cash -= to_dollars(holding.basis, holding.contract.currency)
        return Books(cash, _total(paid), held)
    return Books(_total(account.cash), _total(get_paid_in(account)), held)


def get_equity_days(
    books: Books,
    executions: list[Execution],
    days: Iterable[TradingDay],
    opened: TradingDay,
    prices: Prices,
    now_ms: int,
) -> list[EquityDay]:
    """Return what a segment was worth at the end of each of the days."""
    found = []
    for day in days:
        if day.index < opened.index:
            found.append(EquityDay(day, ZERO, ZERO, ZERO))
            continue
        end_ms = min(day.next_open_ms - 1, now_ms)
        cash, held = books.at(end_ms, executions)
        values = [
            to_dollars(quantity * contract.multiplier * prices.get_book(contract, end_ms).latest, contract.currency)
            for contract, quantity in held
        ]
        deposit = books.paid_in if day.index == opened.index else ZERO
        found.append(EquityDay(day, cash, sum(values, ZERO), deposit))
    return found


def get_settled(books: Books, executions: list[Execution], close_ms: int, prices: Prices) -> Decimal:
    """Return what the purse of futures held once they were settled at a close, in US dollars."""
    cash, held = books.at(close_ms, executions)
    return cash + sum(
        (
            to_dollars(quantity * contract.multiplier * prices.get_settlement(contract, close_ms), contract.currency)
            for contract, quantity in held
        ),
        ZERO,
    )


def _total(amounts: Mapping[str, Decimal]) -> Decimal:
    return sum((to_dollars(amount, currency) for currency, amount in amounts.items()), ZERO)
