"""How an order stands, in one word: Tiger's many spellings, and what it has no word for."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from app.tiger.wire.values import text, truth

INITIAL: Final = "Initial"
SUBMITTED: Final = "Submitted"
PARTIALLY_FILLED: Final = "PartiallyFilled"
FILLED: Final = "Filled"
CANCELLED: Final = "Cancelled"
PENDING_CANCEL: Final = "PendingCancel"
INACTIVE: Final = "Inactive"
INVALID: Final = "Invalid"

AT_ONCE: Final = frozenset({"IOC", "FOK"})
"""Orders of which nothing is left after their first moment."""
CANCEL_RECEIVED: Final = "RECEIVED"
"""The cancelStatus of a cancellation that Tiger has taken [SDK: recordings]."""

STATUS_NAMES: Final[Mapping[str | int, str]] = {
    **dict.fromkeys((-2, "Invalid", "EXPIRED"), INVALID),
    **dict.fromkeys((-1, "Initial", "NEW", "New"), INITIAL),
    **dict.fromkeys((2, 5, 8, "Submitted", "PendingSubmit", "HELD", "Held"), SUBMITTED),
    **dict.fromkeys((3, "PendingCancel", "PENDING_CANCEL"), PENDING_CANCEL),
    **dict.fromkeys((4, "Cancelled", "CANCELLED"), CANCELLED),
    **dict.fromkeys((6, "Filled", "FILLED"), FILLED),
    **dict.fromkeys((7, "Inactive", "REJECTED"), INACTIVE),
}
"""Every spelling that the SDK knows (``order_utils.get_order_status``), which turns all others into PendingNew."""


def get_status(
    sent: Any,
    quantity: Decimal | None,
    filled: Decimal | None,
    cancel_status: str | None = None,
    *,
    is_global: bool = False,
) -> str | None:
    """Return the published name of a status; one that nobody knows is passed through as it came.

    Tiger has no status for a partial fill on prime and paper accounts: it stays Submitted with a filled quantity; on
    legacy global ones it is Filled [page: place order]. While a cancellation is under way it may leave the status as it
    was: then cancelStatus says so.
    The SDK's ``Order.status`` is not used: it calls an order filled when its total is unknown.
    """
    if isinstance(sent, bool) or not isinstance(sent, (str, int)):
        return None
    spelled = sent.strip() if isinstance(sent, str) else sent
    name = STATUS_NAMES.get(spelled, str(spelled)) or None
    if is_global and name == FILLED and filled is not None and quantity is not None and 0 < filled < quantity:
        name = SUBMITTED
    is_partly_filled = filled is not None and filled > 0 and (not quantity or filled < quantity)
    if name in {INITIAL, SUBMITTED} and cancel_status == CANCEL_RECEIVED:
        return PENDING_CANCEL
    return PARTIALLY_FILLED if name == SUBMITTED and is_partly_filled else name


def may_go_on(item: Mapping[str, Any]) -> bool:
    """Return whether what is left of an order may still be filled; it may while a cancellation is under way."""
    is_over = truth(item.get("canCancel")) is False and text(item.get("cancelStatus")) != CANCEL_RECEIVED
    return not is_over and text(item.get("timeInForce")) not in AT_ONCE
