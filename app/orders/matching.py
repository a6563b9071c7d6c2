"""Find the order that a command placed, by its mark, and know it from another program's that has its number.

What Tiger answers, or shows, is never taken for what was sent.
"""

from typing import Final

from app.errors import TigerError
from app.orders.records import LONGEST_BUSY_MS, CommandRecord
from app.orders.unmarked_groups import is_no_member, may_lack_mark
from app.tiger.deadline import Deadline
from app.tiger.instrument import COIN, OPTION_TYPE, STOCK
from app.tiger.sessions import Session
from app.tiger.symbols import get_pair
from app.tiger.trading.order_reads import DAY_MS, search
from app.tiger.trading.order_tickets import OCA_PARTNER, OrderTicket
from app.tiger.trading.orders import Order
from app.tiger.trading.related_orders import is_first, relate

MARK_LOOKBACK_MS: Final = 600_000
"""How far before the command's own time orders are searched for its mark: no two clocks are the same."""
LONGEST_LOOKBACK_MS: Final = 3 * DAY_MS
CLOCKS_APART_MS: Final = 2_000
"""Tiger tells when an order was made in whole seconds, and the clocks of its own machines may differ besides.

In an example of the C# SDK they differ by two minutes. So what is older by this much is not taken for ours without its
mark; another's, for which ours would be sent once more, it is only where it is older than any clocks can differ.
"""


class Family:
    """The orders that bear the mark of one placement, as they are met in the account's list.

    A bracket whose main order exists was accepted, with the attached orders that it has.
    """

    def __init__(self, record: CommandRecord) -> None:
        self._record = record
        self._roles = record.ticket.roles
        self._first: Order | None = None
        self._others: list[Order] = []

    def takes(self, order: Order) -> bool:
        """Take an order in, and return whether it is one of the placement's."""
        if is_ours(order, self._record):
            self._first = order
        elif order.includes_mark and order.user_mark == self._record.mark:
            self._others.append(order)
        else:
            return False
        return True

    @property
    def is_complete(self) -> bool:
        """Return whether nothing more can be met."""
        return self._first is not None and not relate(self._first, self._roles, self._others).missing

    def get_order(self) -> Order | None:
        """Return the order that was placed, with those that came with it; None where none of them was met.

        Raises:
            TigerError: Only attached orders were met: theirs exists, but nobody knows how it stands.
        """
        if self._first is not None:
            return relate(self._first, self._roles, self._others)
        if not self._others:
            return None
        if OCA_PARTNER in self._roles:
            # Either proves that the command was taken; the other one is missing.
            return relate(self._others[0], self._roles)
        raise TigerError("Tiger shows what is attached to the order, and not the order itself.")


def find_placed(
    session: Session, record: CommandRecord, deadline: Deadline, sent_at: int | None = None
) -> tuple[Order | None, Order | None]:
    """Return the command's own order, and else another program's under its number, as far as Tiger shows them.

    Where other orders come with it, they bear its mark, too, and are looked for as well.

    Raises:
        GatewayError: Tiger could not be asked, or its list cannot be read to the end.
    """
    number, holders, family = str(record.order_number), list[Order](), Family(record)
    alike: list[Order] = []

    def is_it(order: Order) -> bool:
        if family.takes(order):
            return family.is_complete
        if may_lack_mark(order, record) and _has_same_terms(order, record) and _is_recent(order, record):
            alike.append(order)
        if order.account_order_id == number and is_listed_strangers(order, record, sent_at):
            holders.append(order)
        return False

    back_ms = LONGEST_LOOKBACK_MS
    if record.sent_by_tiger is not None and session.tiger_now is not None:
        back_ms = max(0, session.tiger_now - record.sent_by_tiger) + get_lookback_ms(record) + LONGEST_BUSY_MS
    search(session, deadline, is_it, back_ms)
    order = family.get_order()
    if order is None and alike:
        raise TigerError("Tiger shows an order like the one that was sent, and not whose it is.")
    return order, holders[0] if holders and order is None else None


def get_lookback_ms(record: CommandRecord) -> int:
    """Return how far back its order may have been made, by the journal's clock."""
    return min(max(0, record.read_at - record.created_at), LONGEST_LOOKBACK_MS) + MARK_LOOKBACK_MS


def is_ours(order: Order, record: CommandRecord) -> bool:
    """Return whether an order is the one that a command placed.

    The mark decides. Where Tiger leaves it out, the number, the order's own terms and its age do: another program may
    have used the number for an order like ours, which was there before. What came with it may bear its mark, too: that
    is no order of its own.
    """
    if not order.includes_mark or may_lack_mark(order, record):
        # Of an earlier sending it may be much older than what was sent last.
        return _has_terms(order, record) and (record.attempts > 1 or _is_recent(order, record))
    return order.user_mark == record.mark and is_first(order, record.ticket)


