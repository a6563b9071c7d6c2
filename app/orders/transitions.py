"""Write down how a command stands.

Of two workers that know something about a command the first one writes; the other reports what it finds written, except
that an order which Tiger has is never reported as anything else.
"""

import logging
from collections.abc import Sequence
from typing import Any, Final

from app.errors import (
    GatewayError,
    OrderRejected,
    StorageUnavailable,
    TigerTimeout,
    TigerUnavailable,
)
from app.orders.doubt import Doubt
from app.orders.gate import Admit
from app.orders.journal import FIRST_LOOK_MS, Journal
from app.orders.records import NUMBER_REFUSED, CommandRecord, Kind
from app.orders.results import CommandResult
from app.orders.states import RESOLVED, State
from app.orders.times import Timing

DOUBT_LOOK_MS: Final = 1_000

FOLLOWED_MS: Final = ((4_000, 3_000), (10_000, 5_000), (40_000, 20_000), (180_000, 60_000))
"""How an accepted order is followed, in case that Tiger refuses it after all: up to an age, the pause to the next look.

Prime and paper accounts refuse what cannot be paid some two seconds after they took it.
"""
FIRST_FOLLOWING_LOOK_MS: Final = 2_500

OVERTAKEN: Final = "The change shows no effect, and a later command for the order came after it: it was not sent again."

logger = logging.getLogger(__name__)


