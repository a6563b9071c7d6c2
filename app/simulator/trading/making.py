"""Turns what a client asks for into an order, or into changes of one."""

from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import Contract, Prices
from app.simulator.trading.drafts import Draft
from app.simulator.trading.orders import LIMIT_ORDER, STOP_LIMIT_ORDER, STOP_ORDER, TRAILING_ORDER, Order

LIMITED_TYPES = frozenset({LIMIT_ORDER, STOP_LIMIT_ORDER})
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
        limit_price=draft.limit_price if draft.order_type in LIMITED_TYPES else None,
        aux_price=draft.aux_price if draft.order_type in AUXILIARY_TYPES else None,
        trailing_percent=draft.trailing_percent if is_trailing else None,
        stop_price=draft.stop_price if is_trailing else None,
        cash_amount=draft.cash_amount,
        user_mark=draft.user_mark,
        session=draft.session,
        expire_ms=_get_expiry(draft, contract, prices, now_ms),
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
    if draft.time_in_force != order.time_in_force:
        order.time_in_force = draft.time_in_force
        order.expire_ms = _get_expiry(draft, contract, prices, now_ms)
    order.replace_status = "REPLACED"
    order.update_ms = now_ms


def _get_expiry(draft: Draft, contract: Contract, prices: Prices, now_ms: int) -> int | None:
    if draft.time_in_force == "GTC":
        return None
    if draft.time_in_force == "GTD":
        return draft.expire_ms
    return prices.market.day_end_ms(contract.market, now_ms)
