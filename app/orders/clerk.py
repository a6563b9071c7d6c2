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

from app.errors import GatewayError, OrderStateUnknown, StorageUnavailable, TigerError, TigerUnavailable
from app.orders.answers import Answer
from app.orders.entries import Entry, Kind
from app.orders.errands import Errand, NumberSpent, Outcome
from app.orders.journal import Journal, NumberTaken, Timing
from app.orders.numbers import OrderNumbers
from app.orders.states import SETTLED, State
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session

SENDING_SHARE: Final = 0.6
"""Part of a command's time that sending may take; the rest is for finding out what became of it."""

AGAIN_SECONDS: Final = 0.2
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 3.0
"""Most time that one look may take: Tiger hanging once should leave time for a second look."""

LAST_SECONDS: Final = 0.15
"""What is kept for writing the outcome and answering."""

MOST_SENDINGS: Final = 3
LONGEST_RETRY_SECONDS: Final = 5.0
"""How long a client is asked to wait at most: what is found is found early, and a repeat waits here too."""

SETTLING_LOOK_MS: Final = 1_000

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

    @property
    def timing(self) -> Timing:
        """Return what the row says of it."""
        return Timing(math.ceil(self.deadline.remaining() * 1_000), math.ceil(self.sending.remaining() * 1_000))


