"""What an order command sends: the client's ticket, joined with the contract, as the SDK's own request model."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.request.model import PlaceModifyOrderParams

from app.errors import InvalidRequest
from app.tiger.sessions import Session
from app.tiger.trading.orders import LIMIT_PRICE_TYPES, STOP_PRICE_TYPES, Order
from app.tiger.trading.tradable_contracts import TradableContract

KNOWN_TYPES: Final = frozenset({"MKT", "LMT", "STP", "STP_LMT", "TRAIL"})
MARKETS_WITH_EXTENDED_HOURS: Final = frozenset({"US"})
"""outside_rth is "US stocks only" [SDK: modify_order]."""

FINEST_STEP: Final = Decimal("1e-10")
"""No market's prices move by less."""


@dataclass(frozen=True, slots=True)
class OrderTicket:
    """An order as the client wants it; the contract supplies currency and exchange.

    ``quantity`` is positive and exact. ``outside_rth`` None leaves the choice to the type and the contract.
    """

    symbol: str
    action: str
    order_type: str
    quantity: Decimal
    time_in_force: str = "DAY"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    trailing_amount: Decimal | None = None
    outside_rth: bool | None = None

    @property
    def is_trailing(self) -> bool:
        """Return whether its stop price follows the market."""
        return self.order_type == "TRAIL"

    @property
    def aux_price(self) -> Decimal | None:
        """Return what Tiger calls aux_price: the stop price, or the amount by which it trails."""
        return self.trailing_amount if self.is_trailing else self.stop_price


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """What a modification changes; None leaves the order's own value. At least one is given."""

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None

    @property
    def figures(self) -> dict[str, Decimal]:
        """Return the figures that are given, by their names."""
        named = {"quantity": self.quantity, "limit_price": self.limit_price, "stop_price": self.stop_price}
        return {name: figure for name, figure in named.items() if figure is not None}


@dataclass(frozen=True, slots=True)
class PreparedOrder:
    """A ticket that was checked, joined with its contract in the SDK's own request: all but the number and the mark."""

    ticket: OrderTicket
    contract: TradableContract
    params: PlaceModifyOrderParams

    def complete(self, order: Order) -> Order:
        """Return the order with what was sent where Tiger's answer leaves it out; only for one that is the sent one."""
        ticket, params = self.ticket, self.params
        sent = {
            "account_order_id": str(params.order_id),
            "account": params.account,
            "user_mark": params.user_mark,
            "action": ticket.action,
            "order_type": ticket.order_type,
            "quantity": ticket.quantity,
            "limit_price": ticket.limit_price,
            "aux_price": ticket.aux_price,
            "trailing_percent": ticket.trailing_percent,
            "time_in_force": ticket.time_in_force,
            "outside_rth": params.outside_rth,
        }
        return replace(order, **{name: value for name, value in sent.items() if getattr(order, name) is None})


def prepare(ticket: OrderTicket, contract: TradableContract) -> PreparedOrder:
    """Deny what Tiger would certainly refuse, and what could not be sent exactly, before anything is written or sent.

    A trailing amount travels as aux_price [SDK: create_order]; currency and exchange are the contract's.

    Raises:
        InvalidRequest: ``details`` names the field.
    """
    if not _is_whole(ticket.quantity) and contract.supports_fractions is False:
        raise _invalid("quantity", f"{contract.symbol} is not traded in fractions.")
    params = PlaceModifyOrderParams()
    params.contract = Contract(
        symbol=contract.symbol, currency=contract.currency, sec_type=contract.sec_type, exchange=contract.exchange
    )
    params.action = ticket.action
    params.order_type = ticket.order_type
    scale = _scale(ticket.quantity)
    params.quantity = _unscaled(ticket.quantity, scale)
    params.quantity_scale = scale or None
    params.limit_price = wire_number("limit_price", ticket.limit_price)
    params.aux_price = wire_number("trailing_amount" if ticket.is_trailing else "stop_price", ticket.aux_price)
    params.trailing_percent = wire_number("trailing_percent", ticket.trailing_percent)
    params.time_in_force = ticket.time_in_force
    params.outside_rth = get_outside_rth(ticket, contract)
    return PreparedOrder(ticket, contract, params)


def get_outside_rth(ticket: OrderTicket, contract: TradableContract) -> bool:
    """Return whether the order may trade outside regular hours.

    Where the client does not say, market orders may, except where Tiger forbids it: fractions of a share, and
    markets that have no such hours.
    """
    if ticket.outside_rth is not None:
        return ticket.outside_rth
    has_extended_hours = contract.market in MARKETS_WITH_EXTENDED_HOURS and contract.sec_type == "STK"
    return ticket.order_type == "MKT" and has_extended_hours and _is_whole(ticket.quantity)


