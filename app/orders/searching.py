"""Find the order that a command placed in the account's list of orders, by its mark."""

from typing import Final

from app.orders.comparison import is_listed_strangers, is_ours
from app.orders.records import LONGEST_BUSY_MS, CommandRecord
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_reads import DAY_MS, search
from app.tiger.trading.orders import Order

MARK_LOOKBACK_MS: Final = 600_000
"""How far before the command's own time orders are searched for its mark: no two clocks are the same."""
LONGEST_LOOKBACK_MS: Final = 3 * DAY_MS


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
