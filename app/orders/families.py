"""What is reported of the orders that came with a placed one: in the answer, in the journal, and when asked later."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.errors import GatewayError
from app.orders.matching import find_placed
from app.orders.records import CommandRecord, Kind
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.orders import Order, RelatedOrder
from app.tiger.trading.related_orders import fetch_related, relate


def note_family(order: Order) -> dict[str, Any]:
    """Return what the journal's event says of the orders that came with one; nothing where none did."""
    if not order.related and not order.missing:
        return {}
    named = [{"order_id": related.order_id, "role": related.role} for related in order.related]
    return {"related_orders": named, "missing_orders": list(order.missing)}


def fetch_family(session: Session, record: CommandRecord, order: Order, deadline: Deadline) -> Order:
    """Return a placed order with those that came with it, as they stand now; as the journal names them, failing that.

    What is missing may have come to be shown since: it is looked for by the mark.
    """
    if record.kind is not Kind.PLACE or not record.ticket.roles:
        return order
    known = _recall(record, order)
    with contextlib.suppress(GatewayError):
        if known.missing and (found := find_placed(session, record, deadline)[0]) is not None:
            return relate(replace(known, related=(*known.related, *found.related)), record.ticket.roles)
        known = fetch_related(session, known, record.ticket.roles, deadline)
    return known


def _recall(record: CommandRecord, order: Order) -> Order:
    """Return an order with the related ones that the journal knows, where Tiger's list does not name them again."""
    data: Mapping[str, Any] = {}
    if record.answer is not None:
        result = record.result
        data = (result.data if result.error is None else result.error.data) or {}
    kept = [RelatedOrder(each["order_id"], each["role"]) for each in data.get("related_orders", ())]
    named = {related.order_id: related for related in [*order.related, *kept]}
    return relate(replace(order, related=tuple(named.values())), record.ticket.roles)
