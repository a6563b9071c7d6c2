"""Write down how a command stands, and read from its row what may be done with it.

Of two workers that know something about a command the first one writes; the other tells what it finds written, except
that an order which Tiger has is never told as anything else.
"""

import logging
from collections.abc import Sequence
from typing import Any, Final

from app.errors import (
    GatewayError,
    OrderRejected,
    OrderStateUnknown,
    StorageUnavailable,
    TigerTimeout,
    TigerUnavailable,
)
from app.orders.handlers import Outcome
from app.orders.journal import Journal, Timing
from app.orders.records import RENUMBERED, SENT_AGAIN, CommandRecord, Kind
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State

LONGEST_RETRY_SECONDS: Final = 5.0
"""How long a client is asked to wait at most: what is found is found early, and a repeat waits here too."""

LONGEST_ACCOUNT_NUMBER: Final = 12
"""Digits: the account's own order numbers count up from one, global ids have 17 and more."""

RESOLVING_LOOK_MS: Final = 1_000

FOLLOWED_MS: Final = ((4_000, 3_000), (10_000, 5_000), (40_000, 20_000), (180_000, 60_000))
"""How an accepted order is followed, in case that Tiger refuses it after all: up to an age, the pause to the next look.

Prime and paper accounts refuse what cannot be paid some two seconds after they took it.
"""
FIRST_FOLLOWING_LOOK_MS: Final = 2_500

OVERTAKEN: Final = "The change shows no effect, and a later command for the order came after it: it was not sent again."

logger = logging.getLogger(__name__)


