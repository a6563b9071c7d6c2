"""One step in the life of an open order, at one instant."""

from dataclasses import dataclass, field

from app.simulator.trading.accounts import Account
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import Contract, Prices
from app.simulator.trading.matching import Execution, find_execution, get_round, get_wanted, update_trigger
from app.simulator.trading.orders import (
    CANCELLED,
    FILLED,
    INACTIVE,
    INITIAL,
    INVALID,
    OPEN_STATUSES,
    PENDING_CANCEL,
    SUBMITTED,
    Fill,
    Order,
)

IMMEDIATE = frozenset({"IOC", "FOK"})


@dataclass(slots=True)
class Progress:
    """Collect what a step changed, so that it can be kept in one commit. The fills have no ids yet."""

    orders: dict[int, Order] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)


def step(order: Order, account: Account, contract: Contract, prices: Prices, now_ms: int, progress: Progress) -> None:
    """Take one open order to what it is at ``now_ms``."""
    if not order.is_open:
        return
    ended = _find_end(order, contract, now_ms)
    if ended is not None:
        _end(order, *ended, now_ms, progress)
        return
    if order.status == INITIAL:
        order.status = SUBMITTED
        progress.orders[order.id] = order
    if prices.is_tradable_now(contract, order.outside_rth, now_ms):
        book = prices.get_book(contract, now_ms)
        if update_trigger(order, book):
            progress.orders[order.id] = order
        execution = find_execution(order, contract, book, now_ms)
        if execution is not None:
            _fill(order, account, contract, execution, now_ms, progress)
    if order.status in OPEN_STATUSES and order.time_in_force in IMMEDIATE:
        _end(order, CANCELLED, "the rest could not be filled immediately", now_ms, progress)


def _find_end(order: Order, contract: Contract, now_ms: int) -> tuple[str, str] | None:
    if order.rejection is not None:
        return INACTIVE, order.rejection
    if order.cancel_due_ms is not None and now_ms >= order.cancel_due_ms:
        return CANCELLED, ""
    if contract.has_expired(now_ms) or (order.expire_ms is not None and now_ms >= order.expire_ms):
        return INVALID, "order expired"
    return None


def _end(order: Order, status: str, reason: str, now_ms: int, progress: Progress) -> None:
    order.status = status
    order.reason = reason
    order.update_ms = now_ms
    progress.orders[order.id] = order


def _fill(
    order: Order, account: Account, contract: Contract, execution: Execution, now_ms: int, progress: Progress
) -> None:
    amount = execution.quantity * execution.price * contract.multiplier
    order.filled += execution.quantity
    order.filled_amount += amount
    total = get_commission(contract, order.action, order.filled, order.filled_amount)
    commission, order.commission = total - order.commission, total
    order.realized += account.apply_fill(contract, execution.quantity * order.sign, amount, commission)
    order.last_round = get_round(now_ms)
    order.trade_ms = order.update_ms = now_ms
    if get_wanted(order, contract, execution.price) == 0:
        order.status = FILLED
    elif order.status != PENDING_CANCEL:
        order.status = SUBMITTED
    progress.orders[order.id] = order
    progress.accounts[account.account] = account
    progress.fills.append(Fill(0, order.id, account.account, now_ms, execution.quantity, execution.price, amount))
