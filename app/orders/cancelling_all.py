"""Cancel all open orders of an account that match, each as a command of its own, and tell how each one ended."""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.errors import GatewayError, OrderStateUnknown, StorageUnavailable
from app.orders.context import OrderContext
from app.orders.executor import FIRST_PAUSE_SECONDS
from app.orders.fates import Fate, get_fate
from app.orders.handlers import LeftCommand
from app.orders.hidden_promises import is_of
from app.orders.listed_cancellations import ListedCancellation, Pace
from app.orders.matching import is_order_of
from app.orders.naming import HIDDEN_MS, get_marked_at
from app.orders.promises import get_contract
from app.orders.records import CommandRecord
from app.orders.requester import Requester
from app.orders.results import CommandResult
from app.orders.states import OUTCOMES, State
from app.orders.times import LAST_SECONDS, OrderTimes
from app.tiger import order_kinds
from app.tiger.deadline import Deadline
from app.tiger.instrument_filter import ANY, InstrumentFilter
from app.tiger.sessions import Session
from app.tiger.trading.holdings import BUY, SELL
from app.tiger.trading.narrowing import is_wanted
from app.tiger.trading.open_orders import fetch_changed_orders, fetch_open_orders
from app.tiger.trading.orders import Order

CHANGED_MS: Final = 60_000
"""Orders that changed so long before the first cancellation are read again, too: clocks of Tiger's may differ."""
LEAST_SECONDS_FOR_A_LOOK: Final = 0.5
TOLD: Final = (State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.DENIED)
ATTACHED: Final = frozenset(order_kinds.ATTACHED)
HIDDEN: Final = (
    "Tiger has this order, or may have it, and does not show it yet, so that it cannot be cancelled yet: ask how it "
    "stands, and cancel it then."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """Which open orders are meant: of some instruments, of one side (BUY or SELL), or all.

    The gateway's own that were placed after ``placed_until`` (epoch milliseconds) are not.
    """

    instrument: InstrumentFilter = ANY
    side: str | None = None
    placed_until: int | None = None

    @property
    def content(self) -> dict[str, str]:
        """Return what was said, as it is kept."""
        said = {**asdict(self.instrument), "side": self.side}
        return {name: str(value) for name, value in said.items() if value is not None}

    def matches(self, order: Order) -> bool:
        """Return whether an order of the instruments is meant; what it leaves out does not exclude it."""
        is_side = self.side is None or order.action in (None, self.side)
        placed_at = None if self.placed_until is None else get_marked_at(order.user_mark)
        return is_side and (placed_at is None or placed_at <= (self.placed_until or 0))

    def means(self, record: CommandRecord) -> bool:
        """Return whether the order of a placement is meant, or what may be attached to it."""
        ticket = record.ticket
        is_side = self.side in (None, ticket.action) or not ATTACHED.isdisjoint(ticket.roles)
        if self.placed_until is not None and record.created_at > self.placed_until:
            return False
        return is_side and is_wanted(self.instrument, asdict(get_contract(ticket)))


class CancellingAll(LeftCommand):
    """The handler of one such command, for one request; it works until the request's own deadline.

    What Tiger lists as open is meant, whoever placed it: so are orders shown, and so each can be cancelled by its id.
    """

    def __init__(
        self, context: OrderContext, session: Session, requester: Requester, wanted: OpenOrders, times: OrderTimes
    ) -> None:
        self._context = context
        self._session = session
        self._account = session.account.account
        # The idempotency key is that of the whole.
        self._requester = Requester(requester.key_id, requester.name, requester.request_id)
        self._wanted = wanted
        self._times = times

    def send(self, _record: CommandRecord, deadline: Deadline) -> CommandResult:
        """List the open orders, and cancel each."""
        return self.carry_out(deadline, is_written=True)

    def carry_out(self, deadline: Deadline, *, is_written: bool) -> CommandResult:
        """Do the same; not ``is_written``, without the journal.

        Raises:
            GatewayError: The open orders could not be listed, and nothing was sent.
        """
        started = self._session.tiger_now
        listed = fetch_open_orders(self._session, self._wanted.instrument, deadline)
        meant = [order for order in listed if self._wanted.matches(order)]
        cancellations: list[ListedCancellation] = []
        pace = Pace()
        for is_last in (False, True):
            begun = [ListedCancellation(self._context, self._session, self._requester, order) for order in meant]
            for cancellation in begun:
                pace.wait(self._times.sending)
                # To wait for the database again with each order would use up the time of all.
                is_written = cancellation.begin(self._times, is_written=is_written)
            self._look_for_doubtful(begun)
            cancellations += begun
            placements = self._find_unsettled()
            current = self._read_again(started) if cancellations or placements else {}
            # What Tiger did not list at first, and shows beside those that were cancelled, has a second round.
            meant = self._find_late(listed, current or {}, started)
            if is_last or not meant:
                break
            listed += meant
        if not is_written:
            logger.warning("Orders of account %s are cancelled without the journal", self._account)
        rows = self._get_rows(cancellations, current or {})
        rows += self._get_hidden_rows(placements, listed, current)
        outcomes = Counter(row["outcome"] for row in rows)
        return CommandResult(
            data={
                "orders": rows,
                "count": len(rows),
                "outcomes": {OUTCOMES[state]: outcomes[OUTCOMES[state]] for state in TOLD},
                "may_be_open": sum(row["may_be_open"] for row in rows),
            }
        )

    def _find_late(self, listed: Sequence[Order], current: dict[str, Order], started: int | None) -> list[Order]:
        """Return open orders that were there when the others were listed, and are shown only now."""
        known = {order.order_id for order in listed}
        return [
            order
            for order in current.values()
            if order.order_id not in known
            and get_fate(order) is Fate.LIVING
            and self._wanted.matches(order)
            and not (order.order_time is not None and started is not None and order.order_time > started)
        ]

    def _look_for_doubtful(self, cancellations: Sequence[ListedCancellation]) -> None:
        """Find out in rounds what became of those whose answer was lost, while there is time."""
        working, pause = self._times.working, FIRST_PAUSE_SECONDS
        while doubtful := [cancellation for cancellation in cancellations if cancellation.is_in_doubt]:
            for cancellation in doubtful:
                if working.remaining() > LEAST_SECONDS_FOR_A_LOOK:
                    cancellation.look(working)
            if working.remaining() < pause + LEAST_SECONDS_FOR_A_LOOK + LAST_SECONDS:
                return
            time.sleep(pause)
            pause *= 2

    def _read_again(self, started: int | None) -> dict[str, Order] | None:
        """Return orders as they stand now, by their ids, or None where there is no time or no answer."""
        since_ms, working = None if started is None else started - CHANGED_MS, self._times.working
        if working.remaining() < LEAST_SECONDS_FOR_A_LOOK:
            return None
        try:
            orders = fetch_changed_orders(self._session, self._wanted.instrument, since_ms, working.for_lookup())
        except GatewayError:
            return None
        return {order.order_id: order for order in orders if order.order_id is not None}

    def _get_rows(self, cancellations: Sequence[ListedCancellation], current: dict[str, Order]) -> list[dict[str, Any]]:
        named: dict[str, str] = {}
        with contextlib.suppress(StorageUnavailable):
            ids = [cancellation.order_id for cancellation in cancellations]
            named = self._context.journal.find_client_ids(self._account, ids)
        return [
            cancellation.to_row(current.get(cancellation.order_id), named.get(cancellation.order_id))
            for cancellation in cancellations
        ]

    def _find_unsettled(self) -> list[CommandRecord]:
        """Return our own placements that Tiger may have without showing them, of orders that are meant."""
        try:
            placements = self._context.journal.find_unsettled(self._account)
        except StorageUnavailable:
            return []
        return [record for record in placements if self._wanted.means(record)]

    def _get_hidden_rows(
        self, placements: Sequence[CommandRecord], listed: Sequence[Order], current: dict[str, Order] | None
    ) -> list[dict[str, Any]]:
        """Return a row of each order that Tiger did not list, so that nobody takes it for cancelled.

        Where it was not seen which orders are over, an accepted one that is missing may be one of them.
        """
        shown, rows = [*listed, *(current or {}).values()], []
        known = {order.order_id for order in listed}
        for record in placements:
            is_fresh = record.state is State.ACCEPTED and record.get_age_ms(self._session.tiger_now) < HIDDEN_MS
            is_hidden = record.state in {State.SENDING, State.UNKNOWN} or (is_fresh and current is not None)
            if not is_hidden:
                continue
            first = next((order for order in shown if is_order_of(record, order)), None)
            is_late = first is not None and first.order_id not in known and get_fate(first) is Fate.LIVING
            if (first is None or is_late) and self._wanted.side in (None, record.ticket.action):
                rows.append(_get_hidden_row(record))
            elif _may_hide_attached(record, first, shown) and self._wanted.side != record.ticket.action:
                rows.append({**_get_hidden_row(record), **_name_attached(record, first)})
        return rows


def _may_hide_attached(record: CommandRecord, first: Order | None, shown: Sequence[Order]) -> bool:
    """Return whether something that Tiger does not show may be attached to an order, and have come to life."""
    if ATTACHED.isdisjoint(record.ticket.roles) or (first is not None and not first.filled):
        return False
    return sum(is_of(order, record) for order in shown) == (first is not None)


def _name_attached(record: CommandRecord, first: Order | None) -> dict[str, Any]:
    action = BUY if record.ticket.action == SELL else SELL
    order_id = first.related[0].order_id if first is not None and first.related else None
    return {"order_id": order_id, "account_order_id": None, "action": action}


def _get_hidden_row(record: CommandRecord) -> dict[str, Any]:
    return {
        "order_id": record.order_id,
        "account_order_id": str(record.order_number) if record.holds_number else None,
        "client_order_id": record.idempotency_key,
        "symbol": record.ticket.symbol,
        "action": record.ticket.action,
        "outcome": OUTCOMES[State.DENIED],
        "code": OrderStateUnknown.code,
        "reason": HIDDEN,
        "placed_by_gateway": True,
        "may_be_open": True,
        "order": None,
    }
