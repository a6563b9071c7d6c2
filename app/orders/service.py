"""The order service of one gateway: the only way from a view to an order command."""

import logging
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from app.errors import GatewayError, OrderNotFound, OrderStateUnknown, StorageUnavailable, TigerUnavailable
from app.orders.amending import Amending, Cancelling
from app.orders.cancelling_all import CancellingAll, OpenOrders
from app.orders.checks import check_offer, check_steps
from app.orders.closing import Closing, ClosingHandler, ClosingRequest
from app.orders.context import OrderContext
from app.orders.doubt import Doubt
from app.orders.gate import Gate, OpenGate
from app.orders.history import History
from app.orders.journal import Journal
from app.orders.learned import Learned
from app.orders.naming import fetch_marked, fetch_named, find_hidden_placement
from app.orders.numbers import OrderNumbers
from app.orders.placing import Placing
from app.orders.recording import Recording
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.requests import CommandRequest, ModificationRequest, PlacementRequest
from app.orders.results import CommandResult
from app.orders.states import State
from app.orders.times import WORKING_SHARE, OrderTimes
from app.orders.transitions import Transitions
from app.orders.waiting import WaitingRoom
from app.orders.witnesses import Witnesses
from app.settings import Settings
from app.storage.engine import Storage
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_preview import preview
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket
from app.tiger.trading.prepared_orders import prepare
from app.tiger.trading.tradable_contracts import fetch_tradable_contract, get_kept_contract

WAITING_SHARE: Final = 4
"""One thread in so many may wait for an order command that another request is carrying out."""
HOUR_MS: Final = 3_600_000

logger = logging.getLogger(__name__)


