"""A command's content as the text that the journal keeps and compares: the same for the same meaning.

What earlier releases knew of is always written, the rest only where it was given: a repeat of a command that an earlier
release wrote is recognised.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from app.tiger.trading.order_tickets import OrderChanges, OrderTicket, StopLoss, TakeProfit, TicketLeg

ORDER_ID: Final = "order_id"
CLOSES: Final = "closes"
FIGURES: Final = frozenset(
    {"quantity", "cash_amount", "limit_price", "stop_price", "trailing_percent", "trailing_amount"}
    | {"participation_rate", "strike", "held", "closing"}
)
ALWAYS: Final = frozenset(
    {"symbol", "action", "order_type", "quantity", "time_in_force", "limit_price", "stop_price"}
    | {"trailing_percent", "trailing_amount", "outside_rth"}
)
"""What the first release wrote of each ticket, and of changes as far as they have it, null or not."""
PARTS: Final = (TakeProfit, StopLoss, TicketLeg, OrderTicket)


@dataclass(frozen=True, slots=True)
class Closes:
    """What a placement that closes a position goes by: what was held, signed, and closed already by other orders.

    ``read_at`` is Tiger's time just before it was read; ``is_settled`` says that no fill was missing.
    """

    held: Decimal
    closing: Decimal
    read_at: int
    is_settled: bool


def write_ticket(ticket: OrderTicket, closes: Closes | None = None) -> str:
    """Return the content of a placement, which may be one that closes a position."""
    content = _get_members(ticket, ALWAYS)
    return write_content(content if closes is None else {**content, CLOSES: _get_members(closes)})


def write_changes(order_id: str, changes: OrderChanges) -> str:
    """Return the content of a modification."""
    return write_content({ORDER_ID: order_id, **_get_members(changes, ALWAYS)})


def write_cancellation(order_id: str) -> str:
    """Return the content of a cancellation."""
    return write_content({ORDER_ID: order_id})


def read_ticket(body: str) -> OrderTicket:
    """Return the ticket of a placement."""
    content = json.loads(body)
    content.pop(CLOSES, None)
    return OrderTicket(**_read_parts(content))


def read_closes(body: str) -> Closes | None:
    """Return what a placement goes by that closes a position."""
    content = json.loads(body).get(CLOSES)
    return None if content is None else Closes(**_read(content))


def read_changes(body: str) -> OrderChanges:
    """Return the changes of a modification."""
    content = json.loads(body)
    content.pop(ORDER_ID, None)
    return OrderChanges(**_read_parts(content))


def write_content(content: Mapping[str, Any]) -> str:
    """Return any command's content."""
    return json.dumps(content, sort_keys=True)


def _get_members(value: Any, always: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the members of a dataclass that are not as where nothing is said, and those that are always written."""
    found = {}
    for each in fields(value):
        member = getattr(value, each.name)
        if each.name in always or member != each.default:
            found[each.name] = _spell(member)
    return found


def _spell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return [_spell(each) for each in value]
    return _get_members(value) if isinstance(value, PARTS) else value


def _read(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if name in FIGURES and value is not None else value for name, value in content.items()}


def _read_parts(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a ticket or of changes, with their parts as what they are."""
    found = _read(content)
    for name, kind in (("take_profit", TakeProfit), ("stop_loss", StopLoss)):
        if found.get(name) is not None:
            found[name] = kind(**_read(found[name]))
    if "legs" in found:
        found["legs"] = tuple(TicketLeg(**_read(leg)) for leg in found["legs"])
    if "partners" in found:
        found["partners"] = tuple(OrderTicket(**_read_parts(partner)) for partner in found["partners"])
    return found
