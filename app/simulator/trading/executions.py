"""An account's fills as movements of money and positions, each with its share of the commission."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import Contract
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.orders import Fill, Order


@dataclass(frozen=True, slots=True)
class Execution:
    """Hold one fill; ``signed`` is the change of the position, ``amount`` price x quantity x multiplier."""

    id: int
    at_ms: int
    contract: Contract
    signed: Decimal
    amount: Decimal
    commission: Decimal

    @property
    def flow(self) -> Decimal:
        """Return what it brought in cash, negative for a purchase."""
        return (self.amount if self.signed < 0 else -self.amount) - self.commission


def list_executions(engine: TradingEngine, account: str, segment: str = "SEC") -> list[Execution]:
    """Return an account's executions in a segment, oldest first.

    The commissions of an order's add up to the order's own.
    """
    by_order: dict[int, list[Fill]] = defaultdict(list)
    for fill in engine.fills:
        if fill.account == account and engine.orders[fill.order_id].segment == segment:
            by_order[fill.order_id].append(fill)
    executions = [each for order_id, fills in by_order.items() for each in _of_order(engine, order_id, fills)]
    return sorted(executions, key=lambda execution: (execution.at_ms, execution.id))


def _of_order(engine: TradingEngine, order_id: int, fills: list[Fill]) -> list[Execution]:
    order = engine.orders[order_id]
    contract = engine.get_contract(order)
    if contract.legs:
        return _of_combination(engine, order, fills)
    quantity = amount = charged = ZERO
    executions = []
    for number, fill in enumerate(fills, 1):
        quantity, amount = quantity + fill.quantity, amount + fill.amount
        due = order.commission if number == len(fills) else get_commission(contract, order.action, quantity, amount)
        signed = fill.quantity * order.sign
        executions.append(Execution(fill.id, fill.at_ms, contract, signed, fill.amount, due - charged))
        charged = due
    return executions


def _of_combination(engine: TradingEngine, order: Order, fills: list[Fill]) -> list[Execution]:
    """Return the fills of legs, each its own contract's; the charges of all belong to the last."""
    executions = []
    for number, fill in enumerate(fills, 1):
        leg = engine.prices.find_key(fill.key)
        if leg is None:
            message = f"fill {fill.id} is of {fill.key}, which the market does not have"
            raise LookupError(message)
        signed = fill.quantity if fill.action == "BUY" else -fill.quantity
        commission = order.commission if number == len(fills) else ZERO
        executions.append(Execution(fill.id, fill.at_ms, leg, signed, fill.amount, commission))
    return executions
