"""The order desk of one gateway: the only way from a view to an order command."""

import time
from typing import Any

from app.errors import GatewayError, OrderRejected, OrderStateUnknown
from app.orders.answers import Answer
from app.orders.callers import Caller
from app.tiger.deadline import Deadline
from app.tiger.order_commands import cancel, modify, place, prepare, reserve_order_number, says_duplicate
from app.tiger.order_reads import fetch_requested_order, find_order
from app.tiger.order_tickets import OrderChanges, OrderTicket
from app.tiger.orders import Order
from app.tiger.sessions import Session

SENDING_SHARE = 0.6
"""Part of a command's time that sending may take; the rest is for finding out what became of it."""

FIRST_PAUSE_SECONDS = 0.2


class OrderDesk:
    """Place, modify and cancel orders."""

    def place(self, session: Session, _caller: Caller, ticket: OrderTicket) -> Answer:
        """Place an order under a number reserved for it; where no answer comes, find it by that number."""
        deadline = session.order_deadline()
        prepare(session, ticket, deadline)
        number = reserve_order_number(session, deadline)
        try:
            placement = place(session, ticket, number, None, deadline.at_most(deadline.remaining() * SENDING_SHARE))
        except GatewayError as error:
            if not error.in_doubt and not says_duplicate(error):
                raise
            return Answer(self._find(session, number, deadline).to_dict())
        return Answer(placement.order.to_dict())

    def modify(self, session: Session, _caller: Caller, order_id: str, changes: OrderChanges) -> Answer:
        """Change an open order."""
        deadline = session.order_deadline()
        order = fetch_requested_order(session, deadline, order_id)
        try:
            command = modify(session, order, changes, deadline)
        except GatewayError as error:
            raise self._explain(session, order, error, deadline) from error
        names = {"quantity": changes.quantity, "limit_price": changes.limit_price, "stop_price": changes.stop_price}
        return Answer(
            {
                **command.order.to_dict(),
                "requested_order_id": order_id,
                "modified_fields": [name for name, value in names.items() if value is not None],
                "modify_reference_id": command.reference_id,
                "result": "accepted",
            }
        )

    def cancel(self, session: Session, _caller: Caller, order_id: str) -> Answer:
        """Cancel an open order."""
        deadline = session.order_deadline()
        order = fetch_requested_order(session, deadline, order_id)
        try:
            command = cancel(session, order, deadline)
        except GatewayError as error:
            raise self._explain(session, order, error, deadline) from error
        reference = {"requested_order_id": order_id, "cancel_reference_id": command.reference_id}
        return Answer({**command.order.to_dict(), **reference})

    def _find(self, session: Session, number: int, deadline: Deadline) -> Order:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                order = find_order(session, deadline, order_number=number)
            except GatewayError:
                order = None
            if order is not None:
                return order
            if deadline.remaining() <= pause:
                raise get_unknown({"order_id": None, "account_order_id": str(number)})
            time.sleep(pause)
            pause *= 2

    def _explain(self, session: Session, order: Order, error: GatewayError, deadline: Deadline) -> GatewayError:
        """Return the error to tell: with the order's true state where Tiger refused, unknown where it is in doubt."""
        known = {"order_id": order.order_id, "account_order_id": order.account_order_id}
        if error.in_doubt:
            return get_unknown(known)
        if isinstance(error, OrderRejected) and order.order_id:
            current = find_order(session, deadline, order_id=int(order.order_id)) or order
            return OrderRejected(error.message, tiger_code=error.tiger_code, data=current.to_dict())
        return error


def get_unknown(known: dict[str, Any]) -> OrderStateUnknown:
    """Return the answer for a command whose outcome could not be learnt in time."""
    return OrderStateUnknown(
        "The command was sent and its outcome is not known yet; do not send it again as a new one.",
        data=known,
        retry_after=1,
    )
