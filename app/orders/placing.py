"""Place an order under its number, and find it again in the list of orders, by its mark.

What Tiger answers is never taken for what was sent: a number in use may be answered with the order that has it.
"""

import enum
import re
from dataclasses import replace
from typing import Any, Final

from app.errors import GatewayError, InvalidRequest, OrderRejected, TigerError
from app.orders.fates import Fate, get_fate
from app.orders.handlers import NumberRefused, NumberSpent, Outcome
from app.orders.learned import OUTSIDE_RTH, Learned
from app.orders.records import LONGEST_BUSY_MS, CommandRecord, read_ticket
from app.orders.results import CommandResult
from app.orders.states import State
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import Placement, place, says_duplicate
from app.tiger.trading.order_reads import DAY_MS, find_order, search
from app.tiger.trading.order_tickets import OrderTicket, get_outside_rth
from app.tiger.trading.orders import Order
from app.tiger.trading.tradable_contracts import get_kept_contract
from app.tiger.wire.reasons import explain

MARK_LOOKBACK_MS: Final = 600_000
"""How far before the command's own time orders are searched for its mark: no two clocks are the same."""
LONGEST_LOOKBACK_MS: Final = 3 * DAY_MS
CLOCKS_APART_MS: Final = 1_000
"""The clocks of Tiger's own machines may differ by less than this."""

TAKEN_TIMES: Final = "DAY, GTC or GTD"
UNDOCUMENTED_TIMES: Final = frozenset({"IOC", "FOK"})
"""In no SDK and on no page of Tiger's [docs: time_in_force]."""
ABOUT_TIME_IN_FORCE: Final = re.compile(
    r"time_?in_?force|\btif\b|\b(IOC|FOK)\b.*(not |un)support|(not |un)support.*\b(IOC|FOK)\b|有效期", re.IGNORECASE
)
ABOUT_OUTSIDE_RTH: Final = re.compile(
    r"outside_?rth|regular trading hours|pre-market|after-hours|盘前|盘后|非交易时段", re.IGNORECASE
)


class Step(enum.Enum):
    """What follows when Tiger refuses a placement."""

    REJECTED = "the order was refused, and that is all"
    SPENT = "another order has the number: take another one"
    NUMBER_REFUSED = "the number was refused and nothing shows why: doubt, and another number once the wait is over"
    DOUBT = "an earlier sending may have been taken"


# By: is it the number that was refused; is this the first sending (of the order, or under the number that was refused);
# was another program's order found under the number.
STEPS: Final = {
    (False, True, False): Step.REJECTED,
    (False, True, True): Step.REJECTED,
    # Tiger's front may have delivered the first sending twice, and told of the second delivery.
    (True, True, False): Step.NUMBER_REFUSED,
    (True, True, True): Step.SPENT,
    # An earlier sending may be the order that has the number, or the very money that this one lacks.
    (True, False, False): Step.DOUBT,
    (False, False, False): Step.DOUBT,
    (False, False, True): Step.DOUBT,
    # A number is never had by two: with another's order there, none of ours was taken under it.
    (True, False, True): Step.SPENT,
}


