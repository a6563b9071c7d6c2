"""Changes an open order, or the orders attached to it, where the rules allow it."""

from collections.abc import Sequence
from dataclasses import replace

from app.simulator.trading.attachments import Attachment
from app.simulator.trading.contracts import COMBINATION, Contract
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.drafts import Draft
from app.simulator.trading.making import change_attached, change_order
from app.simulator.trading.needs import get_locked
from app.simulator.trading.orders import FILLED, PENDING_CANCEL, Order
from app.simulator.trading.reasons import (
    ATTACHED_ACTIVE,
    BELOW_FILLED,
    FIXED_CONTRACT,
    FIXED_SIDE,
    NO_ATTACHED,
    NOT_MODIFIABLE,
)
from app.simulator.trading.refusals import get_refusal
from app.simulator.trading.rules import Desk, adjust_prices, check_draft, check_prices, find_contract


def modify_order(order: Order, draft: Draft, contract: Contract, desk: Desk, children: Sequence[Order]) -> list[Order]:
    """Change an order as the draft says and return every order that has changed.

    Raises WireRefusal and changes nothing where it may not be. ``children`` are those attached to it.
    """
    kind = desk.account.kind
    if not order.is_open or order.is_being_cancelled:
        status = PENDING_CANCEL if order.is_being_cancelled else order.status
        raise get_refusal(kind, NOT_MODIFIABLE.about(status))
    if draft.action != order.action or draft.order_type != order.order_type:
        raise get_refusal(kind, FIXED_SIDE)
    if not _names_contract(draft, contract, desk):
        raise get_refusal(kind, FIXED_CONTRACT)
    draft = adjust_prices(draft, contract, desk.prices)
    if draft.quantity is not None and draft.quantity < order.filled:
        raise get_refusal(kind, BELOW_FILLED)
    rest = None if draft.quantity is None else draft.quantity - order.filled
    if order.is_dormant:
        # What it closes is not held yet.
        check_prices(draft, contract, desk)
    elif rest != ZERO:
        session = order.session if draft.session is None else draft.session
        check_draft(replace(draft, quantity=rest, session=session), contract, desk)
    changes = [(_find_child(attachment, children, kind), attachment) for attachment in draft.attachments]
    change_order(order, draft, contract, desk.prices, desk.now_ms)
    if rest == ZERO:
        order.status = FILLED
    order.locked = get_locked(desk.account, order, desk.prices, desk.now_ms)
    for child, attachment in changes:
        change_attached(child, attachment, desk.now_ms)
    sleeping = [child for child in children if child.is_dormant and child.is_open]
    for child in sleeping:
        child.quantity, child.scale = order.quantity, order.scale
    return [order, *sleeping]


def _names_contract(draft: Draft, contract: Contract, desk: Desk) -> bool:
    """Say whether a draft is for the contract of its order; of a combination the SDK sends the name only."""
    if contract.sec_type == COMBINATION and not draft.legs:
        return (draft.sec_type, draft.symbol) == (COMBINATION, contract.symbol)
    return find_contract(draft, desk.prices, desk.account.kind, desk.now_ms).key == contract.key


def _find_child(attachment: Attachment, children: Sequence[Order], kind: str) -> Order:
    child = next((child for child in children if child.attach_type == attachment.kind), None)
    if child is None:
        raise get_refusal(kind, NO_ATTACHED.about(attachment.kind))
    if not child.is_dormant or not child.is_open:
        raise get_refusal(kind, ATTACHED_ACTIVE)
    return child
