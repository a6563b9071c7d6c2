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
from app.orders.answers import Answer
from app.orders.bookkeeping import Bookkeeping, get_denial, get_kept
from app.orders.entries import Entry, Kind
from app.orders.errands import Errand, NumberRefused, NumberSpent, Outcome
from app.orders.journal import NumberTaken, Timing
from app.orders.numbers import OrderNumbers
from app.orders.states import SETTLED, State
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


class Clerk:
    """Carry out commands; one for each gateway, used by all its threads."""

    def __init__(self, books: Bookkeeping, numbers: OrderNumbers, errands: Mapping[Kind, Errand]) -> None:
        self._books = books
        self._numbers = numbers
        self._errands = errands

    def carry_out(self, session: Session, entry: Entry, plan: Plan) -> Answer:
        """Send a command whose row says so, and return how it ended.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was not carried out.
        """
        return replace(self._send(session, entry, plan), is_replayed=False)

    def find_out(self, session: Session, entry: Entry, deadline: Deadline) -> Answer:
        """Look for a command in doubt until the deadline; what never arrived is sent again, once the wait is over.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was sent again and certainly not carried out.
        """
        pause = FIRST_PAUSE_SECONDS
        while entry.state not in SETTLED:
            outcome, is_absent = self._look(session, entry, deadline.at_most(LOOK_SECONDS))
            if outcome is not None:
                return self._books.conclude(entry, outcome, "found", session.tiger_now).replayed()
            if is_absent and self._books.may_be_sent_again(entry, session.tiger_now):
                if entry.answer is not None:
                    return self._tell_refusal(session, entry)
                plan = Plan.until(deadline)
                taken = self._take_over(session, entry, plan)
                if taken is not None:
                    return self.carry_out(session, taken, plan)
            if deadline.remaining() < pause + LAST_SECONDS:
                raise self._books.get_unknown(entry)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            entry = self._books.read_again(entry)
        return get_kept(entry)

    def settle(self, session: Session, entry: Entry, deadline: Deadline) -> Entry:
        """Look once for a command that is not settled, and return its row as it stands then; nothing is sent.

        The deadline says from which share of Tiger's limits: who asks how a command stands pays as a read does.

        Raises:
            GatewayError: Tiger could not be asked.
        """
        if entry.state in SETTLED or (entry.state is State.PREPARED and entry.may_be_at_work(session.tiger_now)):
            return entry
        if entry.state is State.PREPARED:
            self._books.abandon(entry)
        else:
            outcome = self._errands[entry.kind].look(session, entry, deadline)
            if outcome is None:
                self._books.miss(entry, session.tiger_now)
            else:
                self._books.conclude(entry, outcome, "found", session.tiger_now)
        return self._books.journal.read(entry.id)

    def _send(self, session: Session, entry: Entry, plan: Plan) -> Answer:
        """Send a command until it was sent: what certainly did nothing may leave again under the same number."""
        turn, numbers = 0, 1
        while True:
            try:
                outcome = self._errands[entry.kind].send(session, entry, plan.sending)
            except NumberSpent:
                if numbers == MOST_NUMBERS:
                    return self._deny(entry, get_spent())
                entry, numbers = self._renumber(session, entry, plan), numbers + 1
                continue
            except NumberRefused:
                doubt = TigerError("Tiger refuses the order's number and shows no order under it.", in_doubt=True)
                return self._pursue(session, entry, doubt, plan, number_claim=None)
            except GatewayError as error:
                if error.in_doubt:
                    return self._pursue(session, entry, error, plan, **_keep_refusal(error))
                pause = get_pause(error)
                if turn == MOST_SENDINGS - 1 or pause is None or plan.sending.remaining() <= pause:
                    return self._deny(entry, error)
            except Exception:
                # A bug of ours after sending must not be told as a failed order: it is in doubt like a lost answer.
                logger.exception("%s %s failed unexpectedly", entry.kind, entry.id)
                doubt = TigerError("The command met an unexpected error.", in_doubt=True)
                return self._pursue(session, entry, doubt, plan)
            else:
                return self._books.conclude(entry, outcome, "answered", session.tiger_now)
            turn += 1
            time.sleep(pause)

    def _pursue(self, session: Session, entry: Entry, error: GatewayError, plan: Plan, **columns: Any) -> Answer:
        doubtful = self._books.doubt(entry, error, session.tiger_now, **columns)
        return self.find_out(session, doubtful, plan.deadline)

    def _tell_refusal(self, session: Session, entry: Entry) -> Answer:
        """Return the refusal of a later sending, where the earlier ones never arrived; the command stays watched."""
        self._books.miss(entry, session.tiger_now)
        return Answer.from_json(entry.answer or "").replayed()

    def _take_over(self, session: Session, entry: Entry, plan: Plan) -> Entry | None:
        """Make the row say that this worker sends the command again, where Tiger refused its number under another one.

        Raises:
            OrderStateUnknown: It needs another number, and there is none.
        """
        if not entry.needs_number:
            return self._books.take_over(entry, plan.get_timing(session))
        try:
            return self._give_number(session, entry, plan, attempts=entry.attempts + 1)
        except GatewayError as cause:
            raise self._books.get_unknown(entry) from cause

    def _deny(self, entry: Entry, error: GatewayError) -> Answer:
        """Return what another worker found, or raise what is told of a sending that certainly did not happen."""
        error = get_denial(error)
        found = self._books.deny(entry, error)
        if found is None:
            raise self._get_told(entry, error)
        return found

    def _get_told(self, entry: Entry, error: GatewayError) -> GatewayError:
        """Return the error itself, unless an earlier attempt was in doubt: that one may have been carried out."""
        return self._books.get_unknown(entry) if entry.attempts > 1 else error

    def _look(self, session: Session, entry: Entry, deadline: Deadline) -> tuple[Outcome | None, bool]:
        """Return what was found, and whether the answer was a good one that showed no trace."""
        try:
            outcome = self._errands[entry.kind].look(session, entry, deadline.for_lookup())
            if outcome is None and entry.sent_by_tiger is None:
                self._books.miss(entry, session.tiger_now)
        except GatewayError as error:
            logger.info("Looking for %s %s failed: %s", entry.kind, entry.id, error.code)
            return None, False
        except Exception:
            # What is in doubt stays in doubt, whatever is wrong with us.
            logger.exception("Looking for %s %s failed unexpectedly", entry.kind, entry.id)
            return None, False
        return outcome, outcome is None

    def _renumber(self, session: Session, entry: Entry, plan: Plan) -> Entry:
        """Give a placement another number, since Tiger refused its own as another program's.

        Raises:
            GatewayError: There is none; the placement is denied.
        """
        logger.warning("Order number %s of account %s was used by another program", entry.order_number, entry.account)
        try:
            moved = self._give_number(session, entry, plan, attempts=entry.attempts)
        except GatewayError as error:
            self._books.deny(entry, error)
            raise self._get_told(entry, error) from error
        if moved is None:
            raise self._books.get_unknown(entry)
        return moved

    def _give_number(self, session: Session, entry: Entry, plan: Plan, *, attempts: int) -> Entry | None:
        """Make the row say that it is sent under another number, or return None where another worker changed it.

        Raises:
            GatewayError: There is no number.
        """
        # What was told together with the old one is as old, and likely used as well.
        self._numbers.forget(session)
        told = number = self._numbers.take_or_reserve(session, plan.sending)
        for _ in range(MOST_NUMBERS_TRIED):
            try:
                return self._books.renumber(entry, plan.get_timing(session), number, attempts)
            except NumberTaken:
                # Tiger told it to others of ours, too: theirs are used or about to be.
                number = self._books.journal.find_free_number(entry.account, told)
        raise get_spent()


def _keep_refusal(error: GatewayError) -> dict[str, str]:
    """Return what the row keeps of a refusal that an earlier sending leaves in doubt; that of a number says nothing."""
    refusal = error if isinstance(error, OrderRejected) else error.__cause__
    if not isinstance(refusal, OrderRejected) or says_duplicate(refusal):
        return {}
    return {"answer": Answer(error=refusal).to_json()}


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
