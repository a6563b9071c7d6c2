"""Change and cancel an order, and see from the order itself whether that happened."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from app.errors import GatewayError, OrderNotFound, OrderRejected, TigerError, TooBusy
from app.orders.checks import check_steps
from app.orders.fates import Fate, describe, get_fate
from app.orders.placing import get_doubt
from app.orders.records import CommandRecord
from app.orders.results import CommandResult, accept, reject
from app.tiger.deadline import Deadline
from app.tiger.order_kinds import ATTACHED
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import cancel, modify
from app.tiger.trading.order_modification import find_own_change
from app.tiger.trading.order_statuses import PENDING_CANCEL
from app.tiger.trading.order_tickets import OrderChanges
from app.tiger.trading.orders import Order
from app.tiger.trading.related_orders import fetch_related
from app.tiger.trading.tradable_contracts import get_kept_contract
from app.tiger.wire.values import json_number

ENDED: Final = frozenset({Fate.CANCELLED, Fate.EXPIRED, Fate.REFUSED})
FIGURES: Final = ("quantity", "cash_amount", "limit_price", "aux_price", "trailing_percent")
PATIENCE_MS: Final = 30_000
"""A cancellation that has brought nothing for so long may be sent again."""


class Amending(ABC):
    """The handler of a command for an order that ``fetch`` reads; the client named it ``requested``."""

    in_vain: ClassVar[str]
    """What a client is told of a command whose order is no longer open, and does not show it."""

    def __init__(self, session: Session, requested: str, fetch: Callable[[Deadline], Order]) -> None:
        self.session = session
        self.requested = requested
        self._fetch = fetch

    def send(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Read the order and send the command, once."""
        order = self._fetch(deadline)
        is_first = record.attempts <= 1
        # What was in doubt before may have taken place meanwhile.
        found = None if is_first else self._decide(order)
        return found or self.carry_out(order, deadline, is_first=is_first)

    def look(self, _record: CommandRecord, deadline: Deadline) -> CommandResult | None:
        """See whether the order shows the command; without the order there is no trace of it either."""
        return self.find(deadline)

    def find(self, deadline: Deadline) -> CommandResult | None:
        """Do the same for a command that has no row."""
        try:
            return self._decide(self._fetch(deadline))
        except OrderNotFound:
            return None

    def carry_out(self, order: Order, deadline: Deadline, *, is_first: bool) -> CommandResult:
        """Send the command for an order just read.

        After an attempt in doubt a refusal leaves the outcome open: Tiger may refuse what it is already doing.

        Raises:
            GatewayError: It was not carried out, or its outcome is in doubt.
        """
        if (fate := get_fate(order)) is not Fate.LIVING:
            return reject(describe(order, fate), order.to_dict())
        if self.is_under_way(order):
            return self._accept(order)
        try:
            return self._accept(self.send_once(order, deadline))
        except OrderRejected as error:
            if not is_first:
                # It may be the attempt in doubt that Tiger refuses this one for.
                raise get_doubt(error) from error
            return self._explain_refusal(order, deadline, error)

    def _decide(self, order: Order) -> CommandResult | None:
        if self.is_done(order):
            return self._accept(order)
        if (fate := get_fate(order)) is not Fate.LIVING:
            return reject(f"{self.in_vain} {describe(order, fate)}", order.to_dict())
        return None

    def _accept(self, order: Order) -> CommandResult:
        return accept({**order.to_dict(), "requested_order_id": self.requested, **self.describe_done(order.order_id)})

    def _explain_refusal(self, order: Order, deadline: Deadline, error: OrderRejected) -> CommandResult:
        """Return Tiger's refusal together with the state of the order that explains it.

        Raises:
            OrderRejected: As it came, where the refusal itself is in doubt.
        """
        if error.in_doubt:
            raise error
        try:
            current = self._fetch(deadline)
        except GatewayError:
            # The order has changed since it was read, so what was read then is not shown as its state.
            known = {"order_id": order.order_id, "account_order_id": order.account_order_id}
            return reject(error.message, known, tiger_code=error.tiger_code)
        fate = get_fate(current)
        sentence = error.message if fate is Fate.LIVING else f"{describe(current, fate)} {error.message}"
        return reject(sentence, current.to_dict(), tiger_code=error.tiger_code)

    @abstractmethod
    def is_done(self, order: Order) -> bool:
        """Return whether an order shows the command."""

    def is_under_way(self, _order: Order) -> bool:
        """Return whether Tiger is at it, so that it is not sent; a change is not shown before it is made."""
        return False

    @abstractmethod
    def send_once(self, order: Order, deadline: Deadline) -> Order:
        """Send the command, and return the order as it stands then."""

    @abstractmethod
    def describe_done(self, reference_id: str | None) -> Mapping[str, Any]:
        """Return what a client is told besides the order."""