class Placing:
    """The handler of a placement."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned

    def send(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome:
        """Place the order, once; with outside_rth false where Tiger refuses it for what nobody asked for."""
        ticket = self._fit(session, read_ticket(record.body))
        sent_at = session.tiger_now if record.attempts <= 1 else None
        try:
            placement = place(session, ticket, _get_number(record), record.mark, deadline)
        except (OrderRejected, InvalidRequest) as error:
            if error.in_doubt:
                raise
            if _is_about_outside_rth(session, ticket, error):
                self._note(session, ticket, OUTSIDE_RTH)
                return self.send(session, record, deadline)
            named = self._name_time_in_force(session, ticket, error)
            return self._explain_refusal(session, record, deadline, named, sent_at)
        return self._compare(session, record, deadline, placement, sent_at)

    def look(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome | None:
        """Look for the order in the list of orders, by its mark."""
        order = self.find(session, record, deadline)
        return get_outcome(record, order) if order is not None else None

    def find(self, session: Session, record: CommandRecord, deadline: Deadline) -> Order | None:
        """Return the order that the command placed, or None where Tiger shows none now."""
        return self._search(session, record, deadline)[0]

    def _compare(
        self, session: Session, record: CommandRecord, deadline: Deadline, placement: Placement, sent_at: int | None
    ) -> Outcome:
        """Return the outcome of an order that Tiger took, unless what it answered with is another one."""
        if is_ours(placement.order, record):
            return get_outcome(record, placement.complete())
        try:
            order, holder = self._search(session, record, deadline, sent_at)
        except GatewayError as cause:
            raise get_doubt(None) from cause
        if order is not None:
            return get_outcome(record, order)
        if holder is not None or is_strangers(placement.order, record, sent_at):
            raise NumberSpent
        # It may be ours, answered before its mark is written down.
        raise NumberRefused

    def _explain_refusal(
        self, session: Session, record: CommandRecord, deadline: Deadline, error: GatewayError, sent_at: int | None
    ) -> Outcome:
        """Tell a refusal of the order from a refusal of its number, which says that an order has it already."""
        is_duplicate = says_duplicate(error)
        is_first = not record.was_sent_under_its_number if is_duplicate else record.attempts <= 1
        order: Order | None = None
        holder: Order | None = None
        try:
            if is_duplicate or not is_first:
                order, holder = self._search(session, record, deadline, sent_at)
            if is_duplicate and order is None and holder is None:
                # It may have been placed long before what the search looks at.
                found = find_order(session, deadline, order_number=_get_number(record))
                holder = found if found is not None and _is_listed_strangers(found, record, sent_at) else None
        except GatewayError as cause:
            raise get_doubt(error) from cause
        if order is not None:
            return get_outcome(record, order)
        return self._follow_up(error, STEPS[is_duplicate, is_first, holder is not None])

    def _follow_up(self, error: GatewayError, step: Step) -> Outcome:
        """Do what follows when Tiger refuses a placement."""
        match step:
            case Step.REJECTED if isinstance(error, OrderRejected):
                return Outcome(State.REJECTED, CommandResult(error=error))
            case Step.REJECTED:
                raise error
            case Step.SPENT:
                raise NumberSpent from error
            case Step.NUMBER_REFUSED:
                raise NumberRefused from error
            case Step.DOUBT:
                raise get_doubt(error) from error

    def _search(
        self, session: Session, record: CommandRecord, deadline: Deadline, sent_at: int | None = None
    ) -> tuple[Order | None, Order | None]:
        """Return the command's own order, and else another program's under its number, as far as Tiger shows them."""
        number, holders = str(record.order_number), list[Order]()

        def is_it(order: Order) -> bool:
            if is_ours(order, record):
                return True
            if order.account_order_id == number and _is_listed_strangers(order, record, sent_at):
                holders.append(order)
            return False

        age_ms = min(max(0, record.read_at - record.created_at), LONGEST_LOOKBACK_MS)
        if record.sent_by_tiger is None or session.tiger_now is None:
            back_ms = LONGEST_LOOKBACK_MS
        else:
            back_ms = max(0, session.tiger_now - record.sent_by_tiger) + age_ms + LONGEST_BUSY_MS + MARK_LOOKBACK_MS
        order = search(session, deadline, is_it, back_ms)
        return order, holders[0] if holders and order is None else None

    def _fit(self, session: Session, ticket: OrderTicket) -> OrderTicket:
        """Return the ticket as Tiger takes it here, where that is known."""
        account, market = session.account.account, _market(session, ticket)
        if ticket.outside_rth is None and self._learned.knows(account, market, OUTSIDE_RTH):
            return replace(ticket, outside_rth=False)
        return ticket

    def _note(self, session: Session, ticket: OrderTicket, subject: str) -> None:
        self._learned.note(session.account.account, _market(session, ticket), subject)

    def _name_time_in_force(self, session: Session, ticket: OrderTicket, error: GatewayError) -> GatewayError:
        """Return the refusal, with the right field named and remembered where it is for a time_in_force."""
        wanted = ticket.time_in_force
        is_parameter = isinstance(error, InvalidRequest) and set(error.details or ()) <= {"time_in_force"}
        if wanted not in UNDOCUMENTED_TIMES or not (is_parameter or ABOUT_TIME_IN_FORCE.search(error.message)):
            return error
        self._note(session, ticket, wanted)
        refusal = get_time_in_force_refusal(wanted, error)
        refusal.sendings = error.sendings
        return refusal


def get_time_in_force_refusal(wanted: str, cause: GatewayError | None = None) -> OrderRejected:
    """Return how a client is told that Tiger does not take a time_in_force."""
    said = "" if cause is None else f" {cause.message}"
    return OrderRejected(
        f"Tiger does not take time_in_force {wanted} for this account and market: send {TAKEN_TIMES}.{said}",
        details={"time_in_force": [f"Send {TAKEN_TIMES}."]},
        tiger_code=None if cause is None else cause.tiger_code,
    )


def get_outcome(record: CommandRecord, order: Order) -> Outcome:
    """Return how a placement ended whose order this is: Tiger may have taken it and refused it a moment later."""
    data = get_data(record, order)
    if get_fate(order) is Fate.REFUSED:
        reason = explain(order.reason)
        rejection = OrderRejected(f"Tiger rejected the order{f': {reason}' if reason else '.'}", data=data)
        note = {"remark": order.reason, "refused_at": order.update_time}
        return Outcome(State.REJECTED, CommandResult(error=rejection), order.order_id, note)
    return Outcome(State.ACCEPTED, CommandResult(data=data), order.order_id)


def get_data(record: CommandRecord, order: Order) -> dict[str, Any]:
    """Return an order as its placement is answered, with the client's own id for it."""
    return {**order.to_dict(), "client_order_id": record.idempotency_key}


