"""Read what an account holds and which orders it has, once for all workers: what exposures are worked out from."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from app.orders.fates import Fate, get_fate
from app.orders.naming import HIDDEN_MS, OWN_MARK
from app.orders.promises import LATE_MS
from app.orders.records import MARK_PREFIX
from app.risk.limits.case import NONE
from app.risk.shown import HeldRow, ShownOrder
from app.tiger.instrument_filter import ANY
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.trading.open_orders import fetch_changed_orders, fetch_open_orders
from app.tiger.trading.orders import Order
from app.tiger.trading.positions import fetch_items, get_position, get_quantity

SHARED_SECONDS: Final = 2.0
LISTS: Final = Kind("risk_holdings", lambda _seconds: SHARED_SECONDS, scope="account", is_shared=True)
LEAST_CHANGED_MS: Final = 60_000
CONTRACT: Final = ("symbol", "sec_type", "identifier", "expiry", "put_call", "local_symbol")

Lists = dict[str, Any]
"""Positions and orders as JSON, as workers share them."""
FindWaiting = Callable[[], Mapping[str, int]]
"""Return how many milliseconds ago each command was admitted that may have an order which is not shown."""


def fetch_lists(session: Session, sec_types: Sequence[str], find_waiting: FindWaiting) -> Lists:
    """Return the positions of these types, and the orders of the account that are open or changed lately.

    Positions come first: an order that fills meanwhile is then seen as open, or as filled just now, and never missed.

    Raises:
        TigerError: An answer cannot be read, or an order that was not seen may be open.
        GatewayError: Tiger could not be asked.
    """

    def ask(inside: Session) -> Lists:
        # Before its first answer Tiger's time is not known: then every fill counts as late.
        read_at = inside.tiger_now or 0
        deadline = inside.read_deadline()
        held = [_write_position(item) for sec_type in sec_types for item in fetch_items(inside, sec_type, deadline)]
        found = fetch_open_orders(inside, ANY, deadline)
        shown = {(order.user_mark or "")[len(MARK_PREFIX) :] for order in found}
        ages = [age for command_id, age in find_waiting().items() if command_id not in shown]
        since = read_at - max(LEAST_CHANGED_MS, min(HIDDEN_MS, max(ages, default=0) + LATE_MS))
        # Read last, these are how an order stands that is in both lists.
        found += fetch_changed_orders(inside, ANY, since, deadline)
        latest = {order.order_id: order for order in found}
        return {"read_at": read_at, "held": held, "orders": [_write(order, read_at) for order in latest.values()]}

    return session.compose(LISTS, ("risk_holdings", *sec_types), ask, session.read_deadline())


def read_positions(lists: Lists) -> list[HeldRow]:
    """Return the positions of such lists."""
    return [HeldRow(each["row"], _read(each["quantity"])) for each in lists["held"]]


def read_orders(lists: Lists) -> list[ShownOrder]:
    """Return the orders of such lists."""
    return [
        ShownOrder(
            **{
                **each,
                "quantity": _read(each["quantity"]),
                "remaining": _read(each["remaining"]),
                "filled_lately": Decimal(each["filled_lately"]),
            }
        )
        for each in lists["orders"]
    ]


def _write_position(item: Mapping[str, Any]) -> dict[str, Any]:
    row = get_position(item)
    return {"row": {name: row.get(name) for name in (*CONTRACT, "strike")}, "quantity": _spell(get_quantity(item))}


def _write(order: Order, read_at: int) -> dict[str, Any]:
    contract, mark = order.contract, order.user_mark or ""
    is_late = bool(order.filled) and (order.trade_time is None or order.trade_time >= read_at - LATE_MS)
    return {
        "order_id": order.order_id,
        "parent_id": order.parent_id,
        "command_id": mark[len(MARK_PREFIX) :] if OWN_MARK.fullmatch(mark) else None,
        "side": order.action,
        "row": {name: getattr(contract, name) for name in CONTRACT} | {"strike": _spell(contract.strike)},
        "legs": [dict(leg) for leg in order.legs],
        "quantity": _spell(order.quantity),
        "remaining": _spell(order.remaining),
        "filled_lately": _spell(order.filled if is_late else NONE),
        "is_open": get_fate(order) is Fate.LIVING,
        "changed_at": max(order.update_time or read_at, order.trade_time or 0),
        "is_filled": bool(order.filled),
    }


def _spell(figure: Decimal | None) -> str | None:
    return None if figure is None else f"{figure:f}"


def _read(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)
