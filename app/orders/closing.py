"""Close a position by one order: never more than is held, whoever closes it at the same time.

What is held and which orders there are is read from Tiger without a lock. The row of the order is written in a
transaction that closings of the account enter one after the other, on all workers and machines: there the journal says
what has been sent meanwhile, or is in doubt, and only then is the quantity decided.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.errors import GatewayError, TigerUnavailable
from app.orders.closable import get_closable
from app.orders.context import OrderContext
from app.orders.executor import AGAIN_SECONDS
from app.orders.journal import Opened
from app.orders.placing import Placing
from app.orders.records import CommandRecord, Kind, NewCommand
from app.orders.requester import Requester
from app.orders.requests import PlacementRequest
from app.orders.results import CommandResult
from app.orders.states import State
from app.orders.times import OrderTimes
from app.orders.transitions import get_denial
from app.tiger.deadline import Deadline
from app.tiger.instrument import Instrument
from app.tiger.sessions import Session
from app.tiger.trading.holdings import Holding, fetch_holding
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.tradable_contracts import get_kept_contract


@dataclass(frozen=True, slots=True)
class Closing:
    """A position to be closed, whole or by a ``quantity``, and the ticket of the order without side and quantity."""

    instrument: Instrument
    quantity: Decimal | None
    ticket: OrderTicket

    def get_ticket(self, action: str, quantity: Decimal) -> OrderTicket:
        """Return the order that closes so much."""
        return replace(self.ticket, action=action, quantity=quantity)


class ClosingHandler(Placing):
    """The handler of the order that closes a position; which order that is its row says."""

    def __init__(self, context: OrderContext, session: Session, closing: Closing) -> None:
        super().__init__(session, context.learned, closing.ticket, get_kept_contract(session, closing.instrument))
        self._journal = context.journal

    def take(self, ticket: OrderTicket) -> None:
        """Take the order that is sent."""
        self._ticket, self._prepared = ticket, None

    def send(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Send it; again only where what is held still allows it, which others may have closed meanwhile."""
        if record.attempts > 1:
            instrument = record.ticket.instrument
            holding = fetch_holding(self._session, instrument, deadline)
            placements = self._journal.find_unsettled(self._account)
            others = [placement for placement in placements if placement.id != record.id]
            closable = get_closable(holding, others, self._session.tiger_now)
            closable.choose(record.ticket.quantity, record.ticket.action)
        return super().send(record, deadline)


class ClosingRequest(PlacementRequest):
    """A request to close a position."""

    _handler: ClosingHandler

    def __init__(
        self, context: OrderContext, session: Session, requester: Requester, closing: Closing, handler: ClosingHandler
    ) -> None:
        command = NewCommand.closing(session.account.account, requester, closing.ticket, closing.quantity)
        super().__init__(context, session, command, handler)
        self._closing = closing

    def _start(self, times: OrderTimes) -> Opened:
        """Write the row of the order, once it is decided how much it closes, and make it ready.

        Raises:
            NothingHeld: There is no position.
            NotClosable: Less than was asked for may be closed now.
            GatewayError: What is held cannot be read. Nothing was written or sent.
        """
        journal, account = self._context.journal, self._command.account
        held = journal.find_claim(self._command.requester, account, self._session.tiger_now)
        if held is not None:
            # A repeat costs Tiger nothing.
            return Opened(held, is_new=False)
        try:
            holding = self._fetch_holding(times.sending)
        except GatewayError as error:
            raise get_denial(error) from error

        def decide(placements: Sequence[CommandRecord]) -> NewCommand:
            closable = get_closable(holding, placements, self._session.tiger_now)
            ticket = self._closing.get_ticket(closable.action, closable.choose(self._closing.quantity))
            self._handler.take(ticket)
            return self._command.decided(ticket, closable.closes)

        timing = times.get_timing(self._session.tiger_now)
        opened = self._opened(journal.open(self._command, State.PREPARED, None, timing, decide=decide))
        return self._make_ready(opened, times)

    def _fetch_holding(self, deadline: Deadline) -> Holding:
        try:
            return fetch_holding(self._session, self._closing.instrument, deadline)
        except TigerUnavailable:
            # Nothing is ordered yet, so that asking once more can do no harm.
            time.sleep(min(AGAIN_SECONDS, deadline.remaining()))
            return fetch_holding(self._session, self._closing.instrument, deadline)

    def _repeat(self, held: CommandRecord) -> CommandResult | None:
        if held.kind is Kind.PLACE:
            self._handler.take(held.ticket)
        return super()._repeat(held)
