"""What an order sends: the client's ticket, joined with the contract, as the SDK's own request model."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from tigeropen.trade.domain.contract import ContractLeg
from tigeropen.trade.domain.order import AlgoParams, OrderLeg
from tigeropen.trade.request.model import PlaceModifyOrderParams

from app.tiger.order_kinds import OCA, SESSIONS
from app.tiger.trading.order_figures import get_scale, get_units, is_whole, refuse, wire_number
from app.tiger.trading.order_tickets import OrderTicket, StopLoss, TakeProfit, TicketLeg
from app.tiger.trading.orders import Order
from app.tiger.trading.sent_contracts import get_sent_contract
from app.tiger.trading.tradable_contracts import TradableContract

MARKETS_WITH_EXTENDED_HOURS: Final = frozenset({"US"})
"""outside_rth is "US stocks only" [SDK: modify_order]."""


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
            "cash_amount": ticket.cash_amount,
            "expire_time": ticket.expire_time,
            "trading_session_type": ticket.trading_session,
        }
        return replace(order, **{name: value for name, value in sent.items() if getattr(order, name) is None})


def prepare(ticket: OrderTicket, contract: TradableContract) -> PreparedOrder:
    """Deny what Tiger would certainly refuse, and what could not be sent exactly, before anything is written or sent.

    A trailing amount travels as aux_price [SDK: create_order]; currency and exchange are the contract's.

    Raises:
        InvalidRequest: ``details`` names the field.
    """
    _check_offer(ticket, contract)
    if ticket.partners:
        return PreparedOrder(ticket, contract, _get_group_params(ticket, contract))
    params = PlaceModifyOrderParams()
    params.contract = get_sent_contract(contract)
    if ticket.legs:
        params.contract, params.contract_legs = None, [_get_sent_leg(leg) for leg in ticket.legs]
        params.combo_type = ticket.strategy
    params.action = ticket.action
    params.order_type = ticket.order_type
    if ticket.quantity is not None:
        scale = get_scale(ticket.quantity)
        params.quantity = get_units(ticket.quantity, scale)
        params.quantity_scale = scale or None
    params.total_cash_amount = wire_number("cash_amount", ticket.cash_amount)
    params.limit_price = wire_number("limit_price", ticket.limit_price)
    params.aux_price = wire_number("trailing_amount" if ticket.is_trailing else "stop_price", ticket.aux_price)
    params.trailing_percent = wire_number("trailing_percent", ticket.trailing_percent)
    params.time_in_force = ticket.time_in_force
    params.expire_time = ticket.expire_time
    params.trading_session_type = ticket.trading_session
    params.outside_rth = get_outside_rth(ticket, contract)
    if ticket.kind.wire:
        _fill_own_fields(params, ticket)
    if ticket.take_profit is not None or ticket.stop_loss is not None:
        params.order_legs = get_attached_legs(_say_hours(ticket.take_profit, contract), ticket.stop_loss)
    return PreparedOrder(ticket, contract, params)


def get_outside_rth(ticket: OrderTicket, contract: TradableContract) -> bool | None:
    """Return whether the order may trade outside regular hours; None where its trading session or type says that.

    Where the client does not say, market orders may, except where Tiger forbids it: fractions of a share, orders for
    an amount, and markets that have no such hours.
    """
    if ticket.outside_rth is not None:
        return ticket.outside_rth
    if ticket.kind.outside_rth is not None:
        return ticket.kind.outside_rth
    if ticket.trading_session is not None or contract.sec_type != "STK":
        return None
    has_extended_hours = contract.market in MARKETS_WITH_EXTENDED_HOURS
    return ticket.order_type == "MKT" and has_extended_hours and is_whole(ticket.quantity)


def _say_hours(take_profit: TakeProfit | None, contract: TradableContract) -> TakeProfit | None:
    """Return what takes a profit with its hours said: a page of Tiger's has them extended where nothing is said."""
    has_extended_hours = contract.sec_type == "STK" and contract.market in MARKETS_WITH_EXTENDED_HOURS
    if take_profit is None or take_profit.outside_rth is not None or not has_extended_hours:
        return take_profit
    return replace(take_profit, outside_rth=False)