class OrderService:
    """Place, modify and cancel orders, each exactly once, and report what became of them."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        *,
        gate: Gate | None = None,
        witnesses: Witnesses = (),
        recording: Recording | None = None,
    ) -> None:
        orders = settings.orders
        claim_ms = round(orders.idempotency_hours * HOUR_MS)
        witnesses = (*witnesses, *([recording] if recording else []))
        self.journal = Journal(storage, claim_ms=claim_ms, witnesses=witnesses)
        doubt = Doubt(orders.absence_seconds)
        self.context = OrderContext(
            self.journal,
            doubt,
            Transitions(self.journal, doubt),
            OrderNumbers(orders.numbers_ahead),
            Learned(storage),
            WaitingRoom(max(1, settings.gateway.threads // WAITING_SHARE)),
            gate or OpenGate(),
            recording.note_refusal if recording else lambda _command, _error: None,
        )
        self.history = History(self.context)

    def place(self, session: Session, requester: Requester, ticket: OrderTicket) -> CommandResult:
        """Place an order.

        Raises:
            IdempotencyConflict: The requester's key stands for another command.
            OrderStateUnknown: It was sent, and its outcome could not be learnt in time.
            GatewayError: It was not placed.
        """
        handler = Placing(session, self.context.learned, ticket, get_kept_contract(session, ticket.instrument))
        command = NewCommand.placing(session.account.account, requester, ticket)
        result = PlacementRequest(self.context, session, command, handler).run()
        # One that had to ask for its contract has made the three calls that a placement may cost.
        if handler.has_contract and not result.is_replayed:
            self.context.numbers.refill(session)
        return result

    def close(self, session: Session, requester: Requester, closing: Closing) -> CommandResult:
        """Close a position by one order; raises as ``place`` does.

        Raises:
            NothingHeld: There is no position.
            NotClosable: Less than was asked for may be closed now.
        """
        handler = ClosingHandler(self.context, session, closing)
        result = ClosingRequest(self.context, session, requester, closing, handler).run()
        if not result.is_replayed:
            self.context.numbers.refill(session)
        return result

    def modify(self, session: Session, requester: Requester, order_id: str, changes: OrderChanges) -> CommandResult:
        """Change an open order; raises as ``place`` does."""
        command = NewCommand.modifying(session.account.account, requester, order_id, changes)
        handler = self.context.get_modifying(session, order_id, changes)
        return self._amend(session, ModificationRequest(self.context, session, command, handler), handler)

    def cancel(self, session: Session, requester: Requester, order_id: str) -> CommandResult:
        """Cancel an open order; raises as ``place`` does.

        It goes out even while the journal cannot be written: to do it twice does no harm, not to do it may.
        """
        deadline = session.order_deadline()
        command = NewCommand.cancelling(session.account.account, requester, order_id)
        fetch = partial(fetch_named, session, self.journal, order_id)
        handler = Cancelling(session, order_id, fetch)
        try:
            return self._amend(session, CommandRequest(self.context, session, command, handler), handler)
        except StorageUnavailable:
            logger.exception("Order %s of account %s is cancelled without the journal", order_id, command.account)
            return _cancel_unwritten(session, order_id, deadline)

    def cancel_all(self, session: Session, requester: Requester, wanted: OpenOrders) -> CommandResult:
        """Cancel all open orders that are meant, and return how each cancellation ended.

        Like one cancellation they go out even while the journal cannot be written.

        Raises:
            IdempotencyConflict: The requester's key stands for another command.
            OrderStateUnknown: An earlier request with the key may still be at work.
            GatewayError: The open orders could not be listed, and nothing was sent.
        """
        deadline = session.order_deadline()
        times = OrderTimes.until(deadline.at_most(WORKING_SHARE * session.link.settings.order_deadline_seconds))
        command = NewCommand.cancelling_all(session.account.account, requester, wanted.content)
        try:
            handler = CancellingAll(self.context, session, requester, wanted, times)
            return CommandRequest(self.context, session, command, handler).run()
        except StorageUnavailable:
            logger.exception("The open orders of account %s are cancelled without the journal", command.account)
            # What was kept for a worker that writes the outcome is theirs, too.
            late = OrderTimes(deadline, deadline)
            return CancellingAll(self.context, session, requester, wanted, late).carry_out(deadline, is_written=False)

    def preview(self, session: Session, ticket: OrderTicket) -> dict[str, Any]:
        """Return what an order would need and cost; nothing is sent to the market, and nothing is journalled."""
        deadline = session.read_deadline()
        check_offer(ticket, is_paper=session.link.is_paper)
        prepared = prepare(ticket, fetch_tradable_contract(session, ticket.instrument, deadline))
        check_steps(ticket, prepared.contract)
        expected = preview(session, prepared, deadline)
        return {**expected, **get_effects(expected)}

    def _amend(self, session: Session, request: CommandRequest, handler: Amending) -> CommandResult:
        """Carry out a command for an order.

        Raises:
            OrderStateUnknown: Its outcome, or whether the order itself was placed, could not be learnt in time.
            GatewayError: It was not carried out.
        """
        try:
            return request.run()
        except OrderNotFound as error:
            account = session.account.account
            hidden = find_hidden_placement(self.journal, account, handler.requested, session.tiger_now)
            if hidden is None:
                raise
            if hidden.state is State.ACCEPTED:
                raise TigerUnavailable(
                    "Tiger has accepted this order and does not show it yet; nothing was sent.", retry_after=1
                ) from error
            # An order that Tiger does not show yet must not be reported as one that does not exist.
            raise self.context.doubt.get_unknown(hidden) from error


def _cancel_unwritten(session: Session, order_id: str, deadline: Deadline) -> CommandResult:
    """Cancel an order while nothing can be written down.

    Raises:
        OrderStateUnknown: The outcome could not be learnt.
        GatewayError: It was not carried out.
    """
    fetch = partial(fetch_marked, session, order_id)
    try:
        return Cancelling(session, order_id, fetch).carry_out(fetch(deadline), deadline, is_first=True)
    except OrderNotFound as error:
        # Whether it was placed a moment ago, or is in doubt, stands in the journal.
        raise StorageUnavailable(
            "Tiger does not show this order as the gateway's, and the gateway's database, which knows of the latest "
            "ones, does not answer; nothing was sent. Try again shortly, or name the order by its order_id.",
            retry_after=1,
        ) from error
    except GatewayError as error:
        if not error.in_doubt:
            raise
        question = {"path": "/api/trade/orders", "body": {"account": session.account.account}}
        raise OrderStateUnknown(
            "The cancellation was sent and its outcome is not known; it may be sent again.",
            data={"order_id": order_id, "ask": question},
            retry_after=1,
        ) from error


def get_effects(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a preview says between its lines: how margin and buying power would change, and its warning."""
    initial = _subtract(expected["init_margin"], expected["init_margin_before"])
    return {
        "init_margin_change": initial,
        "maint_margin_change": _subtract(expected["maint_margin"], expected["maint_margin_before"]),
        "buying_power_effect": None if initial is None else -initial,
        "warnings": [expected["message"]] if expected["message"] else [],
    }


def _subtract(after: float | None, before: float | None) -> float | None:
    if after is None or before is None:
        return None
    # Through the printed digits, so that no binary dust appears.
    return float(Decimal(str(after)) - Decimal(str(before)))
