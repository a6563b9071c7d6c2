"""What orders that Tiger shows will close of a position, or have just closed.

Whoever is not sure counts as having closed it, so that a position is never turned into its opposite.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.orders.fates import Fate, get_fate
from app.orders.matching import CLOCKS_APART_MS, is_order_of
from app.orders.records import CommandRecord
from app.tiger.trading.holdings import BUY, CHANGED_MS, COMBINATION, SELL, Holding, count_units
from app.tiger.trading.order_contracts import OrderContract
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import Order
from app.tiger.wire.values import json_number

LATE_MS: Final = 10_000
"""So long after a fill positions may not show it yet: no page of Tiger's says how soon they do."""
UNKNOWN_QUANTITY: Final = Decimal("Infinity")
"""What an order closes of which nobody can say how much, such as one for an amount of money."""
OPEN: Final = "open"
IN_DOUBT: Final = "in_doubt"
FILLED_LATELY: Final = "filled_lately"
REASONS: Final = (OPEN, IN_DOUBT, FILLED_LATELY)


@dataclass(frozen=True, slots=True)
class Promise:
    """So much of a position that an order closes, or may close, for one of ``REASONS``."""

    quantity: Decimal
    reason: str
    order_id: str | None
    account_order_id: str | None
    client_order_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what a client is told; the quantity is null where nobody can say it."""
        return {
            "order_id": self.order_id,
            "account_order_id": self.account_order_id,
            "client_order_id": self.client_order_id,
            "quantity": get_figure(self.quantity),
            "reason": self.reason,
        }


def list_promises(holding: Holding, *, is_settled: bool) -> list[Promise]:
    """Return what is promised of a position by what Tiger shows.

    Not ``is_settled``, what was filled lately counts, too, since the position may lack it.
    """
    action = get_closing_action(holding.quantity)
    lately = [] if is_settled else list_filled_lately(holding)
    return [promise for order in holding.orders for promise in _list_of_order(order, holding, action, lately)]


def is_settled(holding: Holding, placements: Iterable[CommandRecord]) -> bool:
    """Return whether a position certainly has every fill that Tiger shows.

    So it is where nothing was filled lately. Else an earlier closing of ours tells what was held before: where what is
    held is that, changed by all fills since, none is missing. An older order that was filled since says not by how
    much: then what it changed may balance what is missing.
    """
    lately = list_filled_lately(holding)
    if not lately:
        return True
    oldest = holding.read_at - CHANGED_MS + LATE_MS
    every = [(record, record.closes) for record in placements]
    closings = [(record, closes) for record, closes in every if closes is not None and closes.read_at > oldest]
    known = [closes for _, closes in closings if closes.is_settled]
    if not known:
        return False
    before = max(known, key=lambda closes: closes.read_at)
    since = before.read_at
    later = [record for record, closes in closings if closes.read_at >= since]
    filled_since = [order for order in holding.orders if order in lately or _may_be_filled_since(order, since)]
    ordered_since = [order for order in holding.orders if _is_ordered_since(order, since, later)]
    if any(order not in ordered_since or _is_combination(order) for order in filled_since):
        return False
    return before.held + sum(map(_get_change, ordered_since), Decimal(0)) == holding.quantity


def list_filled_lately(holding: Holding) -> Sequence[Order]:
    """Return the orders with a fill that the position may lack."""
    since = holding.read_at - LATE_MS
    return [
        order for order in holding.orders if order.filled and (order.trade_time is None or order.trade_time >= since)
    ]


def get_closing_action(quantity: Decimal) -> str:
    """Return the side of an order that closes a position."""
    return SELL if quantity > 0 else BUY


def get_figure(quantity: Decimal) -> int | float | None:
    """Return a quantity as JSON has it."""
    return json_number(quantity) if quantity.is_finite() else None


def _list_of_order(order: Order, holding: Holding, action: str, lately: Sequence[Order]) -> list[Promise]:
    units = count_units(order, holding.instrument, action)
    figures = []
    if get_fate(order) is Fate.LIVING:
        figures.append((order.remaining, OPEN))
    if order in lately:
        figures.append((order.filled, FILLED_LATELY))
    promised = [(multiply(quantity, units), reason) for quantity, reason in figures]
    names = (order.order_id, order.account_order_id)
    return [Promise(quantity, reason, *names) for quantity, reason in promised if quantity]


def multiply(quantity: Decimal | None, units: Decimal | None) -> Decimal:
    """Return how much a quantity of an order comes to; what nobody can say is without end."""
    if units == 0:
        return Decimal(0)
    return UNKNOWN_QUANTITY if quantity is None or units is None else quantity * units


def get_contract(ticket: OrderTicket) -> OrderContract:
    """Return what an order of ours trades, as Tiger would show it."""
    return OrderContract(
        symbol=ticket.symbol,
        sec_type=ticket.sec_type,
        market=None,
        currency=None,
        exchange=None,
        local_symbol=None,
        identifier=None,
        expiry=ticket.expiry,
        strike=ticket.strike,
        put_call=ticket.put_call,
        multiplier=None,
        name=None,
    )


def _may_be_filled_since(order: Order, since: int) -> bool:
    return bool(order.filled) and (order.trade_time is None or order.trade_time >= since - CLOCKS_APART_MS)


def _is_ordered_since(order: Order, since: int, later: Iterable[CommandRecord]) -> bool:
    """Return whether an order was certainly made after a moment, as those of ``later`` were.

    Tiger tells when it was made in whole seconds: within one of them nobody else can say.
    """
    is_later = order.order_time is not None and order.order_time >= since
    return is_later or any(is_order_of(record, order) for record in later)


def _is_combination(order: Order) -> bool:
    return bool(order.legs) or order.contract.sec_type == COMBINATION


def _get_change(order: Order) -> Decimal:
    filled = order.filled or Decimal(0)
    return -filled if order.action == SELL else filled
