"""What an order is worth, and each part of it, from its ticket, the contracts and the prices: never too little.

A buyer pays no more than the limit price: that is what counts, wherever the market is. A seller may get more: then it
is the dearer of the limit price and the market. Without a limit price it is the dearer of stop price and market, and
``MARGIN`` more. The market is the dearest of ask, bid and last price. Positions are counted at the market at least.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from app.risk.exposure import get_name
from app.risk.limits.case import BUY, NONE, SELL, Asked, AskedOrder, Figure, NotKnown, Part, Unknown, need
from app.tiger.instrument import FUTURE, OPTION_TYPE, Instrument
from app.tiger.trading.order_tickets import OrderTicket, StopLoss, TakeProfit, TicketLeg
from app.tiger.trading.tradable_contracts import TradableContract

MARGIN: Final = Decimal("0.05")
"""How much dearer than now an order without a limit price may turn out."""
MULTIPLIED: Final = frozenset({OPTION_TYPE, FUTURE})
"""Types of which one unit is worth a multiple of its price."""
EXTENDED_MARKET: Final = "US"
EXTENDED_TYPE: Final = "STK"
REGULAR_SESSIONS: Final = frozenset({None, "RTH", "HK_AUC", "HK_CTS", "HK_AUC_CTS"})
OTHER: Final = {BUY: SELL, SELL: BUY}
BOTH: Final = (BUY, SELL)
ONE: Final = Decimal(1)
NO_PRICE: Final = "Its price was not asked for."


@dataclass(frozen=True, slots=True)
class Price:
    """What an instrument trades at: its last price, as far as there is one, and the dearest of that, bid and ask."""

    last: Decimal | None
    dearest: Decimal


@dataclass(frozen=True, slots=True)
class Market:
    """Of each instrument, by its name, the price and the contract, or why they are not known."""

    prices: Mapping[str, Price | Unknown]
    contracts: Mapping[str, TradableContract | Unknown]

    def get_price(self, instrument: Instrument) -> Price:
        """Return a price; raises ``NotKnown``."""
        price = self.prices.get(get_name(instrument), Unknown(NO_PRICE))
        if isinstance(price, Unknown):
            raise NotKnown(price.reason)
        return price

    def get_last(self, instrument: Instrument) -> Decimal:
        """Return the last price; raises ``NotKnown``."""
        last = self.get_price(instrument).last
        if last is None:
            raise NotKnown(f"Tiger has no last price of {instrument.identifier}.")
        return last

    def get_contract(self, instrument: Instrument) -> TradableContract:
        """Return a contract; raises ``NotKnown``."""
        contract = self.contracts.get(get_name(instrument), Unknown("Its contract is not known."))
        if isinstance(contract, Unknown):
            raise NotKnown(contract.reason)
        return contract

    def get_factor(self, instrument: Instrument) -> Decimal:
        """Return how much of its price one unit is worth; raises ``NotKnown``."""
        if instrument.sec_type not in MULTIPLIED:
            return ONE
        contract = self.get_contract(instrument)
        factor = contract.multiplier or contract.factor
        if factor is None:
            raise NotKnown(f"Tiger does not say the multiplier of {instrument.identifier}.")
        return factor


@dataclass(frozen=True, slots=True)
class Terms:
    """What one order of one instrument goes by, whether it is new, changed, or comes with another one.

    ``has_band`` is false where its prices are meant to be away from the market, or do not change.
    """

    instrument: Instrument
    side: str
    quantity: Decimal | None
    cash_amount: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    trailing_amount: Decimal | None = None
    may_fill_outside_hours: bool = False
    has_band: bool = True


def describe_ticket(ticket: OrderTicket, currency: str, market: Market, *, outside_rth: bool | None) -> Asked:
    """Return what a placement asks, with all that comes with it; ``outside_rth`` is what is sent of it."""
    if ticket.legs:
        return Asked((_describe_combination(ticket, currency, market),))
    instrument = ticket.instrument
    first, *partners = (
        describe(_get_terms(each, instrument, outside_rth), currency, market) for each in (ticket, *ticket.partners)
    )
    if partners:
        return Asked((replace(first, parts=_get_worst_parts((first, *partners))), *partners))
    orders = (first, *(describe(terms, currency, market) for terms in _get_attached_terms(ticket)))
    return Asked(orders, has_attached=len(orders) > 1)


def get_unit_price(
    side: str, limit: Decimal | None, stop: Decimal | None, get_dearest: Callable[[], Decimal]
) -> Decimal:
    """Return what one unit may cost or bring at most; the market is asked for only where that hangs on it."""
    if limit is not None:
        return limit if side == BUY else max(limit, get_dearest())
    return max(stop or Decimal(0), get_dearest()) * (1 + MARGIN)


def get_trailed(terms: Terms, dearest: Decimal) -> Decimal:
    """Return where a stop that trails the market stands: a buyer's is so far above it."""
    if terms.side != BUY:
        return dearest
    trailing = (terms.trailing_amount or NONE) + dearest * (terms.trailing_percent or NONE) / 100
    return dearest + trailing


