"""What a modification sends: the order whole, as it was just read, with what changes."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from tigeropen.trade.request.model import PlaceModifyOrderParams

from app.tiger.order_kinds import COMBINATION, KINDS
from app.tiger.sessions import Session
from app.tiger.trading.order_figures import FINEST_STEP, describe_nearest, get_scale, get_units, refuse, wire_number
from app.tiger.trading.order_statuses import CANCELLED, FILLED, INACTIVE, INVALID
from app.tiger.trading.order_tickets import STOP_LOSS, TAKE_PROFIT, OrderChanges, StopLoss, TakeProfit
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import get_attached_legs
from app.tiger.trading.sent_contracts import get_sent_contract

PRICES: Final = ("limit_price", "stop_price")
ENDED: Final = frozenset({FILLED, CANCELLED, INACTIVE, INVALID})
NIGHTLY_SESSIONS: Final = frozenset({"OVERNIGHT", "FULL"})
WORDS: Final = {"limit_price": "limit price", "stop_price": "stop price"}


def get_modification_params(session: Session, order: Order, changes: OrderChanges) -> PlaceModifyOrderParams:
    """Return the request that changes an order: all of its fields again [SDK: modify_order], the changed ones new.

    The quantity keeps the order's own scale where that holds it, and the scale is always named: a whole number read
    in the old scale would be another quantity. An order for an amount has none, and Tiger wants one of the two, so
    its amount is sent again, which the SDK leaves out. Attached orders that change are named as in a placement, which
    the SDK leaves out, too: Tiger's guides are silent about changing one that sleeps, and whether the other one stays
    that is not named. So it is named as it stands, where it is shown.

    Raises:
        InvalidRequest: The order's type has no such price, it is for an amount and has no quantity, a figure has more
            digits than the wire carries, or nobody knows how long an attached order lasts.
    """
    _check_changes(order, changes)
    params = PlaceModifyOrderParams()
    params.account = session.account.account
    params.id = int(order.order_id) if order.order_id else None
    params.order_id = int(order.account_order_id) if order.account_order_id else None
    params.contract = get_sent_contract(order.contract)
    params.action = order.action
    params.order_type = order.order_type
    quantity = changes.quantity if changes.quantity is not None else order.quantity
    if order.cash_amount is not None:
        params.total_cash_amount = wire_number("cash_amount", order.cash_amount)
    elif quantity is not None:
        scale = max(order.quantity_scale, get_scale(quantity))
        params.quantity, params.quantity_scale = get_units(quantity, scale), scale
    params.limit_price = wire_number("limit_price", _or(changes.limit_price, order.limit_price))
    params.aux_price = wire_number("stop_price", _or(changes.stop_price, order.aux_price))
    params.trail_stop_price = wire_number("trail_stop_price", order.trail_stop_price)
    params.trailing_percent = wire_number("trailing_percent", order.trailing_percent)
    params.percent_offset = wire_number("percent_offset", order.percent_offset)
    params.adjust_limit = wire_number("adjust_limit", order.adjust_limit)
    params.time_in_force = order.time_in_force
    params.expire_time = order.expire_time
    # Beside a session that it contradicts, it may be taken for the new session, which no change can name.
    params.outside_rth = None if order.trading_session_type in NIGHTLY_SESSIONS else order.outside_rth
    kind = KINDS.get(order.order_type or "")
    if kind is not None and kind.wire:
        for name, sent_as in kind.wire.items():
            setattr(params, sent_as, order.algorithm.get(name))
    if changes.attached:
        _check_shown(order, changes)
        profit, loss = _get_take_profit(order, changes.take_profit), _get_stop_loss(order, changes.stop_loss)
        params.order_legs = get_attached_legs(profit, loss)
    return params


def find_own_change(order: Order, changes: OrderChanges) -> tuple[Order, OrderChanges] | None:
    """Return the attached order that alone is changed, and its own changes; None where it is not that.

    Each attached order has an id, and Tiger tells that it can be changed while it sleeps [recorded: canModify]. No page
    and no SDK has attached orders in a change of the first one: Tiger might attach them once more.
    """
    if changes.figures or len(changes.attached) != 1:
        return None
    role, prices = next(iter(changes.attached.items()))
    attached, named = _find_attached(order, role), changes.take_profit or changes.stop_loss
    if attached is None or named is None or None in (attached.order_id, attached.time_in_force):
        return None
    if not attached.quantity:
        # Of an order for an amount nobody knows what its attached orders are for.
        return None
    wanted = {name: price for name, price in prices.items() if price is not None}
    shown = {name for name in prices if getattr(attached, name) is not None}
    hours = getattr(named, "outside_rth", None)
    is_same = named.time_in_force in (None, attached.time_in_force) and hours in (None, attached.outside_rth)
    if not is_same or shown != wanted.keys() or not wanted.keys() <= set(PRICES):
        return None
    return attached, OrderChanges(**wanted)


def _check_shown(order: Order, changes: OrderChanges) -> None:
    """Check that everything attached to an order is shown, or changes: Tiger may end what is not named again.

    Raises:
        InvalidRequest: Tiger names something by its id alone that is none of what changes.
    """
    hidden = [related.role for related in order.related if related.order is None]
    unseen = [role for role in (TAKE_PROFIT, STOP_LOSS) if _find_attached(order, role) is None]
    left_out = next((role for role in unseen if role not in changes.attached), None)
    is_too_many = len(hidden) > sum(role in changes.attached for role in unseen)
    if left_out is not None and (left_out in hidden or is_too_many):
        raise refuse(
            left_out,
            "Say it as well, as it is to be: Tiger does not show yet what is attached to the order, and may end what a "
            "change leaves out.",
        )


def _get_take_profit(order: Order, changed: TakeProfit | None) -> TakeProfit | None:
    attached = _find_attached(order, TAKE_PROFIT)
    if changed is not None:
        outside_rth = attached.outside_rth if attached and changed.outside_rth is None else changed.outside_rth
        return replace(changed, time_in_force=_get_time(TAKE_PROFIT, changed, attached), outside_rth=outside_rth)
    if attached is None or attached.limit_price is None:
        return None
    return TakeProfit(attached.limit_price, attached.time_in_force or "DAY", attached.outside_rth)


def _get_stop_loss(order: Order, changed: StopLoss | None) -> StopLoss | None:
    attached = _find_attached(order, STOP_LOSS)
    if changed is not None:
        return replace(changed, time_in_force=_get_time(STOP_LOSS, changed, attached))
    if attached is None:
        return None
    time_in_force = attached.time_in_force or "DAY"
    if attached.stop_price is not None:
        return StopLoss(attached.stop_price, attached.limit_price, time_in_force=time_in_force)
    if attached.trailing_percent is not None:
        return StopLoss(trailing_percent=attached.trailing_percent, time_in_force=time_in_force)
    if attached.trailing_amount is None:
        return None
    return StopLoss(trailing_amount=attached.trailing_amount, time_in_force=time_in_force)


def _get_time(role: str, changed: TakeProfit | StopLoss, attached: Order | None) -> str:
    """Return how long an attached order lasts after a change that does not say so: as long as before.

    Raises:
        InvalidRequest: Tiger does not show how long that is; a stop would end with the day that was to stay.
    """
    told = changed.time_in_force or (None if attached is None else attached.time_in_force)
    if told is None:
        raise refuse(f"{role}.time_in_force", "Say it, too: Tiger does not show how long the attached order lasts now.")
    return told


def _find_attached(order: Order, role: str) -> Order | None:
    """Return what is attached to an order as this, where it is shown and not over."""
    shown = [related.order for related in order.related if related.role == role]
    return next((each for each in shown if each is not None and each.status not in ENDED), None)


def _check_changes(order: Order, changes: OrderChanges) -> None:
    kind = KINDS.get(order.order_type or "")
    if kind is not None and not kind.is_changeable:
        raise refuse("order_id", f"Tiger changes no {order.order_type} order: cancel it, and place another one.")
    for name in PRICES:
        price = getattr(changes, name)
        if price is None:
            continue
        if kind is not None and name not in kind.fields:
            raise refuse(name, f"A {order.order_type} order has no {WORDS[name]}.")
        if price <= 0 and order.contract.sec_type != COMBINATION:
            raise refuse(name, "Send a number above 0: only combinations bring money.")
        if price % FINEST_STEP:
            raise refuse(name, describe_nearest(price))
    for name in changes.attached:
        if kind is not None and name not in kind.fields:
            raise refuse(name, f"Nothing is attached to a {order.order_type} order.")
    if order.cash_amount is not None and changes.quantity is not None:
        raise refuse("quantity", "The order is for an amount of money: it has no quantity that could be changed.")


def _or(changed: Decimal | None, current: Decimal | None) -> Decimal | None:
    return current if changed is None else changed
