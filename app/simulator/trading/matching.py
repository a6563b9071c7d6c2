"""Decides what happens to an open order at one instant: triggered, filled, or left alone.

Orders meet the best price on the other side. What one second offers is bounded, so a large order fills in
parts; the same order at the same times always fills the same way.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.simulator.trading.contracts import OPTION, Book, Contract
from app.simulator.trading.decimals import SHARE_GRAIN, ZERO, floor_to
from app.simulator.trading.orders import (
    LIMIT_ORDER,
    STOP_LIMIT_ORDER,
    TRAILING_ORDER,
    TRIGGERED_TYPES,
    Order,
)

ROUND_MS = 1000
STOCK_DEPTH = 500
OPTION_DEPTH = 50
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
    if price is None or not _is_acceptable(order, price):
        return None
    wanted = get_wanted(order, contract, price)
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
    depth = OPTION_DEPTH if contract.sec_type == OPTION else STOCK_DEPTH
    offered = floor_to(Decimal(max(size, depth, contract.lot_size)), Decimal(contract.lot_size))
    if order.last_round is None:
        return offered
    return offered * max(0, min(get_round(now_ms) - order.last_round, LONGEST_GAP_ROUNDS))


def _is_acceptable(order: Order, price: Decimal) -> bool:
    if order.order_type in {LIMIT_ORDER, STOP_LIMIT_ORDER}:
        return order.limit_price is not None and (price - order.limit_price) * order.sign <= 0
    return True


def get_wanted(order: Order, contract: Contract, price: Decimal) -> Decimal:
    """Return how much an order still wants; one by amount wants what its money left buys at ``price``."""
    if order.quantity is not None:
        return order.remaining
    left = (order.cash_amount or ZERO) - order.filled_amount
    return floor_to(left / (price * contract.multiplier), SHARE_GRAIN)
