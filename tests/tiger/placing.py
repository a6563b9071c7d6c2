"""Place an order as the order core does: prepared with its contract, then sent."""

from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import place
from app.tiger.trading.order_reads import find_order
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder, prepare
from app.tiger.trading.tradable_contracts import fetch_tradable_contract


def prepare_ticket(session: Session, ticket: OrderTicket, deadline: Deadline) -> PreparedOrder:
    """Fetch the ticket's contract, and check and prepare it."""
    return prepare(ticket, fetch_tradable_contract(session, ticket.instrument, deadline))


def place_ticket(session: Session, ticket: OrderTicket, number: int, mark: str | None, deadline: Deadline) -> Order:
    """Place the order and return what Tiger answered with."""
    return place(session, prepare_ticket(session, ticket, deadline), number, mark, deadline)


def fetch_order(session: Session, order_id: str | None, deadline: Deadline) -> Order:
    """Return an order that is there."""
    order = find_order(session, deadline, order_id or "")
    assert order is not None
    return order
