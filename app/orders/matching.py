"""Find the order that a command placed, by its mark, and know it from another program's that has its number.

What Tiger answers, or shows, is never taken for what was sent.
"""

from typing import Final

from app.orders.records import LONGEST_BUSY_MS, CommandRecord
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_reads import DAY_MS, search
from app.tiger.trading.orders import Order

MARK_LOOKBACK_MS: Final = 600_000
"""How far before the command's own time orders are searched for its mark: no two clocks are the same."""
LONGEST_LOOKBACK_MS: Final = 3 * DAY_MS
CLOCKS_APART_MS: Final = 1_000
"""The clocks of Tiger's own machines may differ by less than this."""


def find_placed(
    session: Session, record: CommandRecord, deadline: Deadline, sent_at: int | None = None
) -> tuple[Order | None, Order | None]:
    """Return the command's own order, and else another program's under its number, as far as Tiger shows them.

    Raises:
        GatewayError: Tiger could not be asked, or its list cannot be read to the end.
    """
    number, holders = str(record.order_number), list[Order]()

    def is_it(order: Order) -> bool:
        if is_ours(order, record):
            return True
        if order.account_order_id == number and is_listed_strangers(order, record, sent_at):
            holders.append(order)
        return False

    back_ms = LONGEST_LOOKBACK_MS
    if record.sent_by_tiger is not None and session.tiger_now is not None:
        back_ms = max(0, session.tiger_now - record.sent_by_tiger) + get_lookback_ms(record) + LONGEST_BUSY_MS
    order = search(session, deadline, is_it, back_ms)
    return order, holders[0] if holders and order is None else None


def get_lookback_ms(record: CommandRecord) -> int:
    """Return how far back its order may have been made, by the journal's clock."""
    return min(max(0, record.read_at - record.created_at), LONGEST_LOOKBACK_MS) + MARK_LOOKBACK_MS


def is_ours(order: Order, record: CommandRecord) -> bool:
    """Return whether an order is the one that a command placed.

    The mark decides. Where Tiger leaves it out, the number and the order's own terms do.
    """
    return order.user_mark == record.mark if order.includes_mark else _has_terms(order, record)


def is_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Return whether an order is certainly not the one that a command placed: its mark, terms or age are another's.

    What Tiger leaves out is no difference, and a price may be one that Tiger adjusted. ``sent_at`` is Tiger's time
    just before the only sending; None where there may have been an earlier one.
    """
    if order.user_mark:
        return order.user_mark != record.mark
    if order.order_time is not None and sent_at is not None and order.order_time < sent_at - CLOCKS_APART_MS:
        return True
    ticket = record.ticket
    pairs = ((order.contract.symbol, ticket.symbol), (order.action, ticket.action), (order.quantity, ticket.quantity))
    return any(shown is not None and shown != wanted for shown, wanted in pairs)


def is_listed_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Return the same of an order in a list, where Tiger shows marks: one without ours is another's."""
    return (order.includes_mark and order.user_mark != record.mark) or is_strangers(order, record, sent_at)


def _has_terms(order: Order, record: CommandRecord) -> bool:
    """Return whether an order has the number and the terms of the one that was sent."""
    ticket = record.ticket
    number = None if record.order_number is None else str(record.order_number)
    wanted = (number, ticket.symbol, ticket.action, ticket.order_type, ticket.quantity)
    shown = (order.account_order_id, order.contract.symbol, order.action, order.order_type, order.quantity)
    return (*wanted, ticket.limit_price, ticket.aux_price) == (*shown, order.limit_price, order.aux_price)
