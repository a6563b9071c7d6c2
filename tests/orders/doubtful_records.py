"""A journal's record of a placement that was sent, and of which nobody knows what became."""

from dataclasses import fields
from typing import Any

from app.orders.records import CommandRecord, Kind
from app.orders.states import State

SENT_AT = 1_000_000
PLAIN: dict[str, Any] = dict.fromkeys((field.name for field in fields(CommandRecord)), None) | {
    "id": "5",
    "kind": Kind.PLACE,
    "account": "1",
    "state": State.UNKNOWN,
    "attempts": 1,
    "created_at": SENT_AT,
    "busy_until": SENT_AT,
    "sent_by": SENT_AT,
    "sent_by_tiger": SENT_AT,
    "read_at": SENT_AT,
}


def record(**values: Any) -> CommandRecord:
    """Return the record, but for these members."""
    return CommandRecord(**{**PLAIN, **values})