class Clerk:
    """Carry out commands; one for each gateway, used by all its threads."""

    def __init__(
        self, journal: Journal, numbers: OrderNumbers, errands: Mapping[Kind, Errand], *, absence_seconds: float
    ) -> None:
        self._journal = journal
        self._numbers = numbers
        self._errands = errands
        self._absence_ms = round(absence_seconds * 1_000)

    def carry_out(self, session: Session, entry: Entry, plan: Plan) -> Answer:
        """Send a command whose row says so, and return how it ended.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was not carried out.
        """
        try:
            answer = self._send(session, entry, plan)
        except GatewayError as error:
            if not error.in_doubt:
                raise
            logger.warning("%s %s of account %s is in doubt: %s", entry.kind, entry.id, entry.account, error.code)
            note = {"error": error.code, "tiger_code": error.tiger_code}
            answer = self.find_out(session, self._doubt(entry, note), plan.deadline)
        return replace(answer, is_replayed=False)

    def find_out(self, session: Session, entry: Entry, deadline: Deadline) -> Answer:
        """Look for a command in doubt until the deadline; what never arrived is sent again, once the wait is over.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was sent again and certainly not carried out.
        """
        pause, looks = FIRST_PAUSE_SECONDS, 0
        while entry.state not in SETTLED:
            outcome, is_absent = self._look(session, entry, deadline.at_most(LOOK_SECONDS), thoroughly=looks > 0)
            if outcome is not None:
                return self.conclude(entry, outcome, "found").replayed()
            if is_absent and not entry.is_busy and self.is_wait_over(entry):
                plan = Plan.until(deadline)
                taken = self._take_over(entry, plan)
                if taken is not None:
                    return self.carry_out(session, taken, plan)
            looks += 1
            if deadline.remaining() < pause + LAST_SECONDS:
                raise self.get_unknown(entry)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            entry = self._read_again(entry)
        return get_kept(entry)

    def settle(self, session: Session, entry: Entry, deadline: Deadline) -> Entry:
        """Look once for a command that is not settled, and return its row as it stands then; nothing is sent.

        Raises:
            GatewayError: Tiger could not be asked.
        """
        if entry.state in SETTLED or (entry.state is State.PREPARED and entry.is_busy):
            return entry
        if entry.state is State.PREPARED:
            error = TigerUnavailable("The gateway stopped before the command was sent; nothing was done.")
            moved = self._journal.move(entry, State.DENIED, "abandoned", answer=Answer(error=error).to_json())
            return moved or self._journal.read(entry.id)
        outcome = self._errands[entry.kind].look(session, entry, deadline, thoroughly=True)
        if outcome is not None:
            self.conclude(entry, outcome, "found")
        elif entry.state is not State.ABSENT and not entry.is_busy and self.is_wait_over(entry):
            self._journal.move(entry, State.ABSENT, "absent", look_in_ms=self._get_watch(entry))
        return self._journal.read(entry.id)

    def conclude(self, entry: Entry, outcome: Outcome, event: str) -> Answer:
        """Write down how a command ended, and return the answer; where another worker was first, the one it wrote."""
        details = {"order_id": outcome.order_id}
        if outcome.answer.error is not None:
            details["reason"] = outcome.answer.error.message
        try:
            moved = self._journal.move(
                entry,
                outcome.state,
                event,
                details,
                answer=outcome.answer.to_json(),
                order_id=outcome.order_id or entry.order_id,
                order_number=entry.order_number,
                attempts=entry.attempts,
            )
            current = moved or self._journal.read(entry.id)
        except StorageUnavailable:
            # Tiger has decided and the client is told; the row still says that this has to be looked up.
            logger.exception("The outcome of %s %s could not be written", entry.kind, entry.id)
            return outcome.answer
        if entry.state is State.ABSENT:
            logger.error("%s %s surfaced at Tiger long after it was sent", entry.kind, entry.id)
        if moved is None and current.state not in SETTLED:
            return self.conclude(current, outcome, event)
        return outcome.answer if moved else get_kept(current)

    def is_wait_over(self, entry: Entry) -> bool:
        """Tell whether a command without a trace at Tiger has had the stated time to appear there."""
        return entry.read_at >= entry.sent_by + self._absence_ms

    def get_milliseconds_until_decision(self, entry: Entry) -> int:
        """Return how long after the reading of this row absence at Tiger begins to prove something."""
        return entry.milliseconds_until(max(entry.sent_by + self._absence_ms, entry.busy_until))

    def get_unknown(self, entry: Entry) -> OrderStateUnknown:
        """Return the answer for a command whose outcome could not be learnt in time."""
        order_id = entry.order_id or entry.requested_order_id
        number = None if entry.order_number is None else str(entry.order_number)
        question = {"order_id": order_id or number} if order_id or number else None
        if entry.idempotency_key is not None:
            question = {"client_order_id": entry.idempotency_key}
        settles_in = self.get_milliseconds_until_decision(entry) / 1_000
        return OrderStateUnknown(
            "The command was sent and its outcome is not known yet. It may have been carried out: ask again, or repeat "
            "the request with the same Idempotency-Key; never send it as a new one.",
            data={
                "order_id": order_id,
                "account_order_id": number,
                "client_order_id": entry.idempotency_key,
                "ask": {"path": "/api/trade/order-status", "body": {"account": entry.account, **(question or {})}},
            },
            retry_after=min(max(1.0, settles_in), LONGEST_RETRY_SECONDS),
        )

    def _send(self, session: Session, entry: Entry, plan: Plan) -> Answer:
        """Send a command until it was sent: what certainly did not leave may leave again under the same number."""
        errand = self._errands[entry.kind]
        for turn in range(MOST_SENDINGS):
            try:
                # A turn is an attempt too: whether a refused number is another program's depends on it.
                outcome = errand.send(session, replace(entry, attempts=entry.attempts + turn), plan.sending)
            except NumberSpent:
                entry = self._renumber(session, entry, plan)
                continue
            except GatewayError as error:
                if error.in_doubt:
                    raise
                is_last = turn == MOST_SENDINGS - 1 or plan.sending.remaining() <= AGAIN_SECONDS
                if is_last or not isinstance(error, TigerUnavailable):
                    self.deny(entry, error)
                    raise
                time.sleep(AGAIN_SECONDS)
                continue
            except Exception as error:
                # A bug of ours after sending must not be told as a failed order: it is in doubt like a lost answer.
                logger.exception("%s %s failed unexpectedly", entry.kind, entry.id)
                raise TigerError("The command met an unexpected error.", in_doubt=True) from error
            return self.conclude(entry, outcome, "answered")
        spent = TigerError("Tiger gives out order numbers that are used already; the order was not placed.")
        self.deny(entry, spent)
        raise spent

    def deny(self, entry: Entry, error: GatewayError) -> None:
        """Write down that a command was certainly not carried out; its idempotency key is free again.

        One that was in doubt before goes back to being absent: it keeps its number, and is watched.
        """
        details = {"error": error.code, "reason": error.message}
        try:
            if entry.state is State.SENDING and entry.attempts > 1:
                self._journal.move(entry, State.ABSENT, "not_sent", details, look_in_ms=self._get_watch(entry))
            else:
                self._journal.move(entry, State.DENIED, "denied", details, answer=Answer(error=error).to_json())
        except StorageUnavailable:
            logger.exception("The denial of %s %s could not be written", entry.kind, entry.id)

    def _doubt(self, entry: Entry, note: dict[str, Any]) -> Entry:
        try:
            moved = self._journal.move(entry, State.UNKNOWN, "in_doubt", note, look_in_ms=SETTLING_LOOK_MS)
            return moved or self._journal.read(entry.id)
        except StorageUnavailable:
            # The row still says SENDING, which asks for the same look.
            logger.exception("The doubt about %s %s could not be written", entry.kind, entry.id)
            raise self.get_unknown(entry) from None

    def _look(
        self, session: Session, entry: Entry, deadline: Deadline, *, thoroughly: bool
    ) -> tuple[Outcome | None, bool]:
        """Return what was found, and whether the answer was a good one that showed no trace."""
        try:
            # Only a look with every means may say that there is nothing.
            thoroughly = thoroughly or self.is_wait_over(entry)
            outcome = self._errands[entry.kind].look(session, entry, deadline, thoroughly=thoroughly)
        except GatewayError as error:
            logger.info("Looking for %s %s failed: %s", entry.kind, entry.id, error.code)
            return None, False
        return outcome, outcome is None

    def _take_over(self, entry: Entry, plan: Plan) -> Entry | None:
        """Make the row say that this worker sends the command again, or return None where another one does."""
        timing, attempts = plan.timing, entry.attempts + 1
        note = {"attempt": attempts}
        try:
            return self._journal.move(
                entry, State.SENDING, "sent_again", note, timing=timing, attempts=attempts, look_in_ms=timing.busy_ms
            )
        except StorageUnavailable:
            return None

    def _read_again(self, entry: Entry) -> Entry:
        try:
            return self._journal.read(entry.id)
        except StorageUnavailable:
            # The command is in doubt all the same, and that is what the client has to be told.
            raise self.get_unknown(entry) from None

    def _renumber(self, session: Session, entry: Entry, plan: Plan) -> Entry:
        """Give a placement another number, since Tiger refused its own as used."""
        logger.warning("Order number %s of account %s was used by another program", entry.order_number, entry.account)
        try:
            number = self._numbers.take_or_reserve(session, plan.sending)
            moved = self._journal.move(
                entry,
                State.SENDING,
                "renumbered",
                {"order_number": number},
                order_number=number,
                timing=plan.timing,
                look_in_ms=SETTLING_LOOK_MS,
            )
        except NumberTaken as error:
            denial = TigerError("Tiger gives out order numbers that are used already; the order was not placed.")
            self.deny(entry, denial)
            raise denial from error
        except GatewayError as error:
            self.deny(entry, error)
            raise
        if moved is None:
            raise TigerError("Another worker settled the order meanwhile.", in_doubt=True)
        return moved

    def _get_watch(self, entry: Entry) -> int | None:
        """Return when to look again for what never arrived: orders may surface late, changes of orders do not."""
        return self._absence_ms if entry.kind is Kind.PLACE else None


def get_kept(entry: Entry) -> Answer:
    """Return the answer that a settled command's row holds, as a repeat of it."""
    if entry.answer is None:
        raise ValueError("A settled command has an answer.")
    return Answer.from_json(entry.answer).replayed()
