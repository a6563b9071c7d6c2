"""Carry one command from its row in the journal to its answer, whatever fails on the way.

The row is on disk before anything is sent. What fails without doubt is told as it is. What is in doubt is looked up
until the deadline; only what stays without a trace after the stated wait is sent again, under the same number.
"""

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from app.errors import GatewayError, OrderRejected, TigerError, TigerRateLimited, TigerUnavailable
from app.orders.handlers import CommandHandler, NumberRefused, NumberSpent, Outcome
from app.orders.journal import NumberTaken, Timing
from app.orders.numbers import OrderNumbers
from app.orders.records import CommandRecord, Kind
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State
from app.orders.transitions import Transitions, get_denial, get_kept
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import says_duplicate

SENDING_SHARE: Final = 0.6
"""Part of a command's time that sending may take; the rest is for finding out what became of it."""

AGAIN_SECONDS: Final = 0.2
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 3.0
"""Most time that one look may take: Tiger hanging once should leave time for a second look."""

SHORT_SECONDS: Final = 2.0
"""A rate limit that is over this soon is waited for."""

LAST_SECONDS: Final = 0.15
"""What is kept for writing the outcome and answering."""

MOST_SENDINGS: Final = 3
MOST_NUMBERS: Final = 6
MOST_NUMBERS_TRIED: Final = 32
"""So many orders of one account may begin in the same moment before one of them finds no number of its own."""
"""How many order numbers one command tries, where Tiger says of each that it is used."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long a command is worked on, and until when it may be put on the wire.

    Made before the row is written, so that the row's own times are never earlier.
    """

    deadline: Deadline
    sending: Deadline

    @classmethod
    def until(cls, deadline: Deadline) -> Self:
        """Return the plan for a command with this deadline."""
        return cls(deadline, deadline.at_most(deadline.remaining() * SENDING_SHARE))

    def get_timing(self, session: Session) -> Timing:
        """Return what the row says of it."""
        busy, sending = (math.ceil(deadline.remaining() * 1_000) for deadline in (self.deadline, self.sending))
        return Timing(busy, sending, session.tiger_now)


