"""What a change of an order asks: the order as it will be and as it stands, with all that is attached to it.

A change counts for what it adds. What is attached grows with its order, and is changed whole: what a change leaves out
of it is no longer so.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from app.orders.fates import Fate, get_fate
from app.risk.limits.case import Asked, Figure, NotKnown, Unknown
from app.risk.valuation import OTHER, Market, Terms, describe, fit_stop_loss, fit_take_profit, is_extended
from app.tiger.trading.order_tickets import STOP_LOSS, TAKE_PROFIT, OrderChanges
from app.tiger.trading.orders import Order

PRICES: Final = frozenset({"limit_price", "stop_price"})


def describe_change(order: Order, changes: OrderChanges, currency: str, market: Market) -> Asked:
    """Return what a change asks, and what it adds to a position.

    Raises:
        NotKnown: Tiger does not say what the order is, or what is attached to it.
    """
    before = _get_terms(order)
    prices = {name: price for name, price in changes.figures.items() if name in PRICES}
    after = replace(
        before,
        quantity=before.quantity if changes.quantity is None else changes.quantity,
        limit_price=prices.get("limit_price", before.limit_price),
        stop_price=prices.get("stop_price", before.stop_price),
        has_band=bool(prices),
    )
    pairs = [(before, after), *_pair_attached(order, changes, before)]
    were = tuple(describe(was, currency, market) for was, _ in pairs if was is not None)
    first, *others = (describe(will, currency, market) for _, will in pairs)
    is_smaller = after.quantity is not None and before.quantity is not None and after.quantity <= before.quantity
    only_shrinks = is_smaller and not prices and not changes.attached
    asked = Asked((first, *others), before=were, has_attached=bool(others), only_shrinks=only_shrinks)
    added = tuple(replace(part, quantity=_get_added(asked)) for part in first.parts)
    return replace(asked, orders=(replace(first, parts=added), *others))


def _get_terms(order: Order) -> Terms:
    instrument = order.contract.instrument
    if instrument is None or order.action not in OTHER or (order.quantity is None and order.cash_amount is None):
        raise NotKnown("Tiger does not say of what, or how much, the order is.")
    return Terms(
        instrument,
        order.action,
        order.quantity,
        order.cash_amount,
        order.limit_price,
        order.stop_price or order.trail_stop_price,
        order.trailing_percent,
        order.trailing_amount,
        bool(order.outside_rth) and is_extended(instrument),
    )


def _pair_attached(order: Order, changes: OrderChanges, parent: Terms) -> Iterator[tuple[Terms | None, Terms]]:
    """Yield what is attached to an order as it is, where Tiger shows it, and as it will be.

    Raises:
        NotKnown: Tiger does not show it.
    """
    quantity = parent.quantity if changes.quantity is None else changes.quantity
    plain = Terms(parent.instrument, OTHER[parent.side], quantity, parent.cash_amount, has_band=False)
    changed = {
        TAKE_PROFIT: fit_take_profit(plain, changes.take_profit),
        STOP_LOSS: fit_stop_loss(plain, changes.stop_loss),
    }
    for related in order.related:
        if related.role not in (None, *changed):
            continue
        if related.order is None or related.role is None:
            raise NotKnown("Tiger does not show what came with the order.")
        if related.order.action == parent.side:
            # The partner of a pair is changed by itself.
            continue
        new = changed.pop(related.role, None)
        if get_fate(related.order) is Fate.LIVING:
            was = replace(_get_terms(related.order), has_band=False)
            yield was, new or replace(was, quantity=was.quantity if changes.quantity is None else changes.quantity)
    yield from ((None, new) for new in changed.values() if new is not None)


def _get_added(asked: Asked) -> Figure:
    """Return by how much an order grows, or why nobody can say it."""
    try:
        return asked.added_quantity
    except NotKnown as error:
        return Unknown(str(error))