def get_distance(prices: Sequence[Decimal], last: Decimal) -> Decimal:
    """Return how far the price that is furthest away from the last one is away from it, in percent."""
    if last <= 0:
        raise NotKnown("The last price is not above 0.")
    return max(abs(price - last) for price in prices) / last * 100


def describe(terms: Terms, currency: str, market: Market) -> AskedOrder:
    """Return one order; what cannot be said of it is unknown."""
    instrument, side = terms.instrument, terms.side

    def get_dearest() -> Decimal:
        return get_trailed(terms, market.get_price(instrument).dearest)

    unit = _get(lambda: get_unit_price(side, terms.limit_price, terms.stop_price, get_dearest))
    quantity: Figure
    value: Figure
    if terms.quantity is not None:
        quantity = terms.quantity
        value = _get(lambda: need(quantity) * need(unit) * market.get_factor(instrument))
    elif terms.cash_amount is not None:
        amount = value = terms.cash_amount
        quantity = _get(lambda: amount / _get_cheapest(terms, market) * (1 + MARGIN))
    else:
        quantity = value = Unknown("Tiger does not say how much the order is for.")
    worth = _get(lambda: max(need(unit), get_dearest()) * market.get_factor(instrument))
    prices = [price for price in (terms.limit_price, terms.stop_price) if price is not None]
    distance = None
    if prices and terms.has_band:
        distance = _get(lambda: get_distance(prices, market.get_last(instrument)))
    part = Part(get_name(instrument), instrument.symbol, instrument.sec_type, (side,), quantity, worth)
    return AskedOrder(frozenset({side}), quantity, value, currency, (part,), distance, terms.may_fill_outside_hours)


def _get_cheapest(terms: Terms, market: Market) -> Decimal:
    """Return at what price an amount buys, or sells, the most; a little less is what the margin is for."""
    last = market.get_last(terms.instrument)
    return last if terms.limit_price is None or terms.side != BUY else min(last, terms.limit_price)


def _get_worst_parts(orders: Sequence[AskedOrder]) -> tuple[Part, ...]:
    """Return what a group of which one order alone is filled does at worst: the most of a side, at the dearest."""
    parts = [part for order in orders for part in order.parts]
    by_side = {part.sides: [each for each in parts if each.sides == part.sides] for part in parts}
    return tuple(_get_worst_part(same) for same in by_side.values())


def _get_worst_part(same: Sequence[Part]) -> Part:
    quantity = _get(lambda: max(need(part.quantity) for part in same))
    return replace(same[0], quantity=quantity, worth=_get(lambda: max(need(part.worth) for part in same)))