def get_modification_params(session: Session, order: Order, changes: OrderChanges) -> PlaceModifyOrderParams:
    """Return the request that changes an order: all of its fields again [SDK: modify_order], the changed ones new.

    The quantity keeps the order's own scale where that holds it, and the scale is always named: a whole number read
    in the old scale would be another quantity. An order for an amount has none, and Tiger wants one of the two, so
    its amount is sent again, which the SDK leaves out.

    Raises:
        InvalidRequest: The order's type has no such price, it is for an amount and has no quantity, or a figure has
            more digits than the wire carries.
    """
    if changes.limit_price is not None and order.order_type in KNOWN_TYPES - LIMIT_PRICE_TYPES:
        raise _invalid("limit_price", f"A {order.order_type} order has no limit price.")
    if changes.stop_price is not None and order.order_type in KNOWN_TYPES - STOP_PRICE_TYPES:
        raise _invalid("stop_price", f"A {order.order_type} order has no stop price.")
    is_for_amount = not order.quantity and order.cash_amount is not None
    if is_for_amount and changes.quantity is not None:
        raise _invalid("quantity", "The order is for an amount of money: it has no quantity that could be changed.")
    contract = order.contract
    params = PlaceModifyOrderParams()
    params.account = session.account.account
    params.id = int(order.order_id) if order.order_id else None
    params.order_id = int(order.account_order_id) if order.account_order_id else None
    params.contract = Contract(
        symbol=contract.symbol,
        currency=contract.currency,
        sec_type=contract.sec_type,
        exchange=contract.exchange,
        local_symbol=contract.local_symbol,
        expiry=contract.expiry,
        strike=wire_number("strike", contract.strike),
        put_call=contract.put_call,
        multiplier=wire_number("multiplier", contract.multiplier),
    )
    params.action = order.action
    params.order_type = order.order_type
    quantity = changes.quantity if changes.quantity is not None else order.quantity
    if is_for_amount:
        params.total_cash_amount = wire_number("cash_amount", order.cash_amount)
    elif quantity is not None:
        scale = max(order.quantity_scale, _scale(quantity))
        params.quantity, params.quantity_scale = _unscaled(quantity, scale), scale
    for name, price in (("limit_price", changes.limit_price), ("stop_price", changes.stop_price)):
        if price is not None and price % FINEST_STEP:
            raise _invalid(name, describe_nearest(price))
    params.limit_price = wire_number("limit_price", _or(changes.limit_price, order.limit_price))
    params.aux_price = wire_number("stop_price", _or(changes.stop_price, order.aux_price))
    params.trail_stop_price = wire_number("trail_stop_price", order.trail_stop_price)
    params.trailing_percent = wire_number("trailing_percent", order.trailing_percent)
    params.percent_offset = wire_number("percent_offset", order.percent_offset)
    params.adjust_limit = wire_number("adjust_limit", order.adjust_limit)
    params.time_in_force = order.time_in_force
    params.expire_time = order.expire_time
    params.outside_rth = order.outside_rth
    return params


def wire_number(name: str, value: Decimal | None) -> int | float | None:
    """Return the JSON number that prints as exactly this decimal.

    ``json.dumps`` writes the shortest digits that mean a float, so a decimal survives where the float means it alone;
    that holds for up to fifteen digits, and is checked rather than hoped for.

    Raises:
        InvalidRequest: No float prints as this decimal.
    """
    if value is None:
        return None
    printed = float(value)
    if Decimal(repr(printed)) != value:
        raise _invalid(name, describe_nearest(value))
    return printed


def describe_nearest(value: Decimal) -> str:
    """Return what a client is told of a figure that is written too finely."""
    nearest = max(Decimal(f"{value:.10f}"), FINEST_STEP).normalize()
    return f"It has more digits than Tiger can be sent: the nearest number is {nearest:f}."


def _or(changed: Decimal | None, current: Decimal | None) -> Decimal | None:
    return current if changed is None else changed


def _is_whole(quantity: Decimal) -> bool:
    return quantity == quantity.to_integral_value()


def _scale(quantity: Decimal) -> int:
    """Return how many decimals a quantity really has: 1.50 has one."""
    exponent = quantity.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _unscaled(quantity: Decimal, scale: int) -> int:
    """Return quantity × 10^scale, which Tiger keeps in a 64 bit integer.

    Raises:
        InvalidRequest: It does not fit.
    """
    units = int(quantity.scaleb(scale))
    if units >= 2**63:
        raise _invalid("quantity", "It has more digits than Tiger can be sent.")
    return units


def _invalid(name: str, reason: str) -> InvalidRequest:
    return InvalidRequest.of_fields({name: [reason]}, "The order cannot be sent")