def is_ours_answered(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Return the same of the order that Tiger answered with, which may bear neither our mark nor our number.

    ``sent_at`` is Tiger's time just before the only sending; None where there may have been an earlier one.
    """
    if is_ours(order, record):
        return bool(order.user_mark) or not _is_older(order, sent_at, CLOCKS_APART_MS)
    if sent_at is None or order.order_time is None or not may_lack_mark(order, record):
        return False
    return not _is_older(order, sent_at, CLOCKS_APART_MS) and _has_same_terms(order, record)


def _is_older(order: Order, sent_at: int | None, by_ms: int) -> bool:
    """Return whether an order says that it was made so long before the only sending."""
    return order.order_time is not None and sent_at is not None and order.order_time < sent_at - by_ms


def _is_recent(order: Order, record: CommandRecord) -> bool:
    if order.order_time is None or record.sent_by_tiger is None:
        return True
    return order.order_time >= record.sent_by_tiger - LONGEST_BUSY_MS


def is_order_of(record: CommandRecord, order: Order) -> bool:
    """Return whether an order is the one that a placement placed."""
    return (record.order_id is not None and record.order_id == order.order_id) or is_ours(order, record)


def is_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Return whether an order is certainly not the one that a command placed: its mark, terms or age are another's.

    What Tiger leaves out is no difference, and a price may be one that Tiger adjusted. ``sent_at`` is Tiger's time
    just before the only sending; None where there may have been an earlier one.
    """
    if order.user_mark:
        return order.user_mark != record.mark
    if _is_older(order, sent_at, MARK_LOOKBACK_MS):
        return True
    ticket = record.ticket
    if order.action not in (None, ticket.action) or _trades_another(order, ticket):
        return True
    return is_no_member(order, record) if ticket.partners else _has_another_size(order, ticket)


def is_listed_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Return the same of an order in a list, where Tiger shows marks: one without ours is another's."""
    has_another_mark = order.includes_mark and order.user_mark != record.mark and not may_lack_mark(order, record)
    return has_another_mark or is_strangers(order, record, sent_at)


def _has_terms(order: Order, record: CommandRecord) -> bool:
    """Return whether an order has the number and the terms of the one that was sent."""
    number = None if record.order_number is None else str(record.order_number)
    return order.account_order_id == number and _has_same_terms(order, record)


def _has_same_terms(order: Order, record: CommandRecord) -> bool:
    ticket = record.ticket
    symbols = (ticket.symbol, order.contract.symbol)
    if ticket.sec_type == COIN:
        symbols = (get_pair(ticket.symbol), order.contract.symbol and get_pair(order.contract.symbol))
    wanted = (symbols[0], ticket.action, ticket.order_type, ticket.quantity, ticket.cash_amount)
    shown = (symbols[1], order.action, order.order_type, order.quantity, order.cash_amount)
    if wanted != shown or _trades_another(order, ticket):
        return False
    return (ticket.limit_price, ticket.aux_price) == (order.limit_price, order.aux_price)


def _has_another_size(order: Order, ticket: OrderTicket) -> bool:
    """Return whether an order is certainly for another quantity, or another amount of money.

    As which quantity Tiger shows an order for an amount, none, nothing or what was filled, nobody says.
    """
    if ticket.cash_amount is not None:
        return order.cash_amount not in (None, ticket.cash_amount)
    return order.quantity not in (None, ticket.quantity)


def _trades_another(order: Order, ticket: OrderTicket) -> bool:
    """Return whether an order trades certainly something else: another symbol of stocks, another type, another option.

    How Tiger names what is no stock may differ from how it was named: a continuous future by its month, an option of
    Hong Kong by its stock. There a name proves nothing.
    """
    if ticket.legs:
        # Whether Tiger names a combination by its own type or by that of its legs is not documented.
        return False
    contract = order.contract
    pairs: tuple[tuple[object, object], ...] = ((contract.sec_type, ticket.sec_type),)
    if ticket.sec_type == STOCK:
        pairs += ((contract.symbol, ticket.symbol),)
    if ticket.sec_type == OPTION_TYPE:
        expiry = contract.expiry and contract.expiry.replace("-", "")
        right = contract.put_call and contract.put_call.upper()
        pairs += ((expiry, ticket.expiry), (contract.strike, ticket.strike), (right, ticket.put_call))
    return any(shown is not None and shown != wanted for shown, wanted in pairs)
