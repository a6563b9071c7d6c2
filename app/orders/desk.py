"""The order desk of one gateway: the only way from a view to an order command."""

import logging
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from app.errors import (
    EarlierOutcomeUnknown,
    GatewayError,
    IdempotencyConflict,
    OrderNotFound,
    StorageUnavailable,
    TigerUnavailable,
    TooBusy,
)
from app.orders.amending import Cancelling, Modifying, cancel_unwritten
from app.orders.answers import Answer
from app.orders.bookkeeping import Bookkeeping, get_denial, get_kept
from app.orders.callers import Caller
from app.orders.checks import check_steps
from app.orders.clerk import AGAIN_SECONDS, LOOK_SECONDS, MOST_NUMBERS_TRIED, Clerk, Plan, get_spent
from app.orders.entries import Draft, Entry, Kind, write_cancellation, write_changes, write_ticket
from app.orders.errands import Errand
from app.orders.history import History
from app.orders.journal import FIRST_LOOK_MS, Journal, NumberTaken, Opened
from app.orders.learned import Learned
from app.orders.naming import Naming
from app.orders.numbers import OrderNumbers
from app.orders.placing import UNDOCUMENTED_TIMES, Placing, get_time_in_force_refusal
from app.orders.states import SETTLED, State
from app.orders.waiting import WaitingRoom, wait_while_busy
from app.settings import Settings
from app.storage.engine import Storage
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import prepare
from app.tiger.trading.order_preview import preview
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket, check_ticket
from app.tiger.trading.tradable_contracts import TradableContract, get_kept_contract

MOST_STARTS: Final = 3
WORKING_SHARE: Final = 0.8
"""Part of an order command's time that it is worked on; the rest is for a thread, or another attempt, to wait for."""
LEAST_SHARE: Final = 0.1
"""With less than this part left for sending a command is not begun: there would be no time to learn its outcome."""
WAITING_SHARE: Final = 4
"""One thread in so many may wait for an order command that another request is carrying out."""

HOUR_MS: Final = 3_600_000

logger = logging.getLogger(__name__)


