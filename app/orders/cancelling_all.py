"""Cancel all open orders of an account that match, each as a command of its own, and tell how each one ended."""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.clock import get_now_ms
from app.errors import GatewayError, StorageUnavailable
from app.orders.cancelled_rows import get_attached_row, get_doubtful_row, get_hidden_row, get_unread_row
from app.orders.context import OrderContext
from app.orders.executor import FIRST_PAUSE_SECONDS
from app.orders.fates import Fate, get_fate
from app.orders.handlers import LeftCommand
from app.orders.hidden_promises import is_of
from app.orders.listed_cancellations import ListedCancellation, Pace
from app.orders.matching import is_order_of
from app.orders.naming import HIDDEN_MS
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
from app.tiger.trading.holdings import may_be_wanted, widen
from app.tiger.trading.narrowing import is_wanted
from app.tiger.trading.open_orders import fetch_changed_orders, fetch_open_orders
from app.tiger.trading.orders import Order

CHANGED_MS: Final = 60_000
"""Orders that changed so long before the first cancellation are read again, too: clocks of Tiger's may differ."""
LEAST_SECONDS_FOR_A_LOOK: Final = 0.5
TOLD: Final = (State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.DENIED)
ATTACHED: Final = frozenset(order_kinds.ATTACHED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """Which open orders are meant: of some instruments, of one side (BUY or SELL), or all.

    What the gateway has placed to close a position after ``placed_until`` (epoch milliseconds) is not.
    """

    instrument: InstrumentFilter = ANY
    side: str | None = None
    placed_until: int | None = None

    @property
    def content(self) -> dict[str, str]:
        """Return what was said, as it is kept."""
        said = {**asdict(self.instrument), "side": self.side}
        return {name: str(value) for name, value in said.items() if value is not None}

    @property
    def listed(self) -> InstrumentFilter:
        """Return what Tiger's lists are narrowed to: an instrument with several names may be listed by any of them."""
        return widen(self.instrument)

    def matches(self, order: Order) -> bool:
        """Return whether an order is meant; what it leaves out does not exclude it."""
        is_side = self.side is None or order.action in (None, self.side)
        return is_side and is_wanted(self.instrument, asdict(order.contract))

    def may_mean(self, order: Order) -> bool:
        """Return the same of an order that may be of the instrument under another of its names."""
        is_side = self.side is None or order.action in (None, self.side)
        return is_side and may_be_wanted(self.instrument, asdict(order.contract))

    def means(self, record: CommandRecord) -> bool:
        """Return whether the order of a placement may be meant, or what may be attached to it."""
        ticket = record.ticket
        is_side = self.side in (None, ticket.action) or not ATTACHED.isdisjoint(ticket.roles)
        return is_side and not self.spares(record) and may_be_wanted(self.instrument, asdict(get_contract(ticket)))

    def spares(self, record: CommandRecord) -> bool:
        """Return whether a placement closes a position, and is too late to be meant.

        How old it is the journal's clock says, which may be another machine's.
        """
        if self.placed_until is None or record.closes is None:
            return False
        return get_now_ms() - (record.read_at - record.created_at) > self.placed_until


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
        every = fetch_open_orders(self._session, self._wanted.listed, deadline)
        listed = self._leave_out_spared(every)
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
            current = self._read_again(started) if cancellations or placements is None or placements else {}
            # What Tiger did not list at first, and shows beside those that were cancelled, has a second round.
            meant = self._leave_out_spared(self._find_late(every, current or {}, started))
            if is_last or not meant:
                break
            every += meant
            listed += meant
        if not is_written:
            logger.warning("Orders of account %s are cancelled without the journal", self._account)
        rows = self._get_rows(cancellations, current or {})
        rows += [get_doubtful_row(order) for order in self._find_doubtful(listed, current or {})]
        rows += [get_unread_row()] if placements is None else self._get_hidden_rows(placements, listed, current)
        outcomes = Counter(row["outcome"] for row in rows)
        return CommandResult(
            data={
                "orders": rows,
                "count": len(rows),
                "outcomes": {OUTCOMES[state]: outcomes[OUTCOMES[state]] for state in TOLD},
                "may_be_open": sum(row["may_be_open"] for row in rows),
            }
        )

    def _find_doubtful(self, listed: Sequence[Order], current: Mapping[str, Order]) -> list[Order]:
        """Return what is open that may be of the instrument and is named otherwise: which one it is nobody says."""
        latest = {order.order_id: order for order in (*listed, *current.values())}
        return [
            order
            for order in latest.values()
            if get_fate(order) is Fate.LIVING and self._wanted.may_mean(order) and not self._wanted.matches(order)
        ]

    def _leave_out_spared(self, orders: list[Order]) -> list[Order]:
        """Return the orders without those that close positions and are too late to be meant."""
        spared = self._find_spared(orders)
        return [order for order in orders if order.order_id not in spared]

    def _find_spared(self, orders: Sequence[Order]) -> set[str | None]:
        """Return the ids of such orders; where nobody knows which they are, none."""
        wanted, journal = self._wanted, self._context.journal
        if wanted.placed_until is None or not orders:
            return set()
        try:
            ids = [order.order_id for order in orders if order.order_id is not None]
            closings = [record for record in journal.find_placed(self._account, ids) if wanted.spares(record)]
            closings += [record for record in journal.find_unsettled(self._account) if wanted.spares(record)]
        except StorageUnavailable:
            return set()
        return {order.order_id for order in orders if any(is_order_of(record, order) for record in closings)}

    def _find_late(self, listed: Sequence[Order], current: dict[str, Order], started: int | None) -> list[Order]:
        """Return open orders that were there when the others were listed, and are shown only now.

        What came with one of those counts as there, whenever Tiger says that it began.
        """
        known = {order.order_id for order in listed}
        marks = {order.user_mark for order in listed if self._wanted.matches(order)} - {None}

        def is_later(order: Order) -> bool:
            if order.user_mark in marks or (order.parent_id is not None and order.parent_id in known):
                return False
            return order.order_time is not None and started is not None and order.order_time > started

        return [
            order
            for order in current.values()
            if order.order_id not in known
            and get_fate(order) is Fate.LIVING
            and self._wanted.matches(order)
            and not is_later(order)
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
            # Tiger shows a cancellation when it is carried out, and each look costs a call.
            time.sleep(pause)
            pause *= 2

    def _read_again(self, started: int | None) -> dict[str, Order] | None:
        """Return orders as they stand now, by their ids, or None where there is no time or no answer."""
        since_ms, working = None if started is None else started - CHANGED_MS, self._times.working
        if working.remaining() < LEAST_SECONDS_FOR_A_LOOK:
            return None
        try:
            orders = fetch_changed_orders(self._session, self._wanted.listed, since_ms, working.for_lookup())
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

    def _find_unsettled(self) -> list[CommandRecord] | None:
        """Return our own placements that Tiger may have without showing them, of orders that are meant.

        None is returned where nobody can say it.
        """
        try:
            placements = self._context.journal.find_unsettled(self._account)
        except StorageUnavailable:
            return None
        return [record for record in placements if self._wanted.means(record)]

    def _get_hidden_rows(
        self, placements: Sequence[CommandRecord], listed: Sequence[Order], current: dict[str, Order] | None
    ) -> list[dict[str, Any]]:
        """Return a row of each order that Tiger did not list, so that nobody takes it for cancelled.

        Where it was not seen which orders are over, one that was accepted a moment ago may be over, or hidden.
        """
        shown, rows = [*listed, *(current or {}).values()], []
        known = {order.order_id for order in listed}
        for record in placements:
            is_fresh = record.state is State.ACCEPTED and record.get_age_ms(self._session.tiger_now) < HIDDEN_MS
            if record.state not in {State.SENDING, State.UNKNOWN} and not is_fresh:
                continue
            first = next((order for order in shown if is_order_of(record, order)), None)
            is_late = first is not None and first.order_id not in known and get_fate(first) is Fate.LIVING
            if (first is None or is_late) and self._wanted.side in (None, record.ticket.action):
                rows.append(get_hidden_row(record))
            elif _may_hide_attached(record, first, shown) and self._wanted.side != record.ticket.action:
                rows.append(get_attached_row(record, first))
        return rows


def _may_hide_attached(record: CommandRecord, first: Order | None, shown: Sequence[Order]) -> bool:
    """Return whether something that Tiger does not show may be attached to an order, and have come to life."""
    if ATTACHED.isdisjoint(record.ticket.roles) or (first is not None and not first.filled):
        return False
    return sum(is_of(order, record) for order in shown) == (first is not None)
