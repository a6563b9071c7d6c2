"""Turns what a client asks for into an order, or into changes of one."""

from decimal import Decimal

from app.simulator.trading.accounts import Account
from app.simulator.trading.attachments import Attachment
from app.simulator.trading.contracts import FUND, Contract
from app.simulator.trading.drafts import Draft
from app.simulator.trading.orders import (
    FILLED,
    LIMITED_TYPES,
    MARKET_ORDER,
    STOP_LIMIT_ORDER,
    STOP_ORDER,
    TRAILING_ORDER,
    WEIGHTED_TYPES,
    Order,
)
from app.simulator.trading.prices import Prices

AUXILIARY_TYPES = frozenset({STOP_ORDER, STOP_LIMIT_ORDER, TRAILING_ORDER})
"""Those with a stop price, or with the distance of a trailing one."""


def make_order(order_id: int, draft: Draft, contract: Contract, account: Account, prices: Prices, now_ms: int) -> Order:
    """Return the order as it is taken, under the number that the client chose, else the account's next one."""
    is_trailing = draft.order_type == TRAILING_ORDER
    return Order(
        id=order_id,
        number=draft.number or account.next_number,
        account=account.account,
        key=contract.key,
        action=draft.action,
        order_type=draft.order_type,
        quantity=draft.quantity,
        scale=draft.scale,
        time_in_force=draft.time_in_force,
        outside_rth=draft.outside_rth,
        open_ms=now_ms,
        update_ms=now_ms,
        limit_price=draft.limit_price if draft.order_type in LIMITED_TYPES | WEIGHTED_TYPES else None,
        aux_price=draft.aux_price if draft.order_type in AUXILIARY_TYPES else None,
        trailing_percent=draft.trailing_percent if is_trailing else None,
        stop_price=draft.stop_price if is_trailing else None,
        cash_amount=draft.cash_amount,
        user_mark=draft.user_mark,
        session=draft.session,
        expire_ms=get_expiry(draft.time_in_force, draft.expire_ms, contract, prices, now_ms),
        combo_type=draft.combo_type,
        leg_amounts=["0"] * len(contract.legs),
        schedule=dict(draft.schedule.fields),
        start_ms=draft.schedule.start_ms,
        end_ms=draft.schedule.end_ms,
    )


def make_attached(order_id: int, parent: Order, attachment: Attachment, account: Account, now_ms: int) -> Order:
    """Return an order that comes to life when its parent has been filled; until then it has no end of its own."""
    return Order(
        id=order_id,
        number=account.next_number,
        account=parent.account,
        key=parent.key,
        action="SELL" if parent.action == "BUY" else "BUY",
        order_type=attachment.order_type,
        quantity=parent.quantity,
        scale=parent.scale,
        time_in_force=attachment.time_in_force,
        outside_rth=attachment.outside_rth,
        open_ms=now_ms,
        update_ms=now_ms,
        limit_price=attachment.limit_price,
        aux_price=attachment.aux_price,
        trailing_percent=attachment.trailing_percent,
        user_mark=parent.user_mark,
        session=parent.session,
        parent_id=parent.id,
        oca_group=str(parent.id),
        attach_type=attachment.kind,
        is_dormant=True,
        attributes=["ATTACHED_ORDER"],
        visible_ms=parent.visible_ms,
    )


def make_event(order_id: int, account: Account, contract: Contract, signed: Decimal, kind: str, now_ms: int) -> Order:
    """Return the order under which something is told that happens to a position by itself, such as an exercise."""
    return Order(
        id=order_id,
        number=-order_id,
        account=account.account,
        key=contract.key,
        action="BUY" if signed > 0 else "SELL",
        order_type=MARKET_ORDER,
        quantity=abs(signed),
        scale=0,
        time_in_force="DAY",
        outside_rth=False,
        open_ms=now_ms,
        update_ms=now_ms,
        status=FILLED,
        filled=abs(signed),
        trade_ms=now_ms,
        attributes=[kind],
    )


def change_order(order: Order, draft: Draft, contract: Contract, prices: Prices, now_ms: int) -> None:
    """Give an order the quantity, prices and lifetime of a draft that was found good."""
    order.quantity, order.scale = draft.quantity, draft.scale
    order.cash_amount = draft.cash_amount
    order.limit_price = draft.limit_price if order.limit_price is not None else None
    order.aux_price = draft.aux_price if order.order_type in AUXILIARY_TYPES else None
    if order.order_type == TRAILING_ORDER and draft.trailing_percent != order.trailing_percent:
        order.trailing_percent, order.stop_price = draft.trailing_percent, None
    order.outside_rth = draft.outside_rth
    if draft.time_in_force != order.time_in_force or draft.time_in_force == "GTD":
        order.time_in_force = draft.time_in_force
        if not order.is_dormant:
            order.expire_ms = get_expiry(draft.time_in_force, draft.expire_ms, contract, prices, now_ms)
    if draft.schedule.fields:
        order.schedule = dict(draft.schedule.fields)
        order.start_ms, order.end_ms = draft.schedule.start_ms, draft.schedule.end_ms
    order.replace_status = "REPLACED"
    order.update_ms = now_ms


def change_attached(order: Order, attachment: Attachment, now_ms: int) -> None:
    """Give an attached order the type and prices that its parent's modification names."""
    order.order_type = attachment.order_type
    order.limit_price, order.aux_price = attachment.limit_price, attachment.aux_price
    order.trailing_percent, order.stop_price = attachment.trailing_percent, None
    order.time_in_force, order.outside_rth = attachment.time_in_force, attachment.outside_rth
    order.replace_status = "REPLACED"
    order.update_ms = now_ms


def get_expiry(
    time_in_force: str, expire_ms: int | None, contract: Contract, prices: Prices, now_ms: int
) -> int | None:
    """Return when an order ends by itself; one for a fund waits for its price, however long that takes."""
    if time_in_force == "GTC" or contract.sec_type == FUND:
        return None
    if time_in_force == "GTD":
        return expire_ms
    return prices.market.day_end_ms(contract.market, now_ms)