class Modifying(Amending):
    """The handler of a modification."""

    in_vain = "The change did not take place."

    def __init__(
        self,
        session: Session,
        requested: str,
        fetch: Callable[[Deadline], Order],
        changes: OrderChanges,
        find_attached: Callable[[], Sequence[str]],
    ) -> None:
        """Take what finds out what may be attached to the order."""
        whole = partial(_fetch_whole, session, fetch, find_attached)
        super().__init__(session, requested, whole if changes.attached else fetch)
        self._changes = changes
        self.admitted: Order | None = None
        """The order as it was when the rules let the change pass, where they went by it."""

    def carry_out(self, order: Order, deadline: Deadline, *, is_first: bool) -> CommandResult:
        """Do the same, as long as the order is what the rules let the change pass for.

        Raises:
            TooBusy: It is not; nothing was sent.
            GatewayError: It was not carried out, or its outcome is in doubt.
        """
        if is_first and self.admitted is not None and not _has_same_figures(order, self.admitted):
            raise TooBusy("The order was changed at this moment; nothing was sent. Try again.", retry_after=1)
        return super().carry_out(order, deadline, is_first=is_first)

    def is_done(self, order: Order) -> bool:
        """Return whether the order has every figure that the changes ask for, and so have the attached ones."""
        has_figures = all(getattr(order, name) == figure for name, figure in self._changes.figures.items())
        return has_figures and all(self._shows(order, role, prices) for role, prices in self._changes.attached.items())

    def send_once(self, order: Order, deadline: Deadline) -> Order:
        """Send all of the order again, with the changes; where one attached order alone changes, all of that one."""
        instrument = order.contract.instrument
        contract = None if instrument is None else get_kept_contract(self.session, instrument)
        if contract is not None:
            check_steps(self._changes, contract)
        own = find_own_change(order, self._changes)
        if own is not None:
            modify(self.session, *own, deadline)
            return self._check_attached(order, order, deadline)
        changed = modify(self.session, order, self._changes, deadline)
        return self._check_attached(order, changed, deadline) if self._changes.attached else changed

    def describe_done(self, reference_id: str | None) -> Mapping[str, Any]:
        """Return the fields that were changed, and Tiger's reference."""
        figures = self._changes.figures
        figures |= {
            f"{role}.{name}": price
            for role, prices in self._changes.attached.items()
            for name, price in prices.items()
            if price is not None
        }
        fields = {name: json_number(figure) for name, figure in figures.items()}
        return {"modified_fields": fields, "modify_reference_id": reference_id, "result": reference_id}

    def _decide(self, order: Order) -> CommandResult | None:
        """Return what the order shows of the changes.

        Raises:
            TigerError: Tiger does not show an attached order that is to change: nothing proves anything.
        """
        result = super()._decide(order)
        if result is None and not self._changes.attached.keys() <= _get_shown(order):
            raise TigerError("Tiger does not show how the attached orders stand.")
        return result

    def _check_attached(self, before: Order, order: Order, deadline: Deadline) -> Order:
        """Return an order that Tiger changed, with what is attached to it, as far as that is shown.

        What ended with the change, which nobody asked for, is missing.

        Raises:
            TigerError: What is shown is not what Tiger was asked for: a modification may do that, or may not.
        """
        try:
            order = _fetch_whole(self.session, lambda _: order, lambda: ATTACHED, deadline)
        except GatewayError:
            return order
        for role, prices in self._changes.attached.items():
            if role in _get_shown(order) and not self._shows(order, role, prices):
                raise TigerError(f"Tiger took the change and does not show it on the {role}.", in_doubt=True)
        ended = {each.role for each in order.related if each.order and get_fate(each.order) in ENDED}
        living = {each.role for each in before.related if each.order and get_fate(each.order) is Fate.LIVING}
        return replace(order, missing=tuple(role for role in ATTACHED if role in ended & living))

    @staticmethod
    def _shows(order: Order, role: str, prices: Mapping[str, Any]) -> bool:
        """Return whether what is attached to an order as this shows these prices."""
        attached = [related.order for related in order.related if related.role == role and related.order is not None]
        return any(all(getattr(each, name) == price for name, price in prices.items()) for each in attached)


def _has_same_figures(order: Order, admitted: Order) -> bool:
    """Return whether an order is worth what it was: what is filled of it meanwhile, or how it stands, is no matter."""
    return all(getattr(order, name) == getattr(admitted, name) for name in FIGURES)


def _fetch_whole(
    session: Session,
    fetch: Callable[[Deadline], Order],
    find_roles: Callable[[], Sequence[str]],
    deadline: Deadline,
) -> Order:
    """Return an order with what is attached to it, as which it can be; what is missing of it nobody knows here."""
    return replace(fetch_related(session, fetch(deadline), find_roles(), deadline), missing=())


def _get_shown(order: Order) -> set[str | None]:
    """Return the roles of the attached orders that Tiger shows."""
    return {related.role for related in order.related if related.order is not None}


class Cancelling(Amending):
    """The handler of a cancellation."""

    in_vain = "The order was not cancelled."

    def is_done(self, order: Order) -> bool:
        """Return whether the order is cancelled, or about to be."""
        fate = get_fate(order)
        return fate is Fate.CANCELLED or (fate is Fate.LIVING and order.status == PENDING_CANCEL)

    def is_under_way(self, order: Order) -> bool:
        """Return whether a cancellation is under way that has not been waited for too long."""
        since, tiger_now = order.update_time, self.session.tiger_now
        is_fresh = since is None or tiger_now is None or tiger_now - since < PATIENCE_MS
        return order.status == PENDING_CANCEL and is_fresh

    def send_once(self, order: Order, deadline: Deadline) -> Order:
        """Ask Tiger to cancel it."""
        return cancel(self.session, order, deadline)

    def describe_done(self, reference_id: str | None) -> Mapping[str, Any]:
        """Return Tiger's reference."""
        return {"cancel_reference_id": reference_id}
