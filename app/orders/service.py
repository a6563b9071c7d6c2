"""The order service of one gateway: the only way from a view to an order command."""

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
from app.orders.checks import check_steps
from app.orders.executor import AGAIN_SECONDS, LOOK_SECONDS, MOST_NUMBERS_TRIED, CommandExecutor, Plan, get_spent
from app.orders.handlers import CommandHandler
from app.orders.history import History
from app.orders.journal import FIRST_LOOK_MS, Journal, NumberTaken, Opened
from app.orders.learned import Learned
from app.orders.naming import Naming
from app.orders.numbers import OrderNumbers
from app.orders.placing import UNDOCUMENTED_TIMES, Placing, get_time_in_force_refusal
from app.orders.records import CommandRecord, Kind, NewCommand, write_cancellation, write_changes, write_ticket
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State
from app.orders.transitions import Transitions, get_denial, get_kept
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


class OrderService:
    """Place, modify and cancel orders, each exactly once, and tell what became of them."""

    def __init__(self, settings: Settings, storage: Storage) -> None:
        orders = settings.orders
        self.journal = Journal(storage, claim_ms=round(orders.idempotency_hours * HOUR_MS))
        self._numbers = OrderNumbers(orders.numbers_ahead)
        self._learned = Learned(storage)
        placing = Placing(self._learned)
        naming = self._naming = Naming(self.journal, placing)
        handlers: dict[Kind, CommandHandler] = {
            Kind.PLACE: placing,
            Kind.MODIFY: Modifying(naming),
            Kind.CANCEL: Cancelling(naming),
        }
        self.transitions = Transitions(self.journal, absence_seconds=orders.absence_seconds)
        self.executor = CommandExecutor(self.transitions, self._numbers, handlers)
        self.history = History(self.journal, self.transitions, self.executor, naming)
        self._waiting_room = WaitingRoom(max(1, settings.gateway.threads // WAITING_SHARE))

    def place(self, session: Session, requester: Requester, ticket: OrderTicket) -> CommandResult:
        """Place an order.

        Raises:
            IdempotencyConflict: The requester's key stands for another command.
            OrderStateUnknown: It was sent, and its outcome could not be learnt in time.
            GatewayError: It was not placed.
        """
        command = NewCommand(Kind.PLACE, session.account.account, requester, write_ticket(ticket))
        had_contract = get_kept_contract(session, ticket.symbol) is not None
        answer = self._run(session, command, lambda plan: self._open_placement(session, command, ticket, plan))
        # One that had to ask for its contract has made the three calls that a placement may cost.
        if had_contract and not answer.is_replayed:
            self._numbers.refill(session)
        return answer

    def modify(self, session: Session, requester: Requester, order_id: str, changes: OrderChanges) -> CommandResult:
        """Change an open order; raises as ``place`` does."""
        body = write_changes(order_id, changes)
        command = NewCommand(Kind.MODIFY, session.account.account, requester, body, order_id)
        return self._run_for_order(session, command, order_id)

    def cancel(self, session: Session, requester: Requester, order_id: str) -> CommandResult:
        """Cancel an open order; raises as ``place`` does.

        It goes out even while the journal cannot be written: to do it twice does no harm, not to do it may.
        """
        deadline = session.order_deadline()
        command = NewCommand(Kind.CANCEL, session.account.account, requester, write_cancellation(order_id), order_id)
        try:
            return self._run_for_order(session, command, order_id)
        except StorageUnavailable:
            logger.exception("Order %s of account %s is cancelled without the journal", order_id, command.account)
            return cancel_unwritten(session, order_id, deadline)

    def preview(self, session: Session, ticket: OrderTicket) -> dict[str, Any]:
        """Return what an order would need and cost; nothing is sent to the market, and nothing is journalled."""
        deadline = session.read_deadline()
        check_steps(ticket, prepare(session, ticket, deadline))
        told = preview(session, ticket, deadline)
        return {**told, **get_effects(told)}

    def _run_for_order(self, session: Session, command: NewCommand, order_id: str) -> CommandResult:
        """Carry out a command for an order.

        Raises:
            OrderStateUnknown: Its outcome, or whether the order itself was placed, could not be learnt in time.
            GatewayError: It was not carried out.
        """
        try:
            return self._run(session, command, lambda plan: self._open(session, command, State.SENDING, None, plan))
        except OrderNotFound as error:
            placement = self._naming.find_doubtful_placement(command.account, order_id, session.tiger_now)
            if placement is None:
                raise
            if placement.state is State.ACCEPTED:
                raise TigerUnavailable(
                    "Tiger has accepted this order and does not show it yet; nothing was sent.", retry_after=1
                ) from error
            # An order that Tiger does not show yet must not be told as one that does not exist.
            raise self.transitions.get_unknown(placement) from error

    def _run(self, session: Session, command: NewCommand, start: Callable[[Plan], Opened]) -> CommandResult:
        """Carry a command out, or give a repeat of it the answer that its first request earned."""
        deadline = session.order_deadline()
        seconds = session.link.settings.order_deadline_seconds
        for _ in range(MOST_STARTS):
            plan = Plan.until(deadline.at_most(WORKING_SHARE * seconds))
            is_late = plan.sending.remaining() < LEAST_SHARE * seconds
            try:
                opened = self._find_opened(session, command) if is_late else start(plan)
            except StorageUnavailable as error:
                opened = self._find_earlier(session, command, error)
            if opened.is_new:
                return self.executor.carry_out(session, opened.record, plan)
            answer = self._repeat(session, command, opened.record, deadline)
            if answer is not None:
                return answer
        raise TooBusy("The command kept being abandoned by its workers; nothing was done.", retry_after=1)

    def _find_earlier(self, session: Session, command: NewCommand, error: StorageUnavailable) -> Opened:
        """Return the command that holds the command's idempotency key, although no row can be written now.

        Raises:
            StorageUnavailable: There is none: nothing was done.
            EarlierOutcomeUnknown: Whether there is one cannot be read.
        """
        if command.requester.idempotency_key is None:
            raise error
        try:
            held = self.journal.find_claim(command.requester, command.account, session.tiger_now)
        except StorageUnavailable:
            raise EarlierOutcomeUnknown.of_command(retry_after=error.retry_after) from error
        if held is None:
            raise error
        return Opened(held, is_new=False)

    def _find_opened(self, session: Session, command: NewCommand) -> Opened:
        """Return the row of the command that holds the command's idempotency key.

        Raises:
            TooBusy: There is none, and no time to begin.
        """
        held = self.journal.find_claim(command.requester, command.account, session.tiger_now)
        if held is None:
            raise TooBusy("The order waited too long for its turn; nothing was sent.", retry_after=1)
        return Opened(held, is_new=False)

    def _repeat(
        self, session: Session, command: NewCommand, held: CommandRecord, deadline: Deadline
    ) -> CommandResult | None:
        """Return the answer of the command that holds the idempotency key, or None where that was never sent."""
        if held.body_digest != command.digest:
            raise IdempotencyConflict(
                "This idempotency key was used for another command; a new command needs a new key."
            )
        if held.state in RESOLVED:
            return get_kept(held)
        with self._waiting_room.place(session.link.traffic.bulkhead) as has_place:
            if not has_place:
                raise self.transitions.get_unknown(held)
            record = wait_while_busy(held, lambda record: self._read_waiting(session, record, deadline), deadline)
            if record.is_busy:
                raise self.transitions.get_unknown(record)
            if record.state is State.PREPARED:
                self.executor.resolve(session, record, deadline)
                return None
            return self.executor.find_out(session, record, deadline)

    def _read_waiting(self, session: Session, record: CommandRecord, deadline: Deadline) -> CommandRecord:
        """Read a command again that another request carries out; its worker may have died, so look at Tiger too."""
        try:
            current = self.journal.read(record.id)
            age_ms = current.read_at - current.created_at
            if current.state is State.SENDING and age_ms > FIRST_LOOK_MS * (current.looks + 1):
                self.journal.postpone(current, FIRST_LOOK_MS)
                current = self.journal.read(record.id)
                return self.executor.resolve(session, current, deadline.at_most(LOOK_SECONDS).for_lookup())
        except StorageUnavailable as error:
            # The other request goes on: that nothing was done is not for this one to say.
            raise self.transitions.get_unknown(record) from error
        except GatewayError:
            logger.info("Looking for %s %s failed while its request runs", record.kind, record.id)
        return current

    def _open(self, session: Session, command: NewCommand, state: State, number: int | None, plan: Plan) -> Opened:
        return self.journal.open(command, state, number, plan.get_timing(session))

    def _open_placement(self, session: Session, command: NewCommand, ticket: OrderTicket, plan: Plan) -> Opened:
        """Write the row of a placement: at once as sending where contract and number are at hand."""
        contract = get_kept_contract(session, ticket.symbol)
        if contract is not None:
            try:
                check_ticket(ticket, contract)
                self._check(session, ticket, contract)
            except GatewayError:
                # What was accepted once is told again, whatever the contract has become.
                held = self.journal.find_claim(command.requester, command.account, session.tiger_now)
                if held is None:
                    raise
                return Opened(held, is_new=False)
            number = told = self._numbers.take(session)
            for _ in range(MOST_NUMBERS_TRIED if told is not None else 0):
                try:
                    opened = self._open(session, command, State.SENDING, number, plan)
                except NumberTaken:
                    number = self.journal.find_free_number(command.account, cast("int", told))
                    continue
                if not opened.is_new:
                    self._numbers.give_back(session, cast("int", told))
                return opened
        opened = self._open(session, command, State.PREPARED, None, plan)
        return Opened(self._make_ready(session, opened.record, ticket, plan), is_new=True) if opened.is_new else opened

    def _make_ready(self, session: Session, record: CommandRecord, ticket: OrderTicket, plan: Plan) -> CommandRecord:
        """Fetch what a placement lacks, contract and number, and write down that it is sent."""
        try:
            try:
                self._check(session, ticket, prepare(session, ticket, plan.sending))
                return self._give_number(session, record, plan)
            except TigerUnavailable:
                # Nothing is ordered yet, so that asking once more can do no harm.
                time.sleep(min(AGAIN_SECONDS, plan.sending.remaining()))
                self._check(session, ticket, prepare(session, ticket, plan.sending))
                return self._give_number(session, record, plan)
        except GatewayError as error:
            denial = get_denial(error)
            self.transitions.mark_denied(record, denial)
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

    def _give_number(self, session: Session, record: CommandRecord, plan: Plan) -> CommandRecord:
        told = number = self._numbers.take_or_reserve(session, plan.sending)
        for _ in range(MOST_NUMBERS_TRIED):
            try:
                sending = self.journal.move(
                    record,
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
                number = self.journal.find_free_number(record.account, told)
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
