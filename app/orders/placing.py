"""Place an order under its number, and tell a refusal of the order from one of its number."""

import contextlib
import enum
from dataclasses import replace
from typing import Any, Final

from app.errors import GatewayError, InvalidRequest, OrderRejected, TigerError
from app.orders.checks import check_offer, check_steps
from app.orders.families import note_family
from app.orders.fates import Fate, get_fate
from app.orders.handlers import NumberRefused, NumberSpent
from app.orders.learned import OUTSIDE_RTH, Learned, is_about_outside_rth
from app.orders.matching import find_placed, is_listed_strangers, is_ours_answered, is_strangers
from app.orders.records import CommandRecord
from app.orders.results import CommandResult, accept, reject
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import place, says_duplicate
from app.tiger.trading.order_reads import find_numbered_order
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder, prepare
from app.tiger.trading.tradable_contracts import TradableContract, fetch_tradable_contract
from app.tiger.wire.reasons import explain
from app.tiger.wire.values import json_number


class Step(enum.Enum):
    """What follows when Tiger refuses a placement."""

    REJECTED = "the order was refused, and that is all"
    SPENT = "another order has the number: take another one"
    NUMBER_REFUSED = "the number was refused and nothing shows why: doubt, and the number is kept and not told"
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
    """The handler of a placement; ``contract`` is the ticket's, where it is at hand."""

    def __init__(
        self, session: Session, learned: Learned, ticket: OrderTicket, contract: TradableContract | None = None
    ) -> None:
        self._session = session
        self._account = session.account.account
        self._learned = learned
        self._ticket = ticket
        self._contract = contract
        self._prepared: PreparedOrder | None = None
        self._held_number: int | None = None
        """The command's number, where the last look showed that another program's order has it."""
        self.has_contract = contract is not None

    def prepare(self, deadline: Deadline) -> PreparedOrder:
        """Make of the ticket what is sent, and check it: before the first sending only.

        Later our own refusal would say nothing of what was sent; Tiger's is kept.

        Raises:
            GatewayError: Tiger would refuse it, or the contract cannot be read; never in doubt.
        """
        check_offer(self._ticket, is_paper=self._session.link.is_paper)
        prepared = self._get_prepared(deadline)
        check_steps(prepared.ticket, prepared.contract)
        self._learned.check(self._account, prepared.ticket, prepared.contract)
        return prepared

    def send(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Place the order, once; with outside_rth false where Tiger refuses it for what nobody asked for."""
        if self._held_number == record.number:
            # Tiger would refuse it, and the look that tells why may not end in time any more.
            raise NumberSpent
        prepared = self._get_prepared(deadline)
        sent_at = self._session.tiger_now if record.attempts <= 1 else None
        try:
            # What any other order does to the position hangs on what else is sent.
            is_reducing = record.closes is not None
            order = place(self._session, prepared, record.number, record.mark, deadline, is_reducing=is_reducing)
        except (OrderRejected, InvalidRequest) as error:
            if error.in_doubt:
                raise
            if is_about_outside_rth(prepared, error):
                self._learned.note(self._account, prepared.contract.market, OUTSIDE_RTH)
                self._prepared = prepare(replace(prepared.ticket, outside_rth=False), prepared.contract)
                return self.send(record, deadline)
            named = self._learned.name_time_in_force(self._account, prepared, error)
            return self._explain_refusal(record, deadline, named, sent_at)
        if is_ours_answered(order, record, sent_at):
            return get_result(record, self._find_rest(record, deadline, prepared.complete(order)))
        return self._find_instead(record, deadline, order, sent_at)

    def look(self, record: CommandRecord, deadline: Deadline) -> CommandResult | None:
        """Look for the order in the list of orders, by its mark."""
        order, holder = find_placed(self._session, record, deadline)
        self._held_number = record.order_number if order is None and holder is not None else None
        return get_result(record, order) if order is not None else None

    def _get_prepared(self, deadline: Deadline) -> PreparedOrder:
        """Return what is sent, made once, however often it is sent."""
        if self._prepared is None:
            contract = self._contract or fetch_tradable_contract(self._session, self._ticket.instrument, deadline)
            self._prepared = prepare(self._learned.fit(self._account, self._ticket, contract), contract)
        return self._prepared

    def _find_rest(self, record: CommandRecord, deadline: Deadline, order: Order) -> Order:
        """Return an order that Tiger took, with those that came with it, where its answer does not name them all."""
        if not order.missing:
            return order
        found: Order | None = None
        # The order has succeeded, whatever this lookup says.
        with contextlib.suppress(GatewayError):
            found, _ = find_placed(self._session, record, deadline)
        return order if found is None else replace(order, related=found.related, missing=found.missing)

    def _find_instead(
        self, record: CommandRecord, deadline: Deadline, answered: Order, sent_at: int | None
    ) -> CommandResult:
        """Return the result of an order that Tiger took, where it answered with another one, or does not say which."""
        try:
            order, holder = find_placed(self._session, record, deadline, sent_at)
        except GatewayError as cause:
            raise NumberRefused from cause
        if order is not None:
            return get_result(record, order)
        if holder is not None or is_strangers(answered, record, sent_at):
            raise NumberSpent
        # It may be ours, answered before its mark is written down.
        raise NumberRefused

    def _explain_refusal(
        self, record: CommandRecord, deadline: Deadline, error: GatewayError, sent_at: int | None
    ) -> CommandResult:
        """Tell a refusal of the order from a refusal of its number, which says that an order has it already."""
        is_duplicate = says_duplicate(error)
        is_first = not record.was_sent_under_its_number if is_duplicate else record.attempts <= 1
        order: Order | None = None
        holder: Order | None = None
        try:
            if is_duplicate or not is_first:
                order, holder = find_placed(self._session, record, deadline, sent_at)
            if is_duplicate and order is None and holder is None:
                # It may have been placed long before what the search looks at.
                found = find_numbered_order(self._session, deadline, record.number)
                holder = found if found is not None and is_listed_strangers(found, record, sent_at) else None
        except GatewayError as cause:
            if is_duplicate and is_first:
                raise NumberRefused from cause
            raise get_doubt(error) from cause
        if order is not None:
            return get_result(record, order)
        return follow_up(error, STEPS[is_duplicate, is_first, holder is not None])


def follow_up(error: GatewayError, step: Step) -> CommandResult:
    """Do what follows when Tiger refuses a placement."""
    match step:
        case Step.REJECTED if isinstance(error, OrderRejected):
            return CommandResult(error=error)
        case Step.REJECTED:
            raise error
        case Step.SPENT:
            raise NumberSpent from error
        case Step.NUMBER_REFUSED:
            raise NumberRefused from error
        case Step.DOUBT:
            raise get_doubt(error) from error


def get_result(record: CommandRecord, order: Order) -> CommandResult:
    """Return how a placement ended whose order this is: Tiger may have taken it and refused it a moment later."""
    data: dict[str, Any] = {**order.to_dict(), "client_order_id": record.idempotency_key, **show_closes(record)}
    if get_fate(order) is not Fate.REFUSED:
        return accept(data, note=note_family(order))
    reason = explain(order.reason)
    note = {"remark": order.reason, "refused_at": order.update_time, **note_family(order)}
    return reject(f"Tiger rejected the order{f': {reason}' if reason else '.'}", data, note=note)


def show_closes(record: CommandRecord) -> dict[str, Any]:
    """Return what a client is told besides the order, where that closes a position."""
    closes = record.closes
    return {} if closes is None else {"held": json_number(closes.held), "closing": json_number(closes.closing)}


def get_doubt(error: GatewayError | None) -> GatewayError:
    """Return the error for an answer of Tiger's that leaves the outcome open."""
    code = None if error is None else error.tiger_code
    return TigerError("Tiger's answer leaves open what became of the order.", tiger_code=code, in_doubt=True)