class Transitions:
    """What a executor writes into the journal."""

    def __init__(self, journal: Journal, *, absence_seconds: float) -> None:
        self.journal = journal
        self._absence_ms = round(absence_seconds * 1_000)

    def conclude(
        self, record: CommandRecord, outcome: Outcome, event: str, tiger_now: int | None = None
    ) -> CommandResult:
        """Write down how a command ended, and return the answer; where another worker was first, the one it wrote.

        Raises:
            OrderStateUnknown: This attempt was rejected while another worker has begun a further one.
        """
        try:
            moved = self._write_outcome(record, outcome, event, tiger_now)
            current = moved or self.journal.read(record.id)
        except Exception:
            # Tiger has decided and the client is told; the row still says that this has to be looked up.
            logger.exception("The outcome of %s %s could not be written", record.kind, record.id)
            return outcome.answer
        if record.state is State.ABSENT:
            logger.error("%s %s surfaced at Tiger long after it was sent", record.kind, record.id)
        if moved is not None:
            return outcome.answer
        if current.state not in RESOLVED:
            if outcome.state is State.ACCEPTED or current.attempts == record.attempts:
                return self.conclude(current, outcome, event, tiger_now)
            raise self.get_unknown(current)
        if outcome.state is State.ACCEPTED and current.state is not State.ACCEPTED:
            logger.error("%s %s is at Tiger, and its row says %s", record.kind, record.id, current.state)
            return outcome.answer
        return get_kept(current)

    def mark_denied(self, record: CommandRecord, error: GatewayError) -> CommandResult | None:
        """Write down that a command was certainly not carried out; its idempotency key is free again.

        One that was in doubt before goes back to being absent: it keeps its number, and is watched. Returns the answer
        that another worker found meanwhile, where there is one.
        """
        details = {"error": error.code, "reason": error.message}
        was_in_doubt = record.state is State.SENDING and record.attempts > 1
        try:
            if was_in_doubt:
                moved = self.journal.move(record, State.ABSENT, "not_sent", details, look_in_ms=self._get_watch(record))
            else:
                told = CommandResult(error=error).to_json()
                moved = self.journal.move(record, State.DENIED, "denied", details, answer=told)
            current = moved or self.journal.read(record.id)
        except StorageUnavailable:
            logger.exception("The denial of %s %s could not be written", record.kind, record.id)
            return None
        return get_kept(current) if moved is None and current.state in RESOLVED else None

    def mark_unknown(
        self, record: CommandRecord, error: GatewayError, tiger_now: int | None, **columns: Any
    ) -> CommandRecord:
        """Write down that nobody knows what became of a command, and return its row as it stands then.

        From now, ``tiger_now`` by Tiger's clock, counts the time in which it may still surface.

        Raises:
            OrderStateUnknown: The journal cannot be written; the row still says SENDING, which asks for the same look.
        """
        logger.warning("%s %s of account %s is in doubt: %s", record.kind, record.id, record.account, error.code)
        note = {"error": error.code, "tiger_code": error.tiger_code}
        try:
            moved = self.journal.move(
                record,
                State.UNKNOWN,
                "in_doubt",
                note,
                timing=Timing(None, 0, tiger_now),
                look_in_ms=RESOLVING_LOOK_MS,
                **columns,
            )
            return moved or self.journal.read(record.id)
        except StorageUnavailable:
            logger.exception("The doubt about %s %s could not be written", record.kind, record.id)
            raise self.get_unknown(record) from None

    def abandon(self, record: CommandRecord) -> None:
        """Write down that a command was left before it was sent."""
        error = TigerUnavailable("The gateway stopped before the command was sent; nothing was done.")
        self.journal.move(record, State.DENIED, "abandoned", answer=CommandResult(error=error).to_json())

    def mark_absent(self, record: CommandRecord, tiger_now: int | None) -> None:
        """Write down that Tiger shows no trace of a command, where that proves that it never arrived."""
        if record.sent_by_tiger is None:
            self.journal.postpone(record, RESOLVING_LOOK_MS, tiger_now)
        elif (
            record.state is State.ABSENT or record.may_be_at_work(tiger_now) or not self.is_wait_over(record, tiger_now)
        ):
            return
        elif self._is_overtaken(record):
            answer = CommandResult(error=OrderRejected(OVERTAKEN)).to_json()
            self.journal.move(record, State.REJECTED, "overtaken", {"reason": OVERTAKEN}, answer=answer)
        else:
            self.journal.move(record, State.ABSENT, "absent", look_in_ms=self._get_watch(record))

    def take_over(self, record: CommandRecord, timing: Timing) -> CommandRecord | None:
        """Make the row say that this worker sends the command again, or return None where it may not."""
        attempts, note = record.attempts + 1, {"attempt": record.attempts + 1}
        try:
            return self.journal.move(
                record, State.SENDING, SENT_AGAIN, note, timing=timing, attempts=attempts, look_in_ms=timing.busy_ms
            )
        except StorageUnavailable:
            return None

    def renumber(self, record: CommandRecord, timing: Timing, number: int, attempts: int) -> CommandRecord | None:
        """Make the row say that this worker sends the order under another number; None where another one changed it.

        Raises:
            NumberTaken: Another command has that number.
            StorageUnavailable: It cannot be written.
        """
        return self.journal.move(
            record,
            State.SENDING,
            RENUMBERED,
            {"order_number": number, "attempt": attempts},
            timing=timing,
            attempts=attempts,
            order_number=number,
            number_claim=number,
            look_in_ms=timing.busy_ms,
        )

    def read_again(self, record: CommandRecord) -> CommandRecord:
        """Return a command in doubt as it stands.

        Raises:
            OrderStateUnknown: The journal cannot be read; the command is in doubt all the same.
        """
        try:
            return self.journal.read(record.id)
        except StorageUnavailable:
            raise self.get_unknown(record) from None

    def may_be_sent_again(self, record: CommandRecord, tiger_now: int | None) -> bool:
        """Tell whether absence at Tiger, seen after this row was read, proves that the command never arrived."""
        is_at_work = record.may_be_at_work(tiger_now)
        return not is_at_work and self.is_wait_over(record, tiger_now) and not self._is_overtaken(record)

    def is_wait_over(self, record: CommandRecord, tiger_now: int | None) -> bool:
        """Tell whether a command without a trace at Tiger has had the stated time to appear there.

        Tiger's own clock decides, and the journal's has to agree: neither may shorten the wait by being set forward.
        """
        if record.sent_by_tiger is None or tiger_now is None:
            return False
        waited = [tiger_now - record.sent_by_tiger]
        if record.read_at >= record.sent_by:
            # Earlier than when it was sent means that the journal's clock was set back.
            waited.append(record.read_at - record.sent_by)
        return min(waited) >= self._absence_ms

    def get_milliseconds_until_decision(self, record: CommandRecord) -> int:
        """Return how long after the reading of this row absence begins to prove something, as far as the row tells."""
        waits = record.milliseconds_until(max(record.sent_by + self._absence_ms, record.busy_until))
        return min(waits, self._absence_ms)

    def note_refusal(self, record: CommandRecord, outcome: Outcome) -> bool:
        """Write down that Tiger refused an order which it had taken, and tell whether that is so."""
        is_refused = record.state is State.ACCEPTED and outcome.state is State.REJECTED
        if is_refused and self._write_outcome(record, outcome, "refused_later"):
            logger.warning("Tiger refused order %s of account %s after it took it", outcome.order_id, record.account)
        return is_refused

    def follow(self, records: Sequence[tuple[CommandRecord, Outcome | None, bool]], tiger_now: int | None) -> None:
        """Write down what looks at accepted orders found; one that is over, or old enough, is followed no longer."""
        going_on: list[tuple[CommandRecord, int | None]] = []
        for record, outcome, is_over in records:
            if outcome is None or not self.note_refusal(record, outcome):
                age_ms = record.get_age_ms(tiger_now)
                pause = next((pause for age, pause in FOLLOWED_MS if age_ms < age), None)
                going_on.append((record, None if is_over else pause))
        self.journal.postpone_all(going_on)

    def get_unknown(self, record: CommandRecord) -> OrderStateUnknown:
        """Return the answer for a command whose outcome could not be learnt in time."""
        # A client may have named the order by the account's own number, which is no global id.
        requested = record.requested_order_id or ""
        is_global = len(requested) > LONGEST_ACCOUNT_NUMBER
        order_id = record.order_id or (requested if is_global else None)
        # A number that Tiger refused is another program's, or will be.
        own_number = None if record.needs_number else record.order_number
        number = str(own_number or "") or (None if is_global else requested) or None
        question: dict[str, Any] = {"order_id": order_id or number}
        if record.idempotency_key is not None:
            question = {"client_order_id": record.idempotency_key}
        path = "/api/trade/order-status"
        if question == {"order_id": None}:
            path, question = "/api/trade/orders", {}
        decides_in = self.get_milliseconds_until_decision(record) / 1_000
        return OrderStateUnknown(
            "The command was sent and its outcome is not known yet. It may have been carried out: ask again, or repeat "
            "the request with the same Idempotency-Key; never send it as a new one.",
            data={
                "order_id": order_id,
                "account_order_id": number,
                "client_order_id": record.idempotency_key,
                "ask": {"path": path, "body": {"account": record.account, **question}},
            },
            retry_after=min(max(1.0, decides_in), LONGEST_RETRY_SECONDS),
        )

    def _is_overtaken(self, record: CommandRecord) -> bool:
        """Tell whether a later command may have changed what a modification is seen by; sent again it would undo that.

        What cannot be read counts as overtaken: then nothing is sent.
        """
        if record.kind is not Kind.MODIFY:
            return False
        try:
            return self.journal.is_overtaken(record)
        except StorageUnavailable:
            return True

    def _write_outcome(
        self, record: CommandRecord, outcome: Outcome, event: str, tiger_now: int | None = None
    ) -> CommandRecord | None:
        details = {"order_id": outcome.order_id}
        if outcome.answer.error is not None:
            details["reason"] = outcome.answer.error.message
        order_id = outcome.order_id or record.order_id
        is_followed = record.kind is Kind.PLACE and outcome.state is State.ACCEPTED
        return self.journal.move(
            record,
            outcome.state,
            event,
            details | outcome.note,
            # Where Tiger's time was not known when it was sent, it is now: the key's time counts by it.
            timing=Timing(None, None, tiger_now) if record.sent_by_tiger is None else None,
            look_in_ms=FIRST_FOLLOWING_LOOK_MS if is_followed else None,
            answer=outcome.answer.to_json(),
            order_id=order_id,
        )

    def _get_watch(self, record: CommandRecord) -> int | None:
        """Return when to look again for what never arrived: orders may surface late, changes of orders do not."""
        return self._absence_ms if record.kind is Kind.PLACE else None


def get_denial(error: GatewayError) -> GatewayError:
    """Return how a command is denied that was not sent: it has not timed out, whatever was asked before it has."""
    if not isinstance(error, TigerTimeout):
        return error
    return TigerUnavailable(f"{error.message} Nothing was sent.", retry_after=1)


def get_kept(record: CommandRecord) -> CommandResult:
    """Return the answer that a resolved command's row holds, as a repeat of it."""
    if record.answer is None:
        raise ValueError("A resolved command has an answer.")
    return CommandResult.from_json(record.answer).replayed()
