"""Place an order under its reserved number, and find it again by that number or by its mark."""

from typing import Any, Final

from app.errors import GatewayError, OrderRejected, TigerError
from app.orders.answers import Answer
from app.orders.entries import Entry, read_ticket
from app.orders.errands import NumberSpent, Outcome
from app.orders.states import State
from app.tiger.deadline import Deadline
from app.tiger.order_commands import place, says_duplicate
from app.tiger.order_reads import find_order
from app.tiger.orders import INACTIVE, Order
from app.tiger.sessions import Session

MARK_LOOKBACK_MS: Final = 600_000
"""How far before the command's own time orders are searched for its mark: Tiger's clock is not ours."""


class Placing:
    """The errand of a placement."""

    def send(self, session: Session, entry: Entry, deadline: Deadline, *, turn: int) -> Outcome:
        """Place the order, once."""
        number = _get_number(entry)
        try:
            placement = place(session, read_ticket(entry.body), number, entry.mark, deadline)
        except OrderRejected as error:
            if error.in_doubt:
                raise
            return self._explain_refusal(session, entry, deadline, error, turn)
        return get_outcome(entry, placement.order)

    def look(self, session: Session, entry: Entry, deadline: Deadline, *, thoroughly: bool) -> Outcome | None:
        """Look for the order by its number; thoroughly, also by its mark."""
        if entry.order_number is None:
            return None
        order = self._find(session, entry, deadline, thoroughly=thoroughly)
        return get_outcome(entry, order) if order is not None else None

    def _explain_refusal(
        self, session: Session, entry: Entry, deadline: Deadline, error: OrderRejected, turn: int
    ) -> Outcome:
        """Tell a refusal of the order from a refusal of its number, which says that an order has it already."""
        is_duplicate = says_duplicate(error)
        # A turn is an attempt too, and so is each sending with another token: whether a refused number is another
        # program's depends on them.
        is_first = entry.attempts + turn + error.sendings - 1 <= 1
        if is_first and not is_duplicate:
            return Outcome(State.REJECTED, Answer(error=error))
        # Texts differ by account type, so that after a first attempt every refusal may be about the number.
        try:
            holder = find_order(session, deadline, order_number=_get_number(entry))
            if holder is not None and is_ours(holder, entry):
                return get_outcome(entry, holder)
            marked = self._find_marked(session, entry, deadline)
        except GatewayError as cause:
            raise get_doubt(error) from cause
        if marked is not None:
            return get_outcome(entry, marked)
        if entry.attempts <= 1 and not is_duplicate:
            return Outcome(State.REJECTED, Answer(error=error))
        if is_duplicate and (holder is not None or is_first):
            raise NumberSpent from error
        # An earlier attempt was in doubt: its order, not seen yet, may hold the very money that this one lacks.
        raise get_doubt(error)

    def _find(self, session: Session, entry: Entry, deadline: Deadline, *, thoroughly: bool) -> Order | None:
        order = find_order(session, deadline, order_number=_get_number(entry))
        if order is not None and is_ours(order, entry):
            return order
        return self._find_marked(session, entry, deadline) if thoroughly else None

    def _find_marked(self, session: Session, entry: Entry, deadline: Deadline) -> Order | None:
        since_ms = entry.created_at - MARK_LOOKBACK_MS
        return find_order(session, deadline, user_mark=entry.mark, since_ms=since_ms)


def get_outcome(entry: Entry, order: Order) -> Outcome:
    """Return how a placement ended whose order this is: Tiger may have taken it and rejected it a moment later."""
    data = get_data(entry, order)
    if order.status == INACTIVE and not order.filled:
        reason = f": {order.reason}" if order.reason else "."
        rejection = OrderRejected(f"Tiger rejected the order{reason}", data=data)
        return Outcome(State.REJECTED, Answer(error=rejection), order.order_id)
    return Outcome(State.ACCEPTED, Answer(data=data), order.order_id)


def get_data(entry: Entry, order: Order) -> dict[str, Any]:
    """Return an order as its placement is answered, with the client's own id for it."""
    return {**order.to_dict(), "client_order_id": entry.idempotency_key}


def is_ours(order: Order, entry: Entry) -> bool:
    """Tell whether an order found under our number is the one we placed; another program may have used the number.

    The mark decides. Where Tiger shows none, the order's own terms do.
    """
    if order.user_mark is not None:
        return order.user_mark == entry.mark
    ticket = read_ticket(entry.body)
    terms = (order.contract.symbol, order.action, order.order_type, order.quantity)
    return terms == (ticket.symbol, ticket.action, ticket.order_type, ticket.quantity)


def get_doubt(error: GatewayError) -> GatewayError:
    """Return the error for an answer of Tiger's that leaves the outcome open."""
    return TigerError(
        "Tiger's answer leaves open what became of the order.", tiger_code=error.tiger_code, in_doubt=True
    )


def _get_number(entry: Entry) -> int:
    if entry.order_number is None:
        raise ValueError("A placement that is sent has a number.")
    return entry.order_number
