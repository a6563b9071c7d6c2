"""What one order's fate means for others: attached orders wake, and of a group one ends the others."""

from app.simulator.trading.contracts import Contract
from app.simulator.trading.making import get_expiry
from app.simulator.trading.orders import CANCELLED, FILLED, Order
from app.simulator.trading.progress import Moment, Progress, end_order
from app.simulator.trading.reasons import OCA_CANCELLED, OCA_DONE, PARENT_ENDED
from app.simulator.trading.register import OrderRegister


def follow(
    order: Order, contract: Contract, register: OrderRegister, moment: Moment, progress: Progress
) -> list[Order]:
    """Let the others follow what has become of an order; return those that are awake now and meet the market next."""
    if order.filled > 0 or order.status == FILLED:
        _end_all(register.list_partners(order), moment, progress, moment.tell(OCA_DONE))
    elif _was_cancelled_for_all(order):
        _end_all(register.list_partners(order), moment, progress, moment.tell(OCA_CANCELLED))
    if order.is_open or not order.children:
        return []
    sleeping = [child for child in register.list_children(order) if child.is_open and child.is_dormant]
    if order.status != FILLED:
        _end_all(sleeping, moment, progress, moment.tell(PARENT_ENDED))
        return []
    for child in sleeping:
        _wake(child, order, contract, moment, progress)
    return sleeping


def _was_cancelled_for_all(order: Order) -> bool:
    """Say whether somebody called off one order of a group that was placed as one."""
    return order.status == CANCELLED and order.cancel_due_ms is not None and not order.parent_id


def _wake(child: Order, parent: Order, contract: Contract, moment: Moment, progress: Progress) -> None:
    child.is_dormant = False
    child.quantity = parent.filled
    child.update_ms = moment.now_ms
    child.expire_ms = get_expiry(child.time_in_force, None, contract, moment.prices, moment.now_ms)
    progress.orders[child.id] = child


def _end_all(orders: list[Order], moment: Moment, progress: Progress, reason: str) -> None:
    for order in orders:
        end_order(order, CANCELLED, reason, moment.now_ms, progress)