def _describe_combination(ticket: OrderTicket, currency: str, market: Market) -> AskedOrder:
    """Return the order of a combination: its legs together, each at the market: a net price bounds none."""
    parts = []
    for leg in ticket.legs:
        instrument = _get_leg_instrument(leg)
        # Of one that is sold nobody says whether a leg's own side is turned round.
        sides = (leg.action,) if ticket.action == BUY else BOTH
        quantity = _get_leg_quantity(ticket, leg)

        def get_worth(instrument: Instrument = instrument) -> Decimal:
            return market.get_price(instrument).dearest * (1 + MARGIN) * market.get_factor(instrument)

        worth = _get(get_worth)
        parts.append(Part(get_name(instrument), instrument.symbol, instrument.sec_type, sides, quantity, worth))
    value = _get(lambda: sum((need(part.quantity) * need(part.worth) for part in parts), Decimal(0)))
    distance = None
    if ticket.limit_price is not None:
        distance = Unknown("A combination has no last price that its limit price could be compared with.")
    quantity = _get(lambda: max(need(_get_leg_quantity(ticket, leg)) for leg in ticket.legs))
    is_outside = ticket.trading_session not in REGULAR_SESSIONS or bool(ticket.outside_rth)
    return AskedOrder(frozenset({ticket.action}), quantity, value, currency, tuple(parts), distance, is_outside)


def _get_leg_quantity(ticket: OrderTicket, leg: TicketLeg) -> Figure:
    """Return how much of a leg is bought or sold."""
    return Unknown("The combination has no quantity.") if ticket.quantity is None else ticket.quantity * leg.ratio


def _get_leg_instrument(leg: TicketLeg) -> Instrument:
    return OrderTicket(
        leg.symbol,
        leg.action,
        "MKT",
        None,
        sec_type=leg.sec_type,
        expiry=leg.expiry,
        strike=leg.strike,
        put_call=leg.put_call,
    ).instrument


def list_instruments(ticket: OrderTicket) -> list[Instrument]:
    """Return all that a placement trades."""
    return [_get_leg_instrument(leg) for leg in ticket.legs] or [ticket.instrument]


def _get_terms(ticket: OrderTicket, instrument: Instrument, sent_outside_rth: bool | None) -> Terms:
    outside = sent_outside_rth if ticket.outside_rth is None else ticket.outside_rth
    return Terms(
        instrument,
        ticket.action,
        ticket.quantity,
        ticket.cash_amount,
        ticket.limit_price,
        ticket.stop_price,
        ticket.trailing_percent,
        ticket.trailing_amount,
        ticket.trading_session not in REGULAR_SESSIONS or (bool(outside) and is_extended(instrument)),
    )


def _get_attached_terms(ticket: OrderTicket) -> list[Terms]:
    plain = Terms(ticket.instrument, OTHER[ticket.action], ticket.quantity, ticket.cash_amount, has_band=False)
    attached = [fit_take_profit(plain, ticket.take_profit), fit_stop_loss(plain, ticket.stop_loss)]
    return [terms for terms in attached if terms is not None]


def fit_take_profit(plain: Terms, profit: TakeProfit | None) -> Terms | None:
    """Return what takes a profit by terms that have no prices yet, if anything does."""
    if profit is None:
        return None
    outside = bool(profit.outside_rth) and is_extended(plain.instrument)
    return replace(plain, limit_price=profit.limit_price, may_fill_outside_hours=outside)


def fit_stop_loss(plain: Terms, loss: StopLoss | None) -> Terms | None:
    """Return what ends a loss by terms that have no prices yet, if anything does."""
    if loss is None:
        return None
    return replace(
        plain,
        limit_price=loss.limit_price,
        stop_price=loss.stop_price,
        trailing_percent=loss.trailing_percent,
        trailing_amount=loss.trailing_amount,
    )


def is_extended(instrument: Instrument) -> bool:
    """Return whether an instrument has hours beside the regular ones that outside_rth opens: stocks of the US alone."""
    return instrument.sec_type == EXTENDED_TYPE and instrument.market == EXTENDED_MARKET


def _get(find: Callable[[], Decimal]) -> Figure:
    """Return a figure, or why it cannot be had."""
    try:
        return find()
    except NotKnown as error:
        return Unknown(str(error))
