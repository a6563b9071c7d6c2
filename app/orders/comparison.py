"""Whether an order is the one that a command placed: another program may have used its number.

What Tiger answers, or shows, is never taken for what was sent.
"""

from typing import Final

from app.orders.records import CommandRecord
from app.tiger.trading.orders import Order

CLOCKS_APART_MS: Final = 1_000
"""The clocks of Tiger's own machines may differ by less than this."""


def is_ours(order: Order, record: CommandRecord) -> bool:
    """Tell whether an order is the one that a command placed.

    The mark decides. Where Tiger leaves it out, the number and the order's own terms do.
    """
    return order.user_mark == record.mark if order.tells_mark else _has_terms(order, record)


def is_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Tell whether an order is certainly not the one that a command placed: its mark, terms or age are another's.

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
    """Tell the same of an order in a list, where Tiger shows marks: one without ours is another's."""
    return (order.tells_mark and order.user_mark != record.mark) or is_strangers(order, record, sent_at)


def _has_terms(order: Order, record: CommandRecord) -> bool:
    """Tell whether an order has the number and the terms of the one that was sent."""
    ticket = record.ticket
    number = None if record.order_number is None else str(record.order_number)
    wanted = (number, ticket.symbol, ticket.action, ticket.order_type, ticket.quantity)
    shown = (order.account_order_id, order.contract.symbol, order.action, order.order_type, order.quantity)
    return (*wanted, ticket.limit_price, ticket.aux_price) == (*shown, order.limit_price, order.aux_price)
