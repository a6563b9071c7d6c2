"""Decides what happens to an open order at one instant: triggered, filled, or left alone.

Orders meet the best price on the other side. What one second offers is bounded, so a large order fills in
parts; the same order at the same times always fills the same way.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.simulator.trading.contracts import BULL_BEAR, COMBINATION, FUTURE, OPTION, WARRANT, Book, Contract
from app.simulator.trading.decimals import ZERO, floor_to
from app.simulator.trading.orders import (
    TRAILING_ORDER,
    TRIGGERED_TYPES,
    Order,
)
from app.simulator.trading.schedules import get_allowance

ROUND_MS = 1000
DEPTHS = {OPTION: 50, COMBINATION: 50, FUTURE: 20, WARRANT: 100_000, BULL_BEAR: 100_000}
OTHER_DEPTH = 500
"""The least that a second offers, however thin the first level is: books have more than one level."""
LONGEST_GAP_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Execution:
    """Hold what can be filled now."""

    quantity: Decimal
    price: Decimal


def update_trigger(order: Order, book: Book) -> bool:
    """Move a trailing stop and trigger a stop that the latest price has reached; say whether anything changed."""
    if order.is_triggered or order.order_type not in TRIGGERED_TYPES:
        return False
    moved = order.order_type == TRAILING_ORDER and _move_trailing_stop(order, book)
    stop = order.stop_price if order.order_type == TRAILING_ORDER else order.aux_price
    if stop is not None and (book.latest - stop) * order.sign >= 0:
        order.is_triggered = True
        return True
    return moved


def _move_trailing_stop(order: Order, book: Book) -> bool:
    if order.trailing_percent is not None:
        distance = book.latest * order.trailing_percent / 100
    else:
        distance = order.aux_price or ZERO
    candidate = (book.latest + distance * order.sign).quantize(Decimal("0.0001"))
    if order.stop_price is None or (candidate - order.stop_price) * order.sign < 0:
        order.stop_price = candidate
        return True
    return False


def find_execution(order: Order, contract: Contract, book: Book, now_ms: int) -> Execution | None:
    """Return what an order can fill at ``now_ms``; None when its price or the offer does not allow any."""
    if order.order_type in TRIGGERED_TYPES and not order.is_triggered:
        return None
    price = book.ask if order.action == "BUY" else book.bid
    if price is None or not is_acceptable(order, price):
        return None
    wanted = get_wanted(order, contract, price)
    allowance = get_allowance(order, contract.lot_size, now_ms)
    if allowance is not None:
        wanted = min(wanted, allowance)
    offered = get_offered(order, contract, book, now_ms)
    if order.time_in_force == "FOK" and offered < wanted:
        return None
    quantity = min(wanted, offered)
    return Execution(quantity, price) if quantity > 0 else None


def get_round(now_ms: int) -> int:
    """Return the second that an instant lies in."""
    return now_ms // ROUND_MS


def get_offered(order: Order, contract: Contract, book: Book, now_ms: int) -> Decimal:
    """Return how much the seconds since the order's last fill offer to it."""
    size = book.ask_size if order.action == "BUY" else book.bid_size
    depth = DEPTHS.get(contract.sec_type, OTHER_DEPTH)
    offered = floor_to(Decimal(max(size, depth, contract.lot_size)), Decimal(contract.lot_size))
    if order.last_round is None:
        return offered
    return offered * max(0, min(get_round(now_ms) - order.last_round, LONGEST_GAP_ROUNDS))


def is_acceptable(order: Order, price: Decimal) -> bool:
    """Say whether an order's limit, if it has one, allows a price."""
    return order.limit_price is None or (price - order.limit_price) * order.sign <= 0


def get_wanted(order: Order, contract: Contract, price: Decimal) -> Decimal:
    """Return how much an order still wants; one by amount wants what its money left buys at ``price``."""
    if order.quantity is not None:
        return order.remaining
    left = (order.cash_amount or ZERO) - order.filled_amount
    return floor_to(left / (price * contract.multiplier), contract.grain)
