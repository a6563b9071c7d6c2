"""Every movement of an account's cash since its opening: they add up to what is there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.trading.accounts import Account
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.equity import get_opening_cost, get_paid_in
from app.simulator.trading.executions import Execution

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


def list_movements(account: Account, executions: list[Execution], opened: TradingDay) -> list[Movement]:
    """Return all movements, newest first."""
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
            fee = Movement(
                execution.id + 1, execution.at_ms, FEE, contract.currency, -execution.commission, "Commission", name
            )
            found.append(fee)
    found.sort(key=lambda movement: (movement.at_ms, movement.id), reverse=True)
    return found
