"""What has become of an order, read from its status, its fills and its remark.

Prime and paper accounts take an order that cannot be paid and make it Invalid some seconds later, with the reason in
``remark``; on global ones it is Inactive. A DAY order that ran out is Cancelled with a remark, or on some kinds of
account Invalid: what the remark says, or how long the order lived, tells them apart.
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.tiger.trading.order_statuses import CANCELLED, FILLED, INACTIVE, INVALID
from app.tiger.trading.orders import Order
from app.tiger.wire.reasons import explain, says_expired

REFUSED_WITHIN_MS: Final = 60_000
"""An order that ended without a word, unfilled and this soon, was refused; later, it ran out."""


class Fate(enum.StrEnum):
    """How an order stands for good; LIVING is all that may still change."""

    LIVING = "living"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


SENTENCES: Mapping[Fate, str] = MappingProxyType(
    {
        Fate.FILLED: "The order is already filled",
        Fate.CANCELLED: "The order is already cancelled",
        Fate.EXPIRED: "The order has expired; it is not open",
        Fate.REFUSED: "Tiger has rejected the order; it is not open",
    }
)


def get_fate(order: Order) -> Fate:
    """Return what has become of an order."""
    if order.status == FILLED:
        return Fate.FILLED
    if order.status not in {CANCELLED, INACTIVE, INVALID}:
        return Fate.LIVING
    if says_expired(order.reason or ""):
        return Fate.EXPIRED
    if order.status == CANCELLED:
        return Fate.CANCELLED
    if order.filled:
        return Fate.EXPIRED
    has_run_out = order.status == INVALID and not order.reason and has_lived(order.order_time, order.update_time)
    return Fate.EXPIRED if has_run_out else Fate.REFUSED


def describe(order: Order, fate: Fate) -> str:
    """Return the sentence that tells a client of an order's end, with Tiger's reason where it gave one."""
    reason = explain(order.reason)
    return f"{SENTENCES[fate]}: {reason}" if reason and fate is not Fate.FILLED else f"{SENTENCES[fate]}."


def has_lived(order_time: int | None, update_time: int | None) -> bool:
    """Return whether an order that ended at a moment had been taken: a refusal comes within seconds."""
    return order_time is not None and update_time is not None and update_time - order_time > REFUSED_WITHIN_MS
