"""Place an order as the order core does: prepared with its contract, then sent."""

from decimal import Decimal
from typing import Any

from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import place, reserve_order_number
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


def soon() -> Deadline:
    """Return a deadline of two seconds."""
    return Deadline.after(2)


def ticket(**changed: Any) -> OrderTicket:
    """Return a ticket for a share of AAPL at the market, but for what is changed."""
    plain: dict[str, Any] = {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": Decimal(1)}
    return OrderTicket(**{**plain, **changed})


def resting(**changed: Any) -> OrderTicket:
    """Return one for five shares far below the market, which stays open."""
    return ticket(**{"order_type": "LMT", "limit_price": Decimal("1.25"), "quantity": Decimal(5), **changed})


def send(session: Session, wanted: OrderTicket, user_mark: str | None = None) -> Order:
    """Place it under a number that is reserved for it."""
    return place_ticket(session, wanted, reserve_order_number(session, soon()), user_mark, soon())


def read(session: Session, placed: Order) -> Order:
    """Return a placed order as it stands."""
    return fetch_order(session, placed.order_id, soon())
