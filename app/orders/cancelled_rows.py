"""The rows of orders that were not cancelled because nobody knows enough of them: each may be open."""

from typing import Any, Final

from app.errors import OrderStateUnknown, StorageUnavailable
from app.orders.listed_cancellations import is_gateways
from app.orders.records import CommandRecord
from app.orders.states import OUTCOMES, State
from app.tiger.trading.holdings import BUY, SELL
from app.tiger.trading.orders import Order

HIDDEN: Final = (
    "Tiger has this order, or may have it, and does not show it yet, so that it cannot be cancelled yet: ask how it "
    "stands, and cancel it then."
)
NAMED_OTHERWISE: Final = (
    "It may be of the instrument that was named, under another of its names: see what it is of, and cancel it by its "
    "order_id."
)
UNREAD: Final = (
    "The gateway's database does not answer, so that nobody knows whether Tiger has orders of the gateway that it does "
    "not show: send another request."
)


def get_hidden_row(record: CommandRecord) -> dict[str, Any]:
    """Return the row of an order of ours that Tiger does not show."""
    return {
        "order_id": record.order_id,
        "account_order_id": str(record.order_number) if record.holds_number else None,
        "client_order_id": record.idempotency_key,
        "symbol": record.ticket.symbol,
        "action": record.ticket.action,
        **_describe(HIDDEN, OrderStateUnknown.code),
        "placed_by_gateway": True,
        "order": None,
    }


def get_attached_row(record: CommandRecord, first: Order | None) -> dict[str, Any]:
    """Return the row of what came with an order of ours and Tiger does not show."""
    action = BUY if record.ticket.action == SELL else SELL
    order_id = first.related[0].order_id if first is not None and first.related else None
    return {**get_hidden_row(record), "order_id": order_id, "account_order_id": None, "action": action}


def get_doubtful_row(order: Order) -> dict[str, Any]:
    """Return the row of an open order that may be of the instrument under another of its names."""
    return {
        "order_id": order.order_id,
        "account_order_id": order.account_order_id,
        "client_order_id": None,
        "symbol": order.contract.symbol,
        "action": order.action,
        **_describe(NAMED_OTHERWISE, OrderStateUnknown.code),
        "placed_by_gateway": is_gateways(order),
        "order": order.to_dict(),
    }


def get_unread_row() -> dict[str, Any]:
    """Return a row for all that only the journal knows of, where that cannot be read."""
    unknown = dict.fromkeys(("order_id", "account_order_id", "client_order_id", "symbol", "action", "order"))
    return {**unknown, **_describe(UNREAD, StorageUnavailable.code), "placed_by_gateway": True}


def _describe(reason: str, code: str) -> dict[str, Any]:
    return {"outcome": OUTCOMES[State.DENIED], "code": code, "reason": reason, "may_be_open": True}