def is_ours(order: Order, record: CommandRecord) -> bool:
    """Tell whether an order is the one that a command placed; another program may have used its number.

    The mark decides. Where Tiger does not tell it, the number and the order's own terms do.
    """
    return order.user_mark == record.mark if order.tells_mark else _has_terms(order, record)


def _is_listed_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Tell the same of an order in a list, where Tiger tells marks: one without ours is another's."""
    return (order.tells_mark and order.user_mark != record.mark) or is_strangers(order, record, sent_at)


def is_strangers(order: Order, record: CommandRecord, sent_at: int | None) -> bool:
    """Tell whether an order is certainly not the one that a command placed: its mark, terms or age are another's.

    What Tiger does not tell is no difference, and a price may be one that Tiger adjusted. ``sent_at`` is Tiger's time
    just before the only sending; None where there may have been an earlier one.
    """
    if order.user_mark:
        return order.user_mark != record.mark
    if order.order_time is not None and sent_at is not None and order.order_time < sent_at - CLOCKS_APART_MS:
        return True
    ticket = read_ticket(record.body)
    pairs = ((order.contract.symbol, ticket.symbol), (order.action, ticket.action), (order.quantity, ticket.quantity))
    return any(told is not None and told != wanted for told, wanted in pairs)


def _has_terms(order: Order, record: CommandRecord) -> bool:
    """Tell whether an order has the number and the terms of the one that was sent."""
    ticket = read_ticket(record.body)
    number = None if record.order_number is None else str(record.order_number)
    stop_price = ticket.trailing_amount if ticket.order_type == "TRAIL" else ticket.stop_price
    wanted = (number, ticket.symbol, ticket.action, ticket.order_type, ticket.quantity, ticket.limit_price, stop_price)
    told = (order.contract.symbol, order.action, order.order_type, order.quantity, order.limit_price, order.aux_price)
    return wanted == (order.account_order_id, *told)


def get_doubt(error: GatewayError | None) -> GatewayError:
    """Return the error for an answer of Tiger's that leaves the outcome open."""
    code = None if error is None else error.tiger_code
    return TigerError("Tiger's answer leaves open what became of the order.", tiger_code=code, in_doubt=True)


def _is_about_outside_rth(session: Session, ticket: OrderTicket, error: GatewayError) -> bool:
    """Tell whether Tiger refuses an order only for trading outside regular hours, which its client did not ask for."""
    contract = get_kept_contract(session, ticket.symbol)
    if contract is None or ticket.outside_rth is not None or not get_outside_rth(ticket, contract):
        return False
    return ABOUT_OUTSIDE_RTH.search(error.message) is not None


def _market(session: Session, ticket: OrderTicket) -> str:
    contract = get_kept_contract(session, ticket.symbol)
    return contract.market if contract is not None else ""


def _get_number(record: CommandRecord) -> int:
    if record.order_number is None:
        raise ValueError("A placement that is sent has a number.")
    return record.order_number
