"""What orders that Tiger does not show yet will close of a position, or may: ours, and what is attached to others.

Whoever is not sure counts as having closed it, so that a position is never turned into its opposite.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Final

from app.orders.doubt import WATCHED_MS
from app.orders.fates import Fate, get_fate
from app.orders.matching import is_order_of
from app.orders.naming import HIDDEN_MS
from app.orders.promises import IN_DOUBT, UNKNOWN_QUANTITY, Promise, get_closing_action, get_contract, multiply
from app.orders.records import CommandRecord
from app.orders.states import State
from app.tiger.trading.holdings import Holding, may_be
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import Order

NONE: Final = Decimal(0)


def list_hidden(holding: Holding, placements: Iterable[CommandRecord], tiger_now: int | None) -> list[Promise]:
    """Return what is promised of a position by orders that Tiger does not show, or does not show all of."""
    action, promises = get_closing_action(holding.quantity), []
    for record in placements:
        # Most are not: reading a ticket costs more.
        if may_be_hidden(record, tiger_now) and (quantity := _get_quantity(record, holding, action)):
            number = str(record.order_number) if record.holds_number else None
            promises.append(Promise(quantity, IN_DOUBT, record.order_id, number, record.idempotency_key))
    return [*promises, *_list_attached(holding, action)]


def may_be_hidden(record: CommandRecord, tiger_now: int | None) -> bool:
    """Return whether Tiger may have the order of a placement without showing it."""
    if record.state is State.ACCEPTED:
        return record.get_age_ms(tiger_now) < HIDDEN_MS
    if record.state is State.ABSENT and tiger_now is not None and record.sent_by_tiger is not None:
        # By Tiger's own clock it has not surfaced for as long as anybody looks for it.
        return tiger_now - record.sent_by_tiger <= WATCHED_MS
    return record.state not in {State.REJECTED, State.DENIED}


def _get_quantity(record: CommandRecord, holding: Holding, action: str) -> Decimal:
    """Return how much the orders of a placement close that are not shown."""
    ticket, instrument = record.ticket, holding.instrument
    first = next((order for order in holding.orders if is_order_of(record, order)), None)
    if ticket.legs:
        # Which way a leg of it goes is not worth a mistake.
        units = sum(leg.ratio for leg in ticket.legs if may_be({**asdict(leg), "identifier": None}, instrument))
        return multiply(ticket.quantity, Decimal(units)) if first is None else NONE
    if not may_be(asdict(get_contract(ticket)), instrument):
        return NONE
    shown = [order for order in holding.orders if is_of(order, record)]
    if ticket.action == action:
        return _get_missing(ticket, first, shown)
    if not ticket.roles or ticket.partners or len(shown) > (first is not None):
        return NONE
    # What is attached closes what the order has opened, from the moment of its fill; see below where it is named.
    if first is None:
        return ticket.quantity or UNKNOWN_QUANTITY
    return NONE if first.related else first.filled or NONE


def _get_missing(ticket: OrderTicket, first: Order | None, shown: Sequence[Order]) -> Decimal:
    """Return how much is closed by those orders of a ticket that are not shown: of a group one alone is filled."""
    missing = (ticket, *ticket.partners) if first is None else ticket.partners
    is_over = any(get_fate(order) is Fate.FILLED for order in shown)
    if first is not None and (is_over or len(shown) > len(ticket.partners)):
        return NONE
    return max((each.quantity or UNKNOWN_QUANTITY for each in missing), default=NONE)


def _list_attached(holding: Holding, action: str) -> list[Promise]:
    """Return what is promised by orders that are attached to one just filled, whoever placed it, and not shown."""
    shown, parents = ({getattr(order, name) for order in holding.orders} for name in ("order_id", "parent_id"))
    return [
        Promise(order.filled, IN_DOUBT, order.related[0].order_id, None)
        for order in holding.orders
        if order.related
        and order.filled
        and order.action != action
        and not order.legs
        and (order.trade_time is None or order.trade_time > holding.read_at - HIDDEN_MS)
        and order.order_id not in parents
        and not shown.intersection(related.order_id for related in order.related)
    ]


def is_of(order: Order, record: CommandRecord) -> bool:
    """Return whether an order is the one that a placement placed, or came with it."""
    has_mark = order.includes_mark and order.user_mark == record.mark
    is_attached = record.order_id is not None and order.parent_id == record.order_id
    return has_mark or is_attached or is_order_of(record, order)
