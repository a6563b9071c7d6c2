"""Cancel one of many orders that were just listed, without waiting for what became of it."""

import time
from collections import deque
from functools import partial
from typing import Any, Final

from app.errors import GatewayError, OrderNotFound, OrderStateUnknown, StorageUnavailable, TooBusy
from app.orders.amending import Cancelling
from app.orders.context import OrderContext
from app.orders.executor import CommandExecutor
from app.orders.fates import Fate, get_fate
from app.orders.naming import OWN_MARK
from app.orders.records import CommandRecord, NewCommand
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.orders.states import OUTCOMES, State
from app.orders.times import OrderTimes
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import cancel
from app.tiger.trading.order_reads import find_order
from app.tiger.trading.order_statuses import CANCELLED, FILLED, INACTIVE, INVALID
from app.tiger.trading.orders import Order

ENDED: Final = frozenset({FILLED, CANCELLED, INACTIVE, INVALID})
CANCELLATIONS: Final = 5
WITHIN_SECONDS: Final = 1.0
"""Tiger takes so many placements and changes of an account; whether cancellations count, too, nobody says."""
LEAST_SECONDS: Final = 0.1
"""With less time left another cancellation is not begun."""
DOUBT: Final = (
    "The cancellation was sent, and what became of it is not known yet: ask how the order stands, or cancel it again."
)


class Pace:
    """Keep one request below what Tiger may take of an account's commands."""

    def __init__(self) -> None:
        self._begun: deque[float] = deque(maxlen=CANCELLATIONS)

    def wait(self, deadline: Deadline) -> None:
        """Wait for the next turn, until the deadline at most."""
        if len(self._begun) == CANCELLATIONS:
            pause = self._begun[0] + WITHIN_SECONDS - time.monotonic()
            time.sleep(max(0.0, min(pause, deadline.remaining())))
        self._begun.append(time.monotonic())


class CancellingListed(Cancelling):
    """The handler of a cancellation of an order as it was just listed; only where in doubt it is read again."""

    def __init__(self, session: Session, order: Order) -> None:
        super().__init__(session, order.order_id or "", partial(_fetch, session, order.order_id or ""))
        self._listed = order

    def send(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Send the cancellation, once."""
        if record.attempts > 1:
            return super().send(record, deadline)
        return self.carry_out(self._listed, deadline, is_first=True)

    def send_once(self, order: Order, deadline: Deadline) -> Order:
        """Ask Tiger to cancel it; all are read again together."""
        return cancel(self.session, order, deadline, is_read_again=False)


class ListedCancellation:
    """The cancellation of one listed order: begun, looked for, and told."""

    def __init__(self, context: OrderContext, session: Session, requester: Requester, order: Order) -> None:
        self._journal = context.journal
        self._session = session
        self._requester = requester
        self._order = order
        self._handler = CancellingListed(session, order)
        self._executor = CommandExecutor(context, session, self._handler)
        self._record: CommandRecord | None = None
        self._result: CommandResult | None = None
        self._error: GatewayError | None = None

    @property
    def order_id(self) -> str:
        """Return the global id of its order."""
        return self._order.order_id or ""

    @property
    def is_in_doubt(self) -> bool:
        """Return whether it was sent and nobody knows what became of it."""
        return self._result is None and (self._error is None or self._error.in_doubt)

    def begin(self, times: OrderTimes, *, is_written: bool) -> bool:
        """Write its row and send it, and return whether the journal could be written."""
        if times.sending.remaining() < LEAST_SECONDS:
            self._error = TooBusy("There was no time left for this order; nothing was sent.", retry_after=1)
            return is_written
        record = self._open(times) if is_written else None
        try:
            if record is None:
                self._result = self._handler.carry_out(self._order, times.sending, is_first=True)
                return False
            sent = self._executor.send(record, times)
        except GatewayError as error:
            self._error = error
            # Of what the journal says the executor has told all that there is to tell.
            error.in_doubt = error.in_doubt or isinstance(error, OrderStateUnknown)
        else:
            self._record, self._result = (sent, None) if isinstance(sent, CommandRecord) else (record, sent)
        return record is not None

    def look(self, deadline: Deadline) -> None:
        """See whether the order shows it by now."""
        try:
            if self._record is not None:
                self._result = self._executor.look(self._record, deadline)
            else:
                self._result = self._handler.find(deadline.for_lookup())
        except GatewayError:
            return

    def to_row(self, current: Order | None, client_order_id: str | None) -> dict[str, Any]:
        """Return what a client is told of it; ``current`` is its order as read again, where that was possible."""
        error = self._result.error if self._result else self._error
        outcome = OUTCOMES[State.UNKNOWN if self.is_in_doubt else self._result.state if self._result else State.DENIED]
        reason = DOUBT if self.is_in_doubt else error and error.message
        return {
            "order_id": self._order.order_id,
            "account_order_id": self._order.account_order_id,
            "client_order_id": client_order_id,
            "symbol": self._order.contract.symbol,
            "action": self._order.action,
            "outcome": outcome,
            "code": OrderStateUnknown.code if self.is_in_doubt else error and error.code,
            "reason": reason,
            "placed_by_gateway": is_gateways(self._order),
            "may_be_open": self._may_be_open(current),
            "order": None if current is None else current.to_dict(),
        }

    def _may_be_open(self, current: Order | None) -> bool:
        """Return whether the order may be open with nothing under way that ends it."""
        if self._result is not None and self._result.error is None:
            return False
        if current is not None:
            return get_fate(current) is Fate.LIVING
        # Tiger's refusal is told with the order as it stands, where that could be read.
        told = self._result.error.data if self._result and self._result.error else None
        return not (told and told.get("status") in ENDED)

    def _open(self, times: OrderTimes) -> CommandRecord | None:
        command = NewCommand.cancelling(self._session.account.account, self._requester, self.order_id)
        try:
            timing = times.get_timing(self._session.tiger_now)
            return self._journal.open(command, State.SENDING, None, timing).record
        except StorageUnavailable:
            return None


def is_gateways(order: Order) -> bool | None:
    """Return whether the gateway placed an order, or None where Tiger does not show marks."""
    return OWN_MARK.fullmatch(order.user_mark or "") is not None if order.includes_mark else None


def _fetch(session: Session, order_id: str, deadline: Deadline) -> Order:
    """Read an order again.

    Raises:
        OrderNotFound: Tiger shows it no longer.
        GatewayError: Tiger could not be asked, or its answer proves nothing.
    """
    order = find_order(session, deadline, order_id)
    if order is None:
        raise OrderNotFound("This account has no order with that id.")
    return order
