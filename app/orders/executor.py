"""Carry one command from its row in the journal to its result, whatever fails on the way.

The row is on disk before anything is sent. What fails without doubt is reported as it is. What is in doubt is looked up
until the deadline; only what stays without a trace after the stated wait is sent again, under the same number.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import PoolProxiedConnection

from app.errors import GatewayError, OrderRejected, TigerError, TigerRateLimited, TigerUnavailable, TradingHalted
from app.orders.context import OrderContext
from app.orders.gate import GATED, NOTHING, REFUSED_AGAIN, Said
from app.orders.handlers import CommandHandler, NumberRefused, NumberSpent
from app.orders.numbers import get_spent, write_with_number
from app.orders.records import RENUMBERED, SENT_AGAIN, CommandRecord
from app.orders.results import CommandResult
from app.orders.states import RESOLVED
from app.orders.times import LAST_SECONDS, LOOK_SECONDS, OrderTimes
from app.orders.transitions import get_denial
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import says_duplicate

AGAIN_SECONDS: Final = 0.2
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 2.0
SHORT_SECONDS: Final = 2.0
"""A rate limit that is over this soon is waited for."""

MOST_SENDINGS: Final = 3
MOST_NUMBERS: Final = 6
"""How many order numbers one command tries, where Tiger says of each that it is used."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Doubtful:
    """A sending of which nobody knows what became; ``columns`` are what its row keeps of that."""

    error: GatewayError
    columns: Mapping[str, Any] = field(default_factory=dict)
    is_number_refused: bool = False