class OrderDesk:
    """Place, modify and cancel orders, each exactly once, and tell what became of them."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        orders = settings.orders
        self.journal = Journal(storage, claim_ms=round(orders.idempotency_hours * HOUR_MS))
        self._numbers = OrderNumbers(orders.numbers_ahead)
        self._learned = Learned(storage)
        placing = Placing(self._learned)
        naming = Naming(self.journal, placing)
        errands: dict[Kind, Errand] = {
            Kind.PLACE: placing,
            Kind.MODIFY: Modifying(naming),
            Kind.CANCEL: Cancelling(naming),
        }
        self.books = Bookkeeping(self.journal, absence_seconds=orders.absence_seconds)
        self.clerk = Clerk(self.books, self._numbers, errands)
        self.history = History(self.journal, self.books, self.clerk, naming)
        self._waiting_room = WaitingRoom(max(1, settings.gateway.threads // WAITING_SHARE))

    def place(self, session: Session, caller: Caller, ticket: OrderTicket) -> Answer:
        """Place an order.

        Raises:
            IdempotencyConflict: The caller's key stands for another command.
            OrderStateUnknown: It was sent, and its outcome could not be learnt in time.
            GatewayError: It was not placed.
        """
        draft = Draft(Kind.PLACE, session.account.account, caller, write_ticket(ticket))
        had_contract = get_kept_contract(session, ticket.symbol) is not None
        answer = self._run(session, draft, lambda plan: self._open_placement(session, draft, ticket, plan))
        # One that had to ask for its contract has made the three calls that a placement may cost.
        if had_contract and not answer.is_replayed:
            self._numbers.refill(session)
        return answer

    def modify(self, session: Session, caller: Caller, order_id: str, changes: OrderChanges) -> Answer:
        """Change an open order; raises as ``place`` does."""
        body = write_changes(order_id, changes)
        draft = Draft(Kind.MODIFY, session.account.account, caller, body, order_id)
        return self._run_for_order(session, draft, order_id)

    def cancel(self, session: Session, caller: Caller, order_id: str) -> Answer:
        """Cancel an open order; raises as ``place`` does.

        It goes out even while the journal cannot be written: to do it twice does no harm, not to do it may.
        """
        deadline = session.order_deadline()
        draft = Draft(Kind.CANCEL, session.account.account, caller, write_cancellation(order_id), order_id)
        try:
            return self._run_for_order(session, draft, order_id)
        except StorageUnavailable:
            logger.exception("Order %s of account %s is cancelled without the journal", order_id, draft.account)
            return cancel_unwritten(session, order_id, deadline)

    def preview(self, session: Session, ticket: OrderTicket) -> dict[str, Any]:
        """Return what an order would need and cost; nothing is sent to the market, and nothing is journalled."""
        deadline = session.read_deadline()
        check_steps(ticket, prepare(session, ticket, deadline))
        told = preview(session, ticket, deadline)
        return {**told, **get_effects(told)}

    def _run_for_order(self, session: Session, draft: Draft, order_id: str) -> Answer:
        """Carry out a command for an order.

        Raises:
            OrderStateUnknown: Its outcome, or whether the order itself was placed, could not be learnt in time.
            GatewayError: It was not carried out.
        """
        try:
            return self._run(session, draft, lambda plan: self._open(session, draft, State.SENDING, None, plan))
        except OrderNotFound as error:
            placement = self.history.find_doubtful_placement(draft.account, order_id, session.tiger_now)
            if placement is None:
                raise
            if placement.state is State.ACCEPTED:
                raise TigerUnavailable(
                    "Tiger has accepted this order and does not show it yet; nothing was sent.", retry_after=1
                ) from error
            # An order that Tiger does not show yet must not be told as one that does not exist.
            raise self.books.get_unknown(placement) from error

    def _run(self, session: Session, draft: Draft, start: Callable[[Plan], Opened]) -> Answer:
        """Carry a command out, or give a repeat of it the answer that its first request earned."""
        deadline = session.order_deadline()
        seconds = session.link.settings.order_deadline_seconds
        for _ in range(MOST_STARTS):
            plan = Plan.until(deadline.at_most(WORKING_SHARE * seconds))
            is_late = plan.sending.remaining() < LEAST_SHARE * seconds
            try:
                opened = self._find_opened(session, draft) if is_late else start(plan)
            except StorageUnavailable as error:
                opened = self._find_earlier(session, draft, error)
            if opened.is_new:
                return self.clerk.carry_out(session, opened.entry, plan)
            answer = self._repeat(session, draft, opened.entry, deadline)
            if answer is not None:
                return answer
        raise TooBusy("The command kept being abandoned by its workers; nothing was done.", retry_after=1)

    def _find_earlier(self, session: Session, draft: Draft, error: StorageUnavailable) -> Opened:
        """Return the command that holds the draft's idempotency key, although no row can be written now.

        Raises:
            StorageUnavailable: There is none: nothing was done.
            EarlierOutcomeUnknown: Whether there is one cannot be read.
        """
        if draft.caller.idempotency_key is None:
            raise error
        try:
            held = self.journal.find_claim(draft.caller, draft.account, session.tiger_now)
        except StorageUnavailable:
            raise EarlierOutcomeUnknown.of_command(retry_after=error.retry_after) from error
        if held is None:
            raise error
        return Opened(held, is_new=False)

    def _find_opened(self, session: Session, draft: Draft) -> Opened:
        """Return the row of the command that holds the draft's idempotency key.

        Raises:
            TooBusy: There is none, and no time to begin.
        """
        held = self.journal.find_claim(draft.caller, draft.account, session.tiger_now)
        if held is None:
            raise TooBusy("The order waited too long for its turn; nothing was sent.", retry_after=1)
        return Opened(held, is_new=False)

    def _repeat(self, session: Session, draft: Draft, held: Entry, deadline: Deadline) -> Answer | None:
        """Return the answer of the command that holds the idempotency key, or None where that was never sent."""
        if held.body_digest != draft.digest:
            raise IdempotencyConflict(
                "This idempotency key was used for another command; a new command needs a new key."
            )
        if held.state in SETTLED:
            return get_kept(held)
        with self._waiting_room.place(session.link.traffic.bulkhead) as has_place:
            if not has_place:
                raise self.books.get_unknown(held)
            entry = wait_while_busy(held, lambda entry: self._read_waiting(session, entry, deadline), deadline)
            if entry.is_busy:
                raise self.books.get_unknown(entry)
            if entry.state is State.PREPARED:
                self.clerk.settle(session, entry, deadline)
                return None
            return self.clerk.find_out(session, entry, deadline)

    def _read_waiting(self, session: Session, entry: Entry, deadline: Deadline) -> Entry:
        """Read a command again that another request carries out; its worker may have died, so look at Tiger too."""
        try:
            current = self.journal.read(entry.id)
            age_ms = current.read_at - current.created_at
            if current.state is State.SENDING and age_ms > FIRST_LOOK_MS * (current.looks + 1):
                self.journal.postpone(current, FIRST_LOOK_MS)
                current = self.journal.read(entry.id)
                return self.clerk.settle(session, current, deadline.at_most(LOOK_SECONDS).for_lookup())
        except StorageUnavailable as error:
            # The other request goes on: that nothing was done is not for this one to say.
            raise self.books.get_unknown(entry) from error
        except GatewayError:
            logger.info("Looking for %s %s failed while its request runs", entry.kind, entry.id)
        return current

    def _open(self, session: Session, draft: Draft, state: State, number: int | None, plan: Plan) -> Opened:
        return self.journal.open(draft, state, number, plan.get_timing(session))

    def _open_placement(self, session: Session, draft: Draft, ticket: OrderTicket, plan: Plan) -> Opened:
        """Write the row of a placement: at once as sending where contract and number are at hand."""
        contract = get_kept_contract(session, ticket.symbol)
        if contract is not None:
            try:
                check_ticket(ticket, contract)
                self._check(session, ticket, contract)
            except GatewayError:
                # What was accepted once is told again, whatever the contract has become.
                held = self.journal.find_claim(draft.caller, draft.account, session.tiger_now)
                if held is None:
                    raise
                return Opened(held, is_new=False)
            number = told = self._numbers.take(session)
            for _ in range(MOST_NUMBERS_TRIED if told is not None else 0):
                try:
                    opened = self._open(session, draft, State.SENDING, number, plan)
                except NumberTaken:
                    number = self.journal.find_free_number(draft.account, cast("int", told))
                    continue
                if not opened.is_new:
                    self._numbers.give_back(session, cast("int", told))
                return opened
        opened = self._open(session, draft, State.PREPARED, None, plan)
        return Opened(self._make_ready(session, opened.entry, ticket, plan), is_new=True) if opened.is_new else opened

    def _make_ready(self, session: Session, entry: Entry, ticket: OrderTicket, plan: Plan) -> Entry:
        """Fetch what a placement lacks, contract and number, and write down that it is sent."""
        try:
            try:
                self._check(session, ticket, prepare(session, ticket, plan.sending))
                return self._give_number(session, entry, plan)
            except TigerUnavailable:
                # Nothing is ordered yet, so that asking once more can do no harm.
                time.sleep(min(AGAIN_SECONDS, plan.sending.remaining()))
                self._check(session, ticket, prepare(session, ticket, plan.sending))
                return self._give_number(session, entry, plan)
        except GatewayError as error:
            denial = get_denial(error)
            self.books.deny(entry, denial)
            raise denial from error

    def _check(self, session: Session, ticket: OrderTicket, contract: TradableContract) -> None:
        """Deny what Tiger would refuse: a wrong step, and a time_in_force that it was seen to refuse.

        Raises:
            GatewayError: It names what Tiger takes.
        """
        check_steps(ticket, contract)
        wanted, account = ticket.time_in_force, session.account.account
        if wanted in UNDOCUMENTED_TIMES and self._learned.knows(account, contract.market, wanted, now=True):
            raise get_time_in_force_refusal(wanted)

    def _give_number(self, session: Session, entry: Entry, plan: Plan) -> Entry:
        told = number = self._numbers.take_or_reserve(session, plan.sending)
        for _ in range(MOST_NUMBERS_TRIED):
            try:
                sending = self.journal.move(
                    entry,
                    State.SENDING,
                    "numbered",
                    {"order_number": number},
                    order_number=number,
                    number_claim=number,
                    attempts=1,
                    timing=plan.get_timing(session),
                    look_in_ms=FIRST_LOOK_MS,
                )
            except NumberTaken:
                # Tiger told it to others of ours, too: theirs are used or about to be.
                number = self.journal.find_free_number(entry.account, told)
                continue
            if sending is None:
                raise TooBusy("The order took too long to prepare; nothing was sent.", retry_after=1)
            return sending
        raise get_spent()


def get_effects(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a preview says between its lines: how margin and buying power would change, and its warning."""
    initial = _subtract(told["init_margin"], told["init_margin_before"])
    return {
        "init_margin_change": initial,
        "maint_margin_change": _subtract(told["maint_margin"], told["maint_margin_before"]),
        "buying_power_effect": None if initial is None else -initial,
        "warnings": [told["message"]] if told["message"] else [],
    }


def _subtract(after: float | None, before: float | None) -> float | None:
    if after is None or before is None:
        return None
    # Through the printed digits, so that no binary dust appears.
    return float(Decimal(str(after)) - Decimal(str(before)))
