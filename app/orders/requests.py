"""One client's request for an order command: begin it once, or find out how its earlier request ended."""

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Final

from app.errors import (
    EarlierOutcomeUnknown,
    GatewayError,
    IdempotencyConflict,
    StorageUnavailable,
    TigerUnavailable,
    TooBusy,
)
from app.orders.amending import Modifying
from app.orders.context import OrderContext
from app.orders.executor import AGAIN_SECONDS, CommandExecutor
from app.orders.gate import REFUSALS, Admission, Admit
from app.orders.handlers import CommandHandler
from app.orders.journal import FIRST_LOOK_MS, Opened
from app.orders.numbers import write_with_number
from app.orders.placing import Placing
from app.orders.records import NUMBERED, CommandRecord, NewCommand
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State
from app.orders.times import LEAST_SHARE, LOOK_SECONDS, WORKING_SHARE, OrderTimes
from app.orders.transitions import get_denial
from app.orders.waiting import wait_while_busy
from app.tiger.sessions import Session
from app.tiger.trading.prepared_orders import PreparedOrder

MOST_STARTS: Final = 3

logger = logging.getLogger(__name__)


class CommandRequest:
    """A request to cancel an order, or all of them: no rule stops those."""

    def __init__(self, context: OrderContext, session: Session, command: NewCommand, handler: CommandHandler) -> None:
        self._context = context
        self._session = session
        self._command = command
        self._handler = handler
        self._executor = CommandExecutor(context, session, handler)
        self._deadline = session.order_deadline()
        self._is_journalled = False

    def run(self) -> CommandResult:
        """Carry the command out, or give a repeat of it the result that its first request earned.

        Raises:
            IdempotencyConflict: The requester's key stands for another command.
            OrderStateUnknown: It was sent, and its outcome could not be learnt in time.
            GatewayError: It was not carried out.
        """
        with self._noting_refusals():
            seconds = self._session.link.settings.order_deadline_seconds
            for _ in range(MOST_STARTS):
                times = OrderTimes.until(self._deadline.at_most(WORKING_SHARE * seconds))
                try:
                    if times.sending.remaining() < LEAST_SHARE * seconds:
                        late = TooBusy("The order waited too long for its turn; nothing was sent.", retry_after=1)
                        opened = self._find_earlier(late)
                    else:
                        opened = self._start(times)
                except StorageUnavailable as error:
                    opened = self._find_earlier(error)
                if opened.is_new:
                    return self._executor.carry_out(opened.record, times)
                result = self._repeat(opened.record)
                if result is not None:
                    return result
            raise TooBusy("The command kept being abandoned by its workers; nothing was done.", retry_after=1)

    @contextlib.contextmanager
    def _noting_refusals(self) -> Iterator[None]:
        """Note how a request ends that is refused before anything of it is in the journal, or by the gate."""
        try:
            yield
        except GatewayError as error:
            if isinstance(error, REFUSALS):
                self._context.gate.note_refusal(self._session, self._command, error)
            if not self._is_journalled:
                self._context.note_refusal(self._command, error)
            error.is_recorded = True
            raise

    def _start(self, times: OrderTimes) -> Opened:
        """Write the row of the command, or return the one that holds its idempotency key."""
        return self._open(State.SENDING, None, times)

    def _open(self, state: State, number: int | None, times: OrderTimes, admit: Admit | None = None) -> Opened:
        timing = times.get_timing(self._session.tiger_now)
        return self._opened(self._context.journal.open(self._command, state, number, timing, admit=admit))

    def _opened(self, opened: Opened) -> Opened:
        """Note whether the journal has a row of this very request, with all that becomes of it."""
        self._is_journalled |= opened.is_new
        return opened

    def _get_admission(self, prepared: PreparedOrder | None, times: OrderTimes) -> Admission:
        """Return what the gate has to know of the command to admit it.

        Raises:
            GatewayError: It does not let it pass.
        """
        try:
            return self._context.gate.prepare(self._session, self._command, prepared, times.sending)
        except GatewayError as error:
            # Whatever the gate asked Tiger for, of the command nothing was sent.
            raise get_denial(error) from error

    def _find_earlier(self, error: GatewayError) -> Opened:
        """Return the command that holds the idempotency key, although none can begin now.

        Raises:
            GatewayError: There is none: nothing was done.
            EarlierOutcomeUnknown: Whether there is one cannot be read.
        """
        requester, account = self._command.requester, self._command.account
        try:
            held = self._context.journal.find_claim(requester, account, self._session.tiger_now)
        except StorageUnavailable as cause:
            raise EarlierOutcomeUnknown.of_command(retry_after=cause.retry_after) from cause
        if held is None:
            raise error
        return Opened(held, is_new=False)

    def _repeat(self, held: CommandRecord) -> CommandResult | None:
        """Return the result of the command that holds the idempotency key, or None where that was never sent."""
        if held.body_digest != self._command.digest:
            raise IdempotencyConflict(
                "This idempotency key was used for another command; a new command needs a new key."
            )
        if held.state in RESOLVED:
            return held.result
        context = self._context
        with context.waiting_room.place(self._session.link.pipeline.bulkhead) as has_place:
            if not has_place:
                raise context.doubt.get_unknown(held)
            record = wait_while_busy(held, self._read_waiting, self._deadline)
            if record.is_busy:
                raise context.doubt.get_unknown(record)
            if record.state is State.PREPARED:
                context.resolve(self._session, record, self._deadline)
                return None
            return self._executor.find_out(record, self._deadline)

    def _read_waiting(self, record: CommandRecord) -> CommandRecord:
        """Read a command again that another request carries out; its worker may have died, so look at Tiger too."""
        journal = self._context.journal
        try:
            current = journal.read(record.id)
            age_ms = current.read_at - current.created_at
            if current.state is State.SENDING and age_ms > FIRST_LOOK_MS * (current.looks + 1):
                journal.postpone(current, FIRST_LOOK_MS)
                current = journal.read(record.id)
                return self._context.resolve(self._session, current, self._deadline.at_most(LOOK_SECONDS).for_lookup())
        except StorageUnavailable as error:
            # The other request goes on: that nothing was done is not for this one to say.
            raise self._context.doubt.get_unknown(record) from error
        except GatewayError:
            logger.info("Looking for %s %s failed while its request runs", record.kind, record.id)
        return current


