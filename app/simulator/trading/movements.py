"""Every movement of an account's cash since its opening: they add up to what is there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.trading.accounts import Account
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.equity import get_books, get_opening_cost, get_paid_in, get_settled
from app.simulator.trading.executions import Execution
from app.simulator.trading.prices import Prices

DEPOSIT, TRADE, FEE = "DEPOSIT_WITHDRAW", "TRADE", "FEE"


@dataclass(frozen=True, slots=True)
class Movement:
    """Hold one movement; ``amount`` is negative for money that left."""

    id: int
    at_ms: int
    kind: str
    currency: str
    amount: Decimal
    description: str
    contract_name: str = ""
    segment: str = "SEC"

    @property
    def on(self) -> date:
        """Return the business date."""
        return calendar_of("US").local_date(self.at_ms)


def list_deposits(account: Account, opened: TradingDay) -> list[Movement]:
    """Return what was paid in, by currency."""
    return [
        Movement(opened.open_ms + number, opened.open_ms, DEPOSIT, currency, amount, "Deposit")
        for number, (currency, amount) in enumerate(sorted(get_paid_in(account).items()))
        if amount
    ]


def list_future_deposits(account: Account, opened: TradingDay) -> list[Movement]:
    """Return what was paid into the segment of futures."""
    paid = get_books(account, "FUT").paid_in
    at_ms = opened.open_ms
    return [Movement(at_ms + 50, at_ms, DEPOSIT, "USD", paid, "Deposit", segment="FUT")] if paid else []


def list_future_movements(
    account: Account, executions: list[Execution], opened: TradingDay, prices: Prices, now_ms: int
) -> list[Movement]:
    """Return the movements of the purse of futures: what each close, and what has been closed since, brought it."""
    found = list_future_deposits(account, opened)
    if not executions:
        return found
    books, calendar = get_books(account, "FUT"), calendar_of("US")
    first, last = calendar.current(executions[0].at_ms).index, calendar.current(now_ms).index
    closes = [calendar.day(index).close_ms for index in range(first, last + 1)]
    worth = [(at_ms, get_settled(books, executions, at_ms, prices)) for at_ms in closes if at_ms <= now_ms]
    worth.append((now_ms, sum(account.futures.cash.values(), ZERO)))
    before, since_ms = books.paid_in, 0
    for at_ms, settled in worth:
        charged = ZERO
        for execution in executions:
            if since_ms < execution.at_ms <= at_ms and execution.commission:
                charged += execution.commission
                found.append(_fee(execution, "FUT"))
        if gained := settled - before + charged:
            found.append(Movement(at_ms, at_ms, TRADE, "USD", gained, "Settlement", segment="FUT"))
        before, since_ms = settled, at_ms
    return found


def list_movements(account: Account, executions: list[Execution], opened: TradingDay) -> list[Movement]:
    """Return all movements of securities."""
    found = list_deposits(account, opened)
    for number, (currency, cost) in enumerate(sorted(get_opening_cost(account, executions).items()), 100):
        if cost:
            found.append(Movement(opened.open_ms + number, opened.open_ms, TRADE, currency, -cost, "First positions"))
    for execution in executions:
        contract, word = execution.contract, "Buy" if execution.signed > 0 else "Sell"
        amount = -execution.amount if execution.signed > 0 else execution.amount
        name = f"{contract.name}({contract.symbol})"
        described = f"{word} {abs(execution.signed).normalize():f} {contract.symbol}"
        found.append(Movement(execution.id, execution.at_ms, TRADE, contract.currency, amount, described, name))
        if execution.commission != ZERO:
            found.append(_fee(execution, "SEC"))
    return found


def _fee(execution: Execution, segment: str) -> Movement:
    contract, number = execution.contract, execution.id + 1
    name = f"{contract.name}({contract.symbol})"
    return Movement(number, execution.at_ms, FEE, contract.currency, -execution.commission, "Commission", name, segment)
