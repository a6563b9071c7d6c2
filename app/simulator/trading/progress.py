"""One step in the life of an open order, at one instant."""

from dataclasses import dataclass, field

from app.simulator.readings import Readings
from app.simulator.trading.accounts import Account
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import Contract, Prices
from app.simulator.trading.matching import Execution, find_execution, get_round, get_wanted, update_trigger
from app.simulator.trading.orders import (
    CANCELLED,
    FILLED,
    IMMEDIATE,
    INITIAL,
    INVALID,
    OPEN_STATUSES,
    PENDING_CANCEL,
    SUBMITTED,
    Fill,
    Order,
)
from app.simulator.trading.reasons import EXPIRED, NOT_IMMEDIATE


@dataclass(slots=True)
class Progress:
    """Collect what a step changed, so that it can be kept in one commit. The fills have no ids yet."""

    orders: dict[int, Order] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold what orders meet at one instant: the prices, the time, and how the open points are read."""

    prices: Prices
    now_ms: int
    readings: Readings


def step(order: Order, account: Account, contract: Contract, moment: Moment, progress: Progress) -> None:
    """Take one open order to what it is at this moment."""
    if not order.is_open:
        return
    prices, now_ms, language = moment.prices, moment.now_ms, moment.readings.refusal_language
    ended = _find_end(order, contract, moment)
    if ended is not None:
        _end(order, *ended, now_ms, progress)
        return
    if order.status == INITIAL:
        order.status = SUBMITTED
        progress.orders[order.id] = order
    if order.rejection is not None:
        return
    if prices.is_tradable_now(contract, order.outside_rth, now_ms):
        book = prices.get_book(contract, now_ms)
        if update_trigger(order, book):
            progress.orders[order.id] = order
        execution = find_execution(order, contract, book, now_ms)
        if execution is not None:
            _fill(order, account, contract, execution, now_ms, progress)
    if order.status in OPEN_STATUSES and order.time_in_force in IMMEDIATE:
        _end(order, CANCELLED, NOT_IMMEDIATE.tell(language), now_ms, progress)


def _find_end(order: Order, contract: Contract, moment: Moment) -> tuple[str, str] | None:
    now_ms, readings = moment.now_ms, moment.readings
    if order.rejection is not None and now_ms >= order.rejection_ms:
        return order.rejection_status, order.rejection
    if order.cancel_due_ms is not None and now_ms >= order.cancel_due_ms:
        return CANCELLED, ""
    if contract.has_expired(now_ms) or (order.expire_ms is not None and now_ms >= order.expire_ms):
        status = INVALID if readings.expired_day_order == "invalid" else CANCELLED
        return status, EXPIRED.tell(readings.refusal_language)
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
