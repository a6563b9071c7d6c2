"""Know an order without a mark from those of a group, on which Tiger may not write the mark that was sent with it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from app.orders.records import CommandRecord
from app.tiger.order_kinds import OCA
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import Order

MOST_ADJUSTED: Final = Decimal("0.01")
LARGEST_STEP: Final = Decimal("0.10")
"""A price that Tiger adjusted to its steps is off by no more: by this part of it, or where it is low by this much."""
TRIGGERED: Final[Mapping[str, str]] = {"STP": "MKT", "STP_LMT": "LMT"}
"""As what a stop order goes on once the market has reached its price."""
UNCHANGED: Final = (None, "NONE")
"""What Tiger tells of an order whose terms nobody asked to change [recorded: replaceStatus]."""


def may_lack_mark(order: Order, record: CommandRecord) -> bool:
    """Return whether an order without a mark may be one of a group: of that the SDK sends one mark, beside its orders.

    Whether Tiger writes it on each, and which of them has the number, no page says [SDK: PlaceModifyOrderParams].
    """
    return not order.user_mark and bool(record.ticket.partners)


def is_no_member(order: Order, record: CommandRecord) -> bool:
    """Return whether an order without a mark is certainly none of those of a group: it differs from each of them."""
    members = (record.ticket, *record.ticket.partners)
    return may_lack_mark(order, record) and all(_differs(order, member) for member in members)


def _differs(order: Order, member: OrderTicket) -> bool:
    """Return whether type, quantity or prices of an order cannot have come of the one that was sent.

    What Tiger leaves out is no difference, nor is the type of the group. What somebody changed has another quantity
    or other prices; its type stays. How long it lasts proves nothing: what is taken for ours is not compared by that.
    """
    if order.order_type not in (None, OCA, member.order_type, TRIGGERED.get(member.order_type)):
        return True
    if order.replace_status not in UNCHANGED:
        return False
    if order.quantity not in (None, member.quantity):
        return True
    pairs = ((order.limit_price, member.limit_price), (order.aux_price, member.aux_price))
    return any(_is_another_price(shown, wanted) for shown, wanted in pairs)


def _is_another_price(shown: Decimal | None, wanted: Decimal | None) -> bool:
    if shown is None or wanted is None:
        return False
    return abs(shown - wanted) > max(abs(wanted) * MOST_ADJUSTED, LARGEST_STEP)
