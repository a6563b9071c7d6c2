"""Orders that came with another one: what is attached to it, or the partner of which one fill ends the other."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_reads import find_order
from app.tiger.trading.order_tickets import OCA_PARTNER, STOP_LOSS, TAKE_PROFIT, OrderTicket
from app.tiger.trading.orders import Order, RelatedOrder

PROFIT_TYPES: Final = frozenset({"LMT"})
LOSS_TYPES: Final = frozenset({"STP", "STP_LMT", "TRAIL"})


def relate(order: Order, roles: Sequence[str], shown: Iterable[Order] = ()) -> Order:
    """Return an order with those that came with it as these: which they are, and as what some are missing.

    ``shown`` are orders that Tiger shows and that belong to it. Of several that Tiger names by their ids alone nobody
    knows which is which; then all that none of the shown ones is counts as missing unless there are enough ids.
    """
    if not roles:
        return order
    known = {related.order_id: related for related in order.related if related.order_id != order.order_id}
    for each in shown:
        if each.order_id is not None and each.order_id != order.order_id:
            known[each.order_id] = RelatedOrder(each.order_id, get_role(each, roles), each)
    open_roles = list(roles)
    for related in known.values():
        if related.role in open_roles:
            open_roles.remove(related.role)
    unnamed = [related for related in known.values() if related.role is None]
    if len(set(open_roles)) == 1 and len(unnamed) == len(open_roles):
        known |= {related.order_id: replace(related, role=open_roles[0]) for related in unnamed}
    missing = () if len(unnamed) >= len(open_roles) else tuple(open_roles)
    return replace(order, related=tuple(known.values()), missing=missing)


def get_role(order: Order, roles: Sequence[str]) -> str | None:
    """Return as what an order came with another one; None where its type does not say."""
    if OCA_PARTNER in roles:
        return OCA_PARTNER
    if order.order_type in PROFIT_TYPES:
        return TAKE_PROFIT
    return STOP_LOSS if order.order_type in LOSS_TYPES else None


def is_first(order: Order, ticket: OrderTicket) -> bool:
    """Return whether, of the orders that a ticket's placement made, this is the one placed, and none that came with it.

    Attached orders are of the other side, and name their parent where Tiger shows that; partners differ by their type.
    """
    if not ticket.roles:
        return True
    if OCA_PARTNER in ticket.roles:
        return order.order_type == ticket.order_type
    return order.parent_id is None and order.action == ticket.action


def fetch_related(session: Session, order: Order, roles: Sequence[str], deadline: Deadline) -> Order:
    """Return an order with those that came with it as they stand; one that Tiger does not show keeps its id alone.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    found = (find_order(session, deadline, related.order_id) for related in order.related)
    return relate(order, roles, [each for each in found if each is not None])