class Transitions:
    """The moves of a command's row, each with its event."""

    def __init__(self, journal: Journal, doubt: Doubt) -> None:
        self._journal = journal
        self._doubt = doubt

    def begin_sending(
        self,
        record: CommandRecord,
        event: str,
        timing: Timing,
        *,
        number: int | None = None,
        is_new: bool = True,
        admit: Admit | None = None,
    ) -> CommandRecord | None:
        """Make the row say that this worker sends the command, under another number where one is given.

        Returns None where another worker changed the row. ``is_new`` counts an attempt more: the last one is in doubt.

        Raises:
            NumberTaken: Another command has that number.
            GatewayError: The gate does not admit it.
            StorageUnavailable: It cannot be written.
        """
        attempts = record.attempts + 1 if is_new else record.attempts
        columns = {} if number is None else {"order_number": number, "number_claim": number}
        note = {"attempt": attempts, **({} if number is None else {"order_number": number})}
        return self._journal.move(
            record,
            State.SENDING,
            event,
            note,
            timing=timing,
            look_in_ms=FIRST_LOOK_MS,
            admit=admit,
            attempts=attempts,
            **columns,
        )

    def conclude(
        self, record: CommandRecord, result: CommandResult, event: str, tiger_now: int | None = None
    ) -> CommandResult:
        """Write down how a command ended, and return the result; where another worker was first, the one it wrote.

        Raises:
            OrderStateUnknown: This attempt was rejected while another worker has begun a further one.
        """
        try:
            moved = self._write_result(record, result, event, tiger_now)
            current = moved or self._journal.read(record.id)
        except Exception:
            # Tiger has decided and the client hears it; the row still says that this has to be looked up.
            logger.exception("The outcome of %s %s could not be written", record.kind, record.id)
            return result
        if record.state is State.ABSENT:
            logger.error("%s %s surfaced at Tiger long after it was sent", record.kind, record.id)
        if moved is not None:
            return result
        if current.state not in RESOLVED:
            if result.state is State.ACCEPTED or current.attempts == record.attempts:
                return self.conclude(current, result, event, tiger_now)
            raise self._doubt.get_unknown(current)
        if result.state is State.ACCEPTED and current.state is not State.ACCEPTED:
            logger.error("%s %s is at Tiger, and its row says %s", record.kind, record.id, current.state)
            return result
        return current.result

    def mark_denied(self, record: CommandRecord, error: GatewayError) -> CommandResult | None:
        """Write down that a command was certainly not carried out; its idempotency key is free again.

        One that was in doubt before goes back to being absent: it keeps its number, and is watched. Returns the result
        that another worker found meanwhile, where there is one.
        """
        details = {"error": error.code, "reason": error.message}
        try:
            if record.state is State.SENDING and record.attempts > 1:
                watch_ms = self._doubt.get_watch_ms(record)
                moved = self._journal.move(record, State.ABSENT, "not_sent", details, look_in_ms=watch_ms)
            else:
                answer = CommandResult(error=error).to_json()
                moved = self._journal.move(record, State.DENIED, "denied", details, answer=answer)
            current = moved or self._journal.read(record.id)
        except StorageUnavailable:
            logger.exception("The denial of %s %s could not be written", record.kind, record.id)
            return None
        return current.result if moved is None and current.state in RESOLVED else None

    def mark_unknown(
        self,
        record: CommandRecord,
        error: GatewayError,
        tiger_now: int | None,
        *,
        is_number_refused: bool = False,
        **columns: Any,
    ) -> CommandRecord:
        """Write down that nobody knows what became of a command, and return its row as it stands then.

        From now, ``tiger_now`` by Tiger's clock, counts the time in which it may still surface.

        Raises:
            OrderStateUnknown: The journal cannot be written; the row still says SENDING, which asks for the same look.
        """
        logger.warning("%s %s of account %s is in doubt: %s", record.kind, record.id, record.account, error.code)
        note: dict[str, Any] = {"error": error.code, "tiger_code": error.tiger_code}
        if is_number_refused:
            note[NUMBER_REFUSED] = True
        timing = Timing(None, 0, tiger_now)
        try:
            moved = self._journal.move(
                record, State.UNKNOWN, "in_doubt", note, timing=timing, look_in_ms=DOUBT_LOOK_MS, **columns
            )
            return moved or self._journal.read(record.id)
        except StorageUnavailable:
            logger.exception("The doubt about %s %s could not be written", record.kind, record.id)
            raise self._doubt.get_unknown(record) from None

    def mark_absent(self, record: CommandRecord, tiger_now: int | None) -> None:
        """Write down that Tiger shows no trace of a command, where that proves that it never arrived."""
        if record.sent_by_tiger is None:
            self._journal.postpone(record, DOUBT_LOOK_MS, tiger_now)
        elif record.state is State.ABSENT or not self._proves_absence(record, tiger_now):
            return
        elif self._is_overtaken(record):
            answer = CommandResult(error=OrderRejected(OVERTAKEN)).to_json()
            self._journal.move(record, State.REJECTED, "overtaken", {"reason": OVERTAKEN}, answer=answer)
        else:
            self._journal.move(record, State.ABSENT, "absent", look_in_ms=self._doubt.get_watch_ms(record))

    def abandon(self, record: CommandRecord) -> None:
        """Write down that a command was left before it was sent."""
        error = TigerUnavailable("The gateway stopped before the command was sent; nothing was done.")
        self._journal.move(record, State.DENIED, "abandoned", answer=CommandResult(error=error).to_json())

    def read_again(self, record: CommandRecord) -> CommandRecord:
        """Return a command in doubt as it stands.

        Raises:
            OrderStateUnknown: The journal cannot be read; the command is in doubt all the same.
        """
        try:
            return self._journal.read(record.id)
        except StorageUnavailable:
            raise self._doubt.get_unknown(record) from None

    def may_be_sent_again(self, record: CommandRecord, tiger_now: int | None) -> bool:
        """Return whether absence at Tiger, seen after this row was read, proves that the command never arrived."""
        return self._proves_absence(record, tiger_now) and not self._is_overtaken(record)

    def note_refusal(self, record: CommandRecord, result: CommandResult) -> bool:
        """Write down that Tiger refused an order which it had taken, and return whether that is so."""
        is_refused = record.state is State.ACCEPTED and result.state is State.REJECTED
        if is_refused and self._write_result(record, result, "refused_later"):
            logger.warning("Tiger refused order %s of account %s after it took it", result.order_id, record.account)
        return is_refused

    def follow(
        self, records: Sequence[tuple[CommandRecord, CommandResult | None, bool]], tiger_now: int | None
    ) -> None:
        """Write down what looks at accepted orders found; one that is over, or old enough, is followed no longer."""
        going_on: list[tuple[CommandRecord, int | None]] = []
        for record, result, is_over in records:
            if result is None or not self.note_refusal(record, result):
                age_ms = record.get_age_ms(tiger_now)
                pause = next((pause for age, pause in FOLLOWED_MS if age_ms < age), None)
                going_on.append((record, None if is_over else pause))
        self._journal.postpone_all(going_on)

    def _proves_absence(self, record: CommandRecord, tiger_now: int | None) -> bool:
        return not record.may_be_at_work(tiger_now) and self._doubt.is_wait_over(record, tiger_now)

    def _is_overtaken(self, record: CommandRecord) -> bool:
        """Return whether a later command may have changed what a modification is seen by, and would be undone.

        What cannot be read counts as overtaken: then nothing is sent.
        """
        if record.kind is not Kind.MODIFY:
            return False
        try:
            return self._journal.is_overtaken(record)
        except StorageUnavailable:
            return True

    def _write_result(
        self, record: CommandRecord, result: CommandResult, event: str, tiger_now: int | None = None
    ) -> CommandRecord | None:
        reason = {} if result.error is None else {"reason": result.error.message}
        is_followed = record.kind is Kind.PLACE and result.state is State.ACCEPTED
        return self._journal.move(
            record,
            result.state,
            event,
            {"order_id": result.order_id, **reason, **result.note},
            # Where Tiger's time was not known when it was sent, it is now: the key's time counts by it.
            timing=Timing(None, None, tiger_now) if record.sent_by_tiger is None else None,
            look_in_ms=FIRST_FOLLOWING_LOOK_MS if is_followed else None,
            answer=result.to_json(),
            order_id=result.order_id or record.order_id,
        )


def get_denial(error: GatewayError) -> GatewayError:
    """Return how a command is denied that was not sent: it has not timed out, whatever was asked before it has."""
    if not isinstance(error, TigerTimeout):
        return error
    return TigerUnavailable(f"{error.message} Nothing was sent.", retry_after=1)
