"""What the securities of an account were worth at the end of each day: what is there, less what has happened since.

What was paid in is what is there without profits: per currency, cash and the cost of the positions less what was
realized. All of it came on the day of opening, on which the first positions were bought with a part of it.
"""

from collections import defaultdict
from collections.abc import Iterable
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
    gross: Decimal
    deposit: Decimal

    @property
    def asset(self) -> Decimal:
        """Return cash and the worth of all positions."""
        return self.cash + self.market_value


def get_paid_in(account: Account) -> dict[str, Decimal]:
    """Return what was paid into an account, by currency."""
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


def get_equity_days(
    account: Account,
    executions: list[Execution],
    days: Iterable[TradingDay],
    opened: TradingDay,
    prices: Prices,
    now_ms: int,
) -> list[EquityDay]:
    """Return an account's worth at the end of each of the days, which come in rising order."""
    paid = sum((to_dollars(amount, currency) for currency, amount in get_paid_in(account).items()), ZERO)
    found = []
    for day in reversed(list(days)):
        if day.index < opened.index:
            found.append(EquityDay(day, ZERO, ZERO, ZERO, ZERO))
            continue
        end_ms = min(day.next_open_ms - 1, now_ms)
        cash, held = _get_state(account, (each for each in executions if each.at_ms > end_ms))
        values = [
            to_dollars(quantity * contract.multiplier * prices.get_book(contract, end_ms).latest, contract.currency)
            for contract, quantity in held
        ]
        deposit = paid if day.index == opened.index else ZERO
        found.append(EquityDay(day, cash, sum(values, ZERO), sum(map(abs, values), ZERO), deposit))
    return found[::-1]


def _get_state(account: Account, later: Iterable[Execution]) -> tuple[Decimal, list[tuple[Contract, Decimal]]]:
    """Return cash in US dollars and positions as they were before some executions."""
    cash = sum((to_dollars(amount, currency) for currency, amount in account.cash.items()), ZERO)
    held = {holding.contract.key: (holding.contract, holding.quantity) for holding in account.list_holdings("SEC")}
    for execution in later:
        contract = execution.contract
        cash -= to_dollars(execution.flow, contract.currency)
        _, quantity = held.get(contract.key, (contract, ZERO))
        held[contract.key] = (contract, quantity - execution.signed)
    return cash, [(contract, quantity) for contract, quantity in held.values() if quantity]