class CommandExecutor:
    """Carry out commands; one for each gateway, used by all its threads."""

    def __init__(
        self, transitions: Transitions, numbers: OrderNumbers, handlers: Mapping[Kind, CommandHandler]
    ) -> None:
        self._transitions = transitions
        self._numbers = numbers
        self._handlers = handlers

    def carry_out(self, session: Session, record: CommandRecord, plan: Plan) -> CommandResult:
        """Send a command whose row says so, and return how it ended.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was not carried out.
        """
        return replace(self._send(session, record, plan), is_replayed=False)

    def find_out(self, session: Session, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Look for a command in doubt until the deadline; what never arrived is sent again, once the wait is over.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was sent again and certainly not carried out.
        """
        pause = FIRST_PAUSE_SECONDS
        while record.state not in RESOLVED:
            outcome, is_absent = self._look(session, record, deadline.at_most(LOOK_SECONDS))
            if outcome is not None:
                return self._transitions.conclude(record, outcome, "found", session.tiger_now).replayed()
            if is_absent and self._transitions.may_be_sent_again(record, session.tiger_now):
                if record.answer is not None:
                    return self._tell_refusal(session, record)
                plan = Plan.until(deadline)
                taken = self._take_over(session, record, plan)
                if taken is not None:
                    return self.carry_out(session, taken, plan)
            if deadline.remaining() < pause + LAST_SECONDS:
                raise self._transitions.get_unknown(record)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            record = self._transitions.read_again(record)
        return get_kept(record)

    def resolve(self, session: Session, record: CommandRecord, deadline: Deadline) -> CommandRecord:
        """Look once for a command that is not resolved, and return its row as it stands then; nothing is sent.

        The deadline says from which share of Tiger's limits: who asks how a command stands pays as a read does.

        Raises:
            GatewayError: Tiger could not be asked.
        """
        if record.state in RESOLVED or (record.state is State.PREPARED and record.may_be_at_work(session.tiger_now)):
            return record
        if record.state is State.PREPARED:
            self._transitions.abandon(record)
        else:
            outcome = self._handlers[record.kind].look(session, record, deadline)
            if outcome is None:
                self._transitions.mark_absent(record, session.tiger_now)
            else:
                self._transitions.conclude(record, outcome, "found", session.tiger_now)
        return self._transitions.journal.read(record.id)

    def _send(self, session: Session, record: CommandRecord, plan: Plan) -> CommandResult:
        """Send a command until it was sent: what certainly did nothing may leave again under the same number."""
        turn, numbers = 0, 1
        while True:
            try:
                outcome = self._handlers[record.kind].send(session, record, plan.sending)
            except NumberSpent:
                if numbers == MOST_NUMBERS:
                    return self._mark_denied(record, get_spent())
                record, numbers = self._renumber(session, record, plan), numbers + 1
                continue
            except NumberRefused:
                doubt = TigerError("Tiger refuses the order's number and shows no order under it.", in_doubt=True)
                return self._pursue(session, record, doubt, plan, number_claim=None)
            except GatewayError as error:
                if error.in_doubt:
                    return self._pursue(session, record, error, plan, **_keep_refusal(error))
                pause = get_pause(error)
                if turn == MOST_SENDINGS - 1 or pause is None or plan.sending.remaining() <= pause:
                    return self._mark_denied(record, error)
            except Exception:
                # A bug of ours after sending must not be told as a failed order: it is in doubt like a lost answer.
                logger.exception("%s %s failed unexpectedly", record.kind, record.id)
                doubt = TigerError("The command met an unexpected error.", in_doubt=True)
                return self._pursue(session, record, doubt, plan)
            else:
                return self._transitions.conclude(record, outcome, "answered", session.tiger_now)
            turn += 1
            time.sleep(pause)

    def _pursue(
        self, session: Session, record: CommandRecord, error: GatewayError, plan: Plan, **columns: Any
    ) -> CommandResult:
        doubtful = self._transitions.mark_unknown(record, error, session.tiger_now, **columns)
        return self.find_out(session, doubtful, plan.deadline)

    def _tell_refusal(self, session: Session, record: CommandRecord) -> CommandResult:
        """Return the refusal of a later sending, where the earlier ones never arrived; the command stays watched."""
        self._transitions.mark_absent(record, session.tiger_now)
        return CommandResult.from_json(record.answer or "").replayed()

    def _take_over(self, session: Session, record: CommandRecord, plan: Plan) -> CommandRecord | None:
        """Make the row say that this worker sends the command again, where Tiger refused its number under another one.

        Raises:
            OrderStateUnknown: It needs another number, and there is none.
        """
        if not record.needs_number:
            return self._transitions.take_over(record, plan.get_timing(session))
        try:
            return self._give_number(session, record, plan, attempts=record.attempts + 1)
        except GatewayError as cause:
            raise self._transitions.get_unknown(record) from cause

    def _mark_denied(self, record: CommandRecord, error: GatewayError) -> CommandResult:
        """Return what another worker found, or raise what is told of a sending that certainly did not happen."""
        error = get_denial(error)
        found = self._transitions.mark_denied(record, error)
        if found is None:
            raise self._get_told(record, error)
        return found

    def _get_told(self, record: CommandRecord, error: GatewayError) -> GatewayError:
        """Return the error itself, unless an earlier attempt was in doubt: that one may have been carried out."""
        return self._transitions.get_unknown(record) if record.attempts > 1 else error

    def _look(self, session: Session, record: CommandRecord, deadline: Deadline) -> tuple[Outcome | None, bool]:
        """Return what was found, and whether the answer was a good one that showed no trace."""
        try:
            outcome = self._handlers[record.kind].look(session, record, deadline.for_lookup())
            if outcome is None and record.sent_by_tiger is None:
                self._transitions.mark_absent(record, session.tiger_now)
        except GatewayError as error:
            logger.info("Looking for %s %s failed: %s", record.kind, record.id, error.code)
            return None, False
        except Exception:
            # What is in doubt stays in doubt, whatever is wrong with us.
            logger.exception("Looking for %s %s failed unexpectedly", record.kind, record.id)
            return None, False
        return outcome, outcome is None

    def _renumber(self, session: Session, record: CommandRecord, plan: Plan) -> CommandRecord:
        """Give a placement another number, since Tiger refused its own as another program's.

        Raises:
            GatewayError: There is none; the placement is denied.
        """
        logger.warning("Order number %s of account %s was used by another program", record.order_number, record.account)
        try:
            moved = self._give_number(session, record, plan, attempts=record.attempts)
        except GatewayError as error:
            self._transitions.mark_denied(record, error)
            raise self._get_told(record, error) from error
        if moved is None:
            raise self._transitions.get_unknown(record)
        return moved

    def _give_number(
        self, session: Session, record: CommandRecord, plan: Plan, *, attempts: int
    ) -> CommandRecord | None:
        """Make the row say that it is sent under another number, or return None where another worker changed it.

        Raises:
            GatewayError: There is no number.
        """
        # What was told together with the old one is as old, and likely used as well.
        self._numbers.forget(session)
        told = number = self._numbers.take_or_reserve(session, plan.sending)
        for _ in range(MOST_NUMBERS_TRIED):
            try:
                return self._transitions.renumber(record, plan.get_timing(session), number, attempts)
            except NumberTaken:
                # Tiger told it to others of ours, too: theirs are used or about to be.
                number = self._transitions.journal.find_free_number(record.account, told)
        raise get_spent()


def _keep_refusal(error: GatewayError) -> dict[str, str]:
    """Return what the row keeps of a refusal that an earlier sending leaves in doubt; that of a number says nothing."""
    refusal = error if isinstance(error, OrderRejected) else error.__cause__
    if not isinstance(refusal, OrderRejected) or says_duplicate(refusal):
        return {}
    return {"answer": CommandResult(error=refusal).to_json()}


def get_pause(error: GatewayError) -> float | None:
    """Return after how many seconds what certainly did nothing is sent again, or None where it is not."""
    if isinstance(error, TigerUnavailable):
        return AGAIN_SECONDS
    if isinstance(error, TigerRateLimited) and error.retry_after is not None and error.retry_after <= SHORT_SECONDS:
        return error.retry_after
    return None


def get_spent() -> TigerError:
    """Return the error for an account whose fresh order numbers are used already."""
    return TigerError("Tiger gives out order numbers that are used already; the order was not placed.")