class ModificationRequest(CommandRequest):
    """A request to change an order."""

    _handler: Modifying

    def _start(self, times: OrderTimes) -> Opened:
        """Write the row, where the rules let the change pass; it is sent only while its order is what they went by."""
        try:
            admission = self._get_admission(None, times)
        except GatewayError as error:
            return self._find_earlier(error)
        self._handler.admitted = admission.order
        return self._open(State.SENDING, None, times, admission.admit)


class PlacementRequest(CommandRequest):
    """A request to place an order."""

    _handler: Placing

    def _start(self, times: OrderTimes) -> Opened:
        """Write the row: at once as sending where contract and number are at hand."""
        if self._handler.has_contract:
            try:
                admission = self._prepare(times)
            except GatewayError as error:
                # What was accepted once is reported again, whatever the contract or the rules have become.
                return self._find_earlier(error)
            offered = self._context.numbers.take(self._session)
            if offered is not None:
                return self._open_with(offered, admission, times)
        return self._make_ready(self._open(State.PREPARED, None, times), times)

    def _open_with(self, offered: int, admission: Admission, times: OrderTimes) -> Opened:
        """Write the row as sending, with a number that was reserved ahead."""
        journal, numbers = self._context.journal, self._context.numbers

        def write(number: int) -> Opened:
            return self._open(State.SENDING, number, times, admission.admit)

        try:
            opened = write_with_number(journal, self._command.account, offered, write)
        except REFUSALS:
            numbers.give_back(self._session, offered)
            raise
        if not opened.is_new:
            numbers.give_back(self._session, offered)
        return opened

    def _prepare(self, times: OrderTimes) -> Admission:
        """Make of the ticket what is sent, and return its admission.

        Raises:
            GatewayError: It is not sent: Tiger would refuse it, or the gate does.
        """
        return self._get_admission(self._handler.prepare(times.sending), times)

    def _make_ready(self, opened: Opened, times: OrderTimes) -> Opened:
        """Fetch what a new placement lacks, contract and number, and write down that it is sent."""
        if not opened.is_new:
            return opened
        record = opened.record
        try:
            try:
                return Opened(self._give_number(record, times), is_new=True)
            except TigerUnavailable:
                # Nothing is ordered yet, so that asking once more can do no harm.
                time.sleep(min(AGAIN_SECONDS, times.sending.remaining()))
                return Opened(self._give_number(record, times), is_new=True)
        except GatewayError as error:
            denial = get_denial(error)
            self._context.transitions.mark_denied(record, denial)
            raise denial from error

    def _give_number(self, record: CommandRecord, times: OrderTimes) -> CommandRecord:
        context, session = self._context, self._session
        admit = self._prepare(times).admit
        offered = context.numbers.take_or_reserve(session, times.sending)

        def write(number: int) -> CommandRecord | None:
            timing = times.get_timing(session.tiger_now)
            return context.transitions.begin_sending(record, NUMBERED, timing, number=number, admit=admit)

        sending = write_with_number(context.journal, record.account, offered, write)
        if sending is None:
            raise TooBusy("The order took too long to prepare; nothing was sent.", retry_after=1)
        return sending