class CommandExecutor:
    """Work on one command for one request."""

    def __init__(self, context: OrderContext, session: Session, handler: CommandHandler) -> None:
        self._context = context
        self._transitions = context.transitions
        self._session = session
        self._handler = handler

    def carry_out(self, record: CommandRecord, times: OrderTimes) -> CommandResult:
        """Send a command whose row says so, and return how it ended.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was not carried out.
        """
        sent = self.send(record, times)
        result = sent if isinstance(sent, CommandResult) else self.find_out(sent, times.working)
        return replace(result, is_replayed=False)

    def find_out(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Look for a command in doubt until the deadline; what never arrived is sent again, once the wait is over.

        Raises:
            OrderStateUnknown: The outcome could not be learnt within the deadline.
            GatewayError: It was sent again and certainly not carried out.
        """
        pause = FIRST_PAUSE_SECONDS
        while record.state not in RESOLVED:
            result, is_absent = self._look(record, deadline.at_most(LOOK_SECONDS))
            if result is not None:
                return self._note_found(record, result)
            if is_absent and self._transitions.may_be_sent_again(record, self._session.tiger_now):
                if record.answer is not None:
                    # A later sending was refused, and the earlier ones never arrived; the command stays watched.
                    self._transitions.mark_absent(record, self._session.tiger_now)
                    return record.result
                times = OrderTimes.until(deadline)
                taken = self._take_over(record, times)
                if taken is not None:
                    return self.carry_out(taken, times)
            if deadline.remaining() < pause + LAST_SECONDS:
                raise self._context.doubt.get_unknown(record)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            record = self._transitions.read_again(record)
        return record.result

    def look(self, record: CommandRecord, deadline: Deadline) -> CommandResult | None:
        """Look once for a command in doubt, and return how it ended where that can be seen."""
        result, _ = self._look(record, deadline.at_most(LOOK_SECONDS))
        return None if result is None else self._note_found(record, result)

    def send(self, record: CommandRecord, times: OrderTimes) -> CommandResult | CommandRecord:
        """Send a command whose row says so, and return how it ended, or its row where nobody knows.

        What certainly did nothing may leave again under the same number.

        Raises:
            OrderStateUnknown: The doubt cannot be written down, or is another worker's.
            GatewayError: It was not carried out.
        """
        turn, numbers = 1, 1
        while True:
            try:
                sent = self._send_once(record, times.sending)
                break
            except NumberSpent:
                logger.warning("Order number %s of account %s is another program's", record.number, record.account)
                try:
                    renumbered = self._renumber(record, times, is_last=numbers == MOST_NUMBERS)
                except GatewayError as error:
                    return self._mark_denied(record, error)
                if renumbered is None:
                    raise self._context.doubt.get_unknown(record) from None
                record, numbers = renumbered, numbers + 1
            except GatewayError as error:
                pause = get_pause(error)
                if turn == MOST_SENDINGS or pause is None or times.sending.remaining() <= pause:
                    return self._mark_denied(record, error)
                turn += 1
                time.sleep(pause)
        if isinstance(sent, CommandResult):
            return self._transitions.conclude(record, sent, "answered", self._session.tiger_now)
        return self._transitions.mark_unknown(
            record, sent.error, self._session.tiger_now, is_number_refused=sent.is_number_refused, **sent.columns
        )

    def _send_once(self, record: CommandRecord, deadline: Deadline) -> "CommandResult | _Doubtful":
        """Return how a sending ended, or that nobody knows.

        Raises:
            NumberSpent: It needs another order number.
            GatewayError: It was certainly not carried out.
        """
        try:
            return self._handler.send(record, deadline)
        except NumberSpent:
            raise
        except NumberRefused:
            doubt = TigerError("Tiger refuses the order's number and shows no order under it.", in_doubt=True)
            return _Doubtful(doubt, is_number_refused=True)
        except GatewayError as error:
            if not error.in_doubt:
                raise
            return _Doubtful(error, _keep_refusal(error))
        except Exception:
            # A bug of ours after sending must not be reported as a failed order: it is in doubt like a lost answer.
            logger.exception("%s %s failed unexpectedly", record.kind, record.id)
            return _Doubtful(TigerError("The command met an unexpected error.", in_doubt=True))

    def _mark_denied(self, record: CommandRecord, error: GatewayError) -> CommandResult:
        """Return what another worker found, or raise what is reported of a sending that certainly did not happen."""
        denial = get_denial(error)
        found = self._transitions.mark_denied(record, denial)
        if found is not None:
            return found
        # An earlier attempt that was in doubt may have been carried out.
        raise self._context.doubt.get_unknown(record) if record.attempts > 1 else denial

    def _note_found(self, record: CommandRecord, result: CommandResult) -> CommandResult:
        return self._transitions.conclude(record, result, "found", self._session.tiger_now).replayed()

    def _look(self, record: CommandRecord, deadline: Deadline) -> tuple[CommandResult | None, bool]:
        """Return what was found, and whether the answer was a good one that showed no trace."""
        try:
            result = self._handler.look(record, deadline.for_lookup())
            if result is None and record.sent_by_tiger is None:
                self._transitions.mark_absent(record, self._session.tiger_now)
        except GatewayError as error:
            logger.info("Looking for %s %s failed: %s", record.kind, record.id, error.code)
            return None, False
        except Exception:
            # What is in doubt stays in doubt, whatever is wrong with us.
            logger.exception("Looking for %s %s failed unexpectedly", record.kind, record.id)
            return None, False
        return result, result is None

    def _readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> Said:
        self._context.gate.readmit(driver, record)
        return NOTHING

    def _take_over(self, record: CommandRecord, times: OrderTimes) -> CommandRecord | None:
        """Make the row say that this worker sends the command again, or return None where that cannot be.

        Raises:
            OrderStateUnknown: The gate does not let it pass again. It stays in doubt, and is looked for as before.
        """
        timing = times.get_timing(self._session.tiger_now)
        admit = self._readmit if record.kind in GATED else None
        try:
            return self._transitions.begin_sending(record, SENT_AGAIN, timing, admit=admit)
        except REFUSED_AGAIN as error:
            logger.info("%s %s is not sent again: %s", record.kind, record.id, error.message)
            # A halt ends; what is not counted never will be.
            not_again = None if isinstance(error, TradingHalted) else error.message
            raise self._context.doubt.get_unknown(record, not_again) from None
        except GatewayError as error:
            logger.info("%s %s cannot be sent again: %s", record.kind, record.id, error.code)
            return None

    def _renumber(self, record: CommandRecord, times: OrderTimes, *, is_last: bool) -> CommandRecord | None:
        """Make the row say that it is sent under another number, or return None where another worker changed it.

        Raises:
            GatewayError: There is no number.
        """
        if is_last:
            raise get_spent()
        numbers, session = self._context.numbers, self._session
        # What was offered together with the old one is as old, and likely used as well.
        numbers.forget(session)
        offered = numbers.take_or_reserve(session, times.sending)

        def write(number: int) -> CommandRecord | None:
            timing = times.get_timing(session.tiger_now)
            return self._transitions.begin_sending(record, RENUMBERED, timing, number=number, is_new=False)

        return write_with_number(self._context.journal, record.account, offered, write)


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
