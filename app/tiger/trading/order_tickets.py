"""An order as the client wants it, before it has a contract and a number, and what a modification changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.tiger.instrument import Instrument
from app.tiger.order_kinds import KINDS, OrderKind
from app.tiger.symbols import get_symbol_of

TAKE_PROFIT: Final = "take_profit"
STOP_LOSS: Final = "stop_loss"
OCA_PARTNER: Final = "oca_partner"


@dataclass(frozen=True, slots=True)
class TakeProfit:
    """Hold the order that takes the profit of another one, once that is filled; unless it says so it lasts a DAY."""

    limit_price: Decimal
    time_in_force: str | None = None
    outside_rth: bool | None = None


@dataclass(frozen=True, slots=True)
class StopLoss:
    """Hold the order that ends the loss of another one, once that is filled: at a price, or trailing the market."""

    stop_price: Decimal | None = None
    limit_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    trailing_amount: Decimal | None = None
    time_in_force: str | None = None


@dataclass(frozen=True, slots=True)
class TicketLeg:
    """Hold one leg of a combination: ``ratio`` units of it are bought or sold with each unit of the whole."""

    symbol: str
    action: str
    sec_type: str = "STK"
    expiry: str | None = None
    strike: Decimal | None = None
    put_call: str | None = None
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class OrderTicket:
    """An order as the client wants it; the contract supplies currency and exchange.

    ``quantity`` is positive and exact, or None where the order is for a ``cash_amount``. ``outside_rth`` None leaves
    the choice to the type and the contract. Moments are epoch milliseconds, ``expiry`` is YYYYMMDD.
    An order of a combination has ``legs`` and the ``strategy`` that they make; its symbol is that of their underlying.
    With ``partners`` it is the first of a group of which one fill ends the others (OCA).
    """

    symbol: str
    action: str
    order_type: str
    quantity: Decimal | None
    time_in_force: str = "DAY"
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    trailing_amount: Decimal | None = None
    outside_rth: bool | None = None
    cash_amount: Decimal | None = None
    expire_time: int | None = None
    trading_session: str | None = None
    start_time: int | None = None
    end_time: int | None = None
    participation_rate: Decimal | None = None
    no_take_liquidity: bool | None = None
    allow_past_end_time: bool | None = None
    display_size: int | None = None
    min_display_size: int | None = None
    check_interval_seconds: int | None = None
    price_type: str | None = None
    take_profit: TakeProfit | None = None
    stop_loss: StopLoss | None = None
    sec_type: str = "STK"
    expiry: str | None = None
    strike: Decimal | None = None
    put_call: str | None = None
    strategy: str | None = None
    legs: tuple[TicketLeg, ...] = ()
    partners: "tuple[OrderTicket, ...]" = ()

    @property
    def instrument(self) -> Instrument:
        """Return what it trades."""
        expiry = None if self.expiry is None else date.fromisoformat(self.expiry)
        symbol = get_symbol_of(self.sec_type, self.symbol)
        return Instrument(symbol, self.sec_type, expiry, self.strike, self.put_call)

    @property
    def kind(self) -> OrderKind:
        """Return what is certain of its type."""
        return KINDS[self.order_type]

    @property
    def is_trailing(self) -> bool:
        """Return whether its stop price follows the market."""
        return self.order_type == "TRAIL"

    @property
    def aux_price(self) -> Decimal | None:
        """Return what Tiger calls aux_price: the stop price, or the amount by which it trails."""
        return self.trailing_amount if self.is_trailing else self.stop_price

    @property
    def roles(self) -> tuple[str, ...]:
        """Return as what other orders come with it."""
        attached = ((TAKE_PROFIT, self.take_profit), (STOP_LOSS, self.stop_loss))
        return (*(role for role, order in attached if order is not None), *(OCA_PARTNER for _ in self.partners))


def get_names(instrument: Instrument) -> dict[str, Any]:
    """Return what a ticket says of its instrument."""
    names = {name: getattr(instrument, name) for name in ("symbol", "sec_type", "strike", "put_call")}
    return {**names, "expiry": instrument.expiry_text}


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """What a modification changes; None leaves the order's own value. At least one is given.

    An attached order is given whole: what its ``take_profit`` or ``stop_loss`` leaves out is no longer so.
    """

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    take_profit: TakeProfit | None = None
    stop_loss: StopLoss | None = None

    @property
    def figures(self) -> dict[str, Decimal]:
        """Return the order's own figures that are given, by their names."""
        named = {"quantity": self.quantity, "limit_price": self.limit_price, "stop_price": self.stop_price}
        return {name: figure for name, figure in named.items() if figure is not None}

    @property
    def attached(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the prices of the attached orders that are given, by the order's role."""
        profit, loss = self.take_profit, self.stop_loss
        found: dict[str, Mapping[str, Any]] = {}
        if profit is not None:
            found[TAKE_PROFIT] = {"limit_price": profit.limit_price}
        if loss is not None:
            names = ("stop_price", "limit_price", "trailing_percent", "trailing_amount")
            found[STOP_LOSS] = {name: getattr(loss, name) for name in names}
        return found
