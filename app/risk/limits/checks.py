"""How each limit is checked: pure functions of its value and of the case, which return why it does not hold, or None.

What a check needs and nobody knows raises ``NotKnown``, and denies.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from app.risk.limits.case import NONE, AskedOrder, Case, Excess, NotKnown, Unknown, need

Check = Callable[[Any, Case], Excess | None]
Used = Callable[[Case], Decimal]
HUNDRED: Final = Decimal(100)


def within(value: Decimal, asked: Decimal, used: Decimal = NONE) -> Excess | None:
    """Return None where what is asked and what is used already are no more than the value."""
    return None if used + asked <= value else Excess(asked, max(NONE, value - used))


def check_order_value(value: Decimal, case: Case) -> Excess | None:
    """Check what the dearest single order is worth; a change that adds nothing passes."""
    if not case.asked.adds:
        return None
    return within(value, max(_convert_value(case, order) for order in case.asked.orders))


def check_order_quantity(value: Decimal, case: Case) -> Excess | None:
    """Check the quantity of the largest single order; a change that adds none passes."""
    if case.asked.before and not case.asked.added_quantity:
        return None
    return within(value, max(need(order.quantity) for order in case.asked.orders))


def check_position_value(value: Decimal, case: Case) -> Excess | None:
    """Check what the positions would be worth with all open orders of this side filled; a reduction passes."""
    if case.asked.is_closing or case.asked.only_shrinks:
        return None
    for part in case.asked.parts:
        exposure, quantity = case.get_exposure(part), need(part.quantity)
        for side in part.sides:
            before, after = exposure.get_open(side), exposure.get_open(side, quantity)
            if after <= before:
                continue
            worth = case.convert(need(part.worth), case.asked.currency)
            excess = within(value, (after - before) * worth, before * worth)
            if excess is not None:
                return excess
    return None


def check_open_orders(value: Decimal, case: Case) -> Excess | None:
    """Check how many orders would be open."""
    number = case.asked.number
    return within(value, Decimal(number), count_open_orders(case)) if number else None


def check_orders_per_minute(value: Decimal, case: Case) -> Excess | None:
    """Check how many orders a minute would have had."""
    number = case.asked.number
    return within(value, Decimal(number), count_minute(case)) if number else None


def check_orders_per_day(value: Decimal, case: Case) -> Excess | None:
    """Check how many orders the day would have had."""
    number = case.asked.number
    return within(value, Decimal(number), count_day(case)) if number else None


def check_value_per_day(value: Decimal, case: Case) -> Excess | None:
    """Check what the day's orders would be worth together."""
    asked = case.asked
    if not asked.adds:
        return None
    return within(value, case.convert(asked.added_value, asked.currency), add_up_day(case))


def check_daily_loss(value: Decimal, case: Case) -> Excess | None:
    """Check what the day has cost so far; who reduces a position may."""
    loss = get_loss(case)
    return None if loss < value or case.is_reducing else Excess(None, NONE, f"The day's loss is {show(loss)}.")


def check_price_band(value: Decimal, case: Case) -> Excess | None:
    """Check how far its prices are away from the last one; without a price it is at the market, thus not at all."""
    distances = [need(order.distance) for order in case.asked.orders if order.distance is not None]
    return within(value, max(distances)) if distances else None


def check_symbols(value: Sequence[str], case: Case) -> Excess | None:
    """Check the symbols; of an option it is the underlying's."""
    return _check_words(value, [part.symbol for order in case.asked.orders for part in order.parts])


def check_sec_types(value: Sequence[str], case: Case) -> Excess | None:
    """Check the types; of a combination those of its legs."""
    return _check_words(value, [part.sec_type for order in case.asked.orders for part in order.parts])


def check_sides(value: Sequence[str], case: Case) -> Excess | None:
    """Check the side of the order, and of a combination those of its legs; what is attached ends what it began."""
    orders = case.asked.orders[:1] if case.asked.has_attached else case.asked.orders
    return _check_words(value, sorted({side for order in orders for side in order.all_sides}))


def check_hours(_value: str, case: Case) -> Excess | None:
    """Check that nothing of it may be filled outside of regular hours."""
    if not any(order.may_fill_outside_hours for order in case.asked.orders):
        return None
    return Excess("outside regular hours", None, "Send outside_rth: false, and no trading_session but a regular one.")


def check_reduce_only(_value: bool, case: Case) -> Excess | None:
    """Check that it can do nothing but reduce positions."""
    return None if case.is_reducing else Excess(reason="It may open or enlarge a position.")


def count_open_orders(case: Case) -> Decimal:
    """Return how many orders are open; raises ``NotKnown``."""
    if isinstance(case.open_orders, Unknown):
        raise NotKnown(case.open_orders.reason)
    return Decimal(case.open_orders)


def count_minute(case: Case) -> Decimal:
    """Return how many orders the last minute has had."""
    return Decimal(case.counters.orders_in_minute)


def count_day(case: Case) -> Decimal:
    """Return how many orders the day has had."""
    return Decimal(case.counters.orders)


def add_up_day(case: Case) -> Decimal:
    """Return what the day's orders were worth together; raises ``NotKnown``."""
    return sum((case.convert(value, currency) for currency, value in case.counters.values.items()), NONE)


def get_loss(case: Case) -> Decimal:
    """Return what the day has cost so far, 0 where it has earned something; raises ``NotKnown``."""
    if isinstance(case.losses, Unknown):
        raise NotKnown(case.losses.reason)
    return max(NONE, sum((case.convert(loss, currency) for loss, currency in case.losses), NONE))


def show(value: Any) -> str:
    """Return a figure, a word or several as a sentence has them."""
    if isinstance(value, Decimal):
        rounded = round(value, 8)
        return f"{rounded.normalize():f}" if rounded else "0"
    if isinstance(value, (list, tuple)):
        return ", ".join(value)
    return "on" if value is True else str(value)


def _convert_value(case: Case, order: AskedOrder) -> Decimal:
    return case.convert(need(order.value), order.currency)


def _check_words(allowed: Sequence[str], asked: Sequence[str]) -> Excess | None:
    others = [word for word in dict.fromkeys(asked) if word not in allowed]
    return Excess(", ".join(others), ", ".join(allowed)) if others else None