def get_attached_legs(take_profit: TakeProfit | None, stop_loss: StopLoss | None) -> list[OrderLeg]:
    """Return the attached orders as the SDK sends them."""
    legs = []
    if take_profit is not None:
        price = wire_number("take_profit.limit_price", take_profit.limit_price)
        legs.append(OrderLeg("PROFIT", price, take_profit.time_in_force or "DAY", take_profit.outside_rth))
    if stop_loss is not None:
        names = ("stop_price", "limit_price", "trailing_percent", "trailing_amount")
        prices = {name: wire_number(f"stop_loss.{name}", getattr(stop_loss, name)) for name in names}
        legs.append(OrderLeg("LOSS", prices.pop("stop_price"), stop_loss.time_in_force or "DAY", **prices))
    return legs


def _get_sent_leg(leg: TicketLeg) -> ContractLeg:
    strike = wire_number("legs.strike", leg.strike)
    return ContractLeg(leg.symbol, leg.sec_type, leg.expiry, strike, leg.put_call, leg.action, leg.ratio)


def _get_group_params(ticket: OrderTicket, contract: TradableContract) -> PlaceModifyOrderParams:
    """Return the request for orders of which one fill ends the others: the SDK names their contract and side once.

    Raises:
        InvalidRequest: A quantity is no whole number, which the SDK cannot send of one of them.
    """
    params = PlaceModifyOrderParams()
    params.contract = get_sent_contract(contract)
    params.action = ticket.action
    params.order_type = OCA
    params.order_legs = []
    for number, each in enumerate((ticket, *ticket.partners)):
        if each.quantity is None or not is_whole(each.quantity):
            raise refuse(f"orders.{number}.quantity", "Send a whole number: OCA orders are not for fractions.")
        limit = wire_number(f"orders.{number}.limit_price", each.limit_price)
        stop = wire_number(f"orders.{number}.stop_price", each.stop_price)
        outside_rth = get_outside_rth(each, contract)
        price, quantity = (limit if stop is None else stop), get_units(each.quantity, 0)
        leg = OrderLeg(each.order_type, price, each.time_in_force, outside_rth, limit, quantity=quantity)
        params.order_legs.append(leg)
    return params


def _check_offer(ticket: OrderTicket, contract: TradableContract) -> None:
    """Deny what this type, or this contract, certainly does not take.

    Raises:
        InvalidRequest: ``details`` names the field.
    """
    if contract.supports_fractions is False:
        if ticket.cash_amount is not None:
            raise refuse("cash_amount", f"{contract.name} is not traded in fractions: send a quantity.")
        if not is_whole(ticket.quantity):
            raise refuse("quantity", f"{contract.name} is not traded in fractions.")
    offered = ticket.kind.instruments
    if offered is not None and (contract.sec_type, contract.market) not in offered:
        places = " and ".join(sorted(f"{sec_type} of {market}" for sec_type, market in offered))
        reason = f"{ticket.order_type} orders are for {places} only; {contract.name} is {contract.sec_type} of"
        raise refuse("order_type", f"{reason} {contract.market}.")
    market = SESSIONS.get(ticket.trading_session or "")
    if market is not None and market != contract.market:
        reason = f"{ticket.trading_session} is a session of market {market}; {contract.name} trades in"
        raise refuse("trading_session", f"{reason} {contract.market}.")


def _fill_own_fields(params: PlaceModifyOrderParams, ticket: OrderTicket) -> None:
    """Write the fields that only some types have, as the table of types says."""
    kind = ticket.kind
    algorithm = AlgoParams()
    for name, sent_as in kind.wire.items():
        setattr(
            algorithm if kind.is_algorithm else params, sent_as, _get_sent(name, getattr(ticket, name), kind.defaults)
        )
    if kind.is_algorithm:
        params.algo_params = algorithm


def _get_sent(name: str, value: Any, defaults: Any) -> Any:
    if isinstance(value, Decimal):
        return wire_number(name, value)
    return defaults.get(name) if value is None else value
