"""Requests that place orders and change them: the fields that all share, and those of single order types."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marshmallow import ValidationError

from app.tiger.instrument import OPTION_TYPE, Instrument
from app.tiger.order_kinds import (
    COMBINATION,
    KINDS,
    LEG_TYPES,
    OWN_FIELDS,
    PRICE_TYPES,
    SESSIONS,
    STRATEGIES,
    TIMES_IN_FORCE,
    find_wrong,
)
from schemas.fields import Choice, Flag, Positive, Premium, Price, Whole
from schemas.instruments import TradedInstrumentRequest
from schemas.moments import Moment, MomentField
from schemas.requests import Part, Parts, get_error, optional, required
from schemas.trade import AN_ORDER, ClientOrderId, OrderId

SIDES = ("BUY", "SELL")
LEGS = (2, 10)
LARGEST_RATIO = 1_000
LEAST_RATE = Decimal("0.01")
LARGEST_RATE = Decimal("0.5")
"""Of participation_rate [SDK: algo_order_params]."""
ATTACHED_TIMES = ("DAY", "GTC")
LOSS_TRIGGERS = ("stop_price", "trailing_percent", "trailing_amount")
TYPES_OF_QUANTITIES = ("MKT", "LMT", "STP", "STP_LMT")
"""Order types of which Tiger is told all that matters for a quantity [SDK: get_estimate_tradable_quantity]."""
LARGEST_SIZE = 10**12
LONGEST_INTERVAL_SECONDS = 86_400


ATTACHED_TIME = "How long it lasts. Left out: DAY; in a change, as long as it lasts already."


@dataclass(frozen=True, slots=True)
class TakeProfitPart:
    """The order that takes the profit, once the main order is filled."""

    limit_price: Decimal = required(Price(), "The price to take the profit at.")
    time_in_force: str | None = optional(Choice(ATTACHED_TIMES), None, ATTACHED_TIME)
    outside_rth: bool | None = optional(
        Flag(), None, "Whether it may fill outside regular hours; left out: not. In a change: as before."
    )


@dataclass(frozen=True, slots=True)
class StopLossPart:
    """The order that ends the loss, once the main order is filled."""

    stop_price: Decimal | None = optional(Price(), None, "The price that triggers it; or send a trailing field.")
    limit_price: Decimal | None = optional(Price(), None, "The worst price it may fill at; with stop_price only.")
    trailing_percent: Decimal | None = optional(Positive(), None, "The distance of a trailing stop, in percent.")
    trailing_amount: Decimal | None = optional(Positive(), None, "The distance of a trailing stop, as an amount.")
    time_in_force: str | None = optional(Choice(ATTACHED_TIMES), None, ATTACHED_TIME)

    def __post_init__(self) -> None:
        """Ask for one way to trigger it."""
        if sum(getattr(self, name) is not None for name in LOSS_TRIGGERS) != 1:
            raise get_error("Send one of stop_price, trailing_percent and trailing_amount.", "stop_price")
        if self.limit_price is not None and self.stop_price is None:
            raise get_error("Leave it out: a trailing stop does not use it.", "limit_price")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPart(TradedInstrumentRequest):
    """One leg of a combination: an option, or the stock that the others are options of."""

    action: str = required(Choice(SIDES), "Whether it is bought or sold where the combination is bought.")
    ratio: int = optional(Whole(1, LARGEST_RATIO), 1, "How many of it belong to each unit of the combination.")

    def __post_init__(self) -> None:
        """Refuse what no combination is made of."""
        TradedInstrumentRequest.__post_init__(self)
        if self.instrument.sec_type not in LEG_TYPES:
            raise get_error("Combinations are made of options and their stock.", "sec_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrderRequest(TradedInstrumentRequest):
    """Place an order."""

    action: str = required(Choice(SIDES), "Whether to buy or to sell.")
    order_type: str = required(
        Choice(KINDS),
        "LMT needs limit_price, STP stop_price, STP_LMT both, TRAIL one trailing field. AM and AL are for auctions in "
        "Hong Kong, AL with limit_price; TWAP and VWAP spread an order over a time; ICEBERG shows display_size of it, "
        "at limit_price. A field that the type does not use is refused.",
    )
    quantity: Decimal | None = optional(
        Positive(),
        None,
        "How many, unless cash_amount is sent; fractions where the contract allows them, whole lots in Hong Kong.",
    )
    limit_price: Decimal | None = optional(
        Premium(), None, "The worst price it may fill at; below 0 where a combination is to bring money."
    )
    stop_price: Decimal | None = optional(Price(), None, "The price that triggers it.")
    trailing_percent: Decimal | None = optional(Positive(), None, "The distance of a trailing stop, in percent.")
    trailing_amount: Decimal | None = optional(Positive(), None, "The distance of a trailing stop, as an amount.")
    time_in_force: str = optional(
        Choice(TIMES_IN_FORCE),
        "DAY",
        "Until the day ends, until cancelled (GTC, not for MKT), until expire_time (GTD), or filled at once, in part "
        "(IOC) or as a whole (FOK). AM and AL: OPG is the opening auction, after which what is left of an AL trades on "
        "for the day, DAY the closing auction.",
    )
    outside_rth: bool | None = optional(
        Flag(), None, "Whether it may fill outside regular hours; left out: true for MKT where Tiger allows it."
    )
    client_order_id: str | None = optional(
        ClientOrderId(), None, "Your own id of this order, 1 to 255 visible ASCII characters."
    )
    confirm_token: str | None = optional(
        ClientOrderId(), None, "What preview-order answered for this very body, for a key that asks for confirmation."
    )
    cash_amount: Decimal | None = optional(
        Positive(), None, "The money to order for, in place of quantity, in the currency of the contract: MKT or LMT."
    )
    expire_time: Moment | None = optional(MomentField(), None, "When a GTD order ends; a day is included.")
    trading_session: str | None = optional(
        Choice(SESSIONS), None, "The sessions it may fill in, where outside_rth says too little; of its market."
    )
    start_time: Moment | None = optional(MomentField(), None, "When TWAP, VWAP or ICEBERG begins.")
    end_time: Moment | None = optional(MomentField(), None, "When TWAP, VWAP or ICEBERG ends.")
    participation_rate: Decimal | None = optional(
        Positive(), None, "VWAP: the largest share of the market's volume, 0.01 to 0.5."
    )
    no_take_liquidity: bool | None = optional(Flag(), None, "VWAP: whether to trade as rarely as possible.")
    allow_past_end_time: bool | None = optional(
        Flag(), None, "TWAP and VWAP: whether what is left may be filled after end_time."
    )
    display_size: int | None = optional(Whole(1, LARGEST_SIZE), None, "ICEBERG: how many are shown at a time.")
    min_display_size: int | None = optional(
        Whole(1, LARGEST_SIZE), None, "ICEBERG: the least that is shown, at most display_size."
    )
    check_interval_seconds: int | None = optional(
        Whole(1, LONGEST_INTERVAL_SECONDS), None, "ICEBERG: after how many seconds the price is looked at again."
    )
    price_type: str | None = optional(
        Choice(PRICE_TYPES), None, "ICEBERG: the price it follows; left out: LIMIT_PRICE."
    )
    take_profit: TakeProfitPart | None = optional(
        Part(TakeProfitPart), None, "LMT: a limit order of the other side that comes to life when this one is filled."
    )
    stop_loss: StopLossPart | None = optional(
        Part(StopLossPart), None, "LMT: a stop order of the other side that comes to life when this one is filled."
    )

    legs: Sequence[LegPart] | None = optional(
        Parts(LegPart, *LEGS), None, "In place of an instrument: what a combination is made of, ordered as one."
    )
    strategy: str | None = optional(Choice(STRATEGIES), None, "What the legs make; CUSTOM is anything.")

    @property
    def instrument(self) -> Instrument:
        """Return what is ordered: a combination is named by what its options are of."""
        if not self.legs:
            # The dataclass with slots is another class than the one that super() would know.
            return TradedInstrumentRequest.instrument.__get__(self)  # type: ignore[no-any-return] # A property's value.
        options = [leg.instrument for leg in self.legs if leg.instrument.sec_type == OPTION_TYPE]
        return Instrument((options or [self.legs[0].instrument])[0].symbol, COMBINATION)

    def __post_init__(self) -> None:
        """Ask for the fields the type needs, and refuse those it does not use."""
        if not self.legs:
            TradedInstrumentRequest.__post_init__(self)
        wrong = find_wrong(self.order_type, frozenset(name for name in OWN_FIELDS if getattr(self, name) is not None))
        if (self.quantity is None) == (self.cash_amount is None):
            takes_amount = "cash_amount" in KINDS[self.order_type].fields
            wrong.setdefault("quantity", ["Send either quantity or cash_amount." if takes_amount else "Send it."])
        wrong |= self._check_times() | self._check_legs()
        if self.limit_price is not None and self.limit_price <= 0 and not self.legs:
            wrong["limit_price"] = ["Send a number above 0: only combinations bring money."]
        rate = self.participation_rate
        if rate is not None and not LEAST_RATE <= rate <= LARGEST_RATE and "participation_rate" not in wrong:
            wrong["participation_rate"] = [f"Send {LEAST_RATE} to {LARGEST_RATE}."]
        shown, least = self.display_size, self.min_display_size
        if shown is not None and least is not None and least > shown:
            wrong.setdefault("min_display_size", ["Send at most display_size."])
        if shown is not None and self.quantity is not None and shown >= self.quantity:
            wrong.setdefault("display_size", ["Send less than quantity."])
        if wrong:
            raise ValidationError(wrong)

    def _check_legs(self) -> dict[str, list[str]]:
        """Return what is wrong with how a combination is named."""
        wrong: dict[str, list[str]] = {}
        if (self.legs is None) != (self.strategy is None):
            wrong["strategy"] = ["It says what legs make: send both, or neither."]
        if self.legs is not None:
            named = ("symbol", "sec_type", "identifier", "expiry", "strike", "put_call")
            told = ["Leave it out: the legs say what is ordered."]
            wrong |= {name: told for name in named if getattr(self, name) is not None}
        return wrong

    def _check_times(self) -> dict[str, list[str]]:
        """Return what is wrong with how long the order lasts."""
        wrong: dict[str, list[str]] = {}
        times = KINDS[self.order_type].times
        if self.time_in_force not in times:
            wrong["time_in_force"] = [f"{self.order_type} takes {', '.join(times[:-1])} or {times[-1]}."]
        if (self.time_in_force == "GTD") != (self.expire_time is not None):
            told = "GTD needs it." if self.expire_time is None else "Leave it out, or send time_in_force GTD."
            wrong["expire_time"] = [told]
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewOrderRequest(PlaceOrderRequest):
    """Ask what an order would need and cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxQuantityRequest(TradedInstrumentRequest):
    """Ask how much an order could be for: a stock's, an option's, a warrant's or a certificate's."""

    action: str = required(Choice(("BUY", "SELL")), "Whether to buy or to sell.")
    order_type: str = required(
        Choice(TYPES_OF_QUANTITIES), "LMT needs limit_price, STP stop_price, STP_LMT both, MKT none."
    )
    limit_price: Decimal | None = optional(Price(), None, "The worst price it may fill at.")
    stop_price: Decimal | None = optional(Price(), None, "The price that triggers it.")

    def __post_init__(self) -> None:
        """Ask for the prices the type needs, and refuse those it does not use."""
        TradedInstrumentRequest.__post_init__(self)
        sent = frozenset(name for name in ("limit_price", "stop_price") if getattr(self, name) is not None)
        if wrong := find_wrong(self.order_type, sent):
            raise ValidationError(wrong)


@dataclass(frozen=True, slots=True)
class ModifyOrderRequest:
    """Change an open order."""

    order_id: str = required(OrderId(), AN_ORDER)
    quantity: Decimal | None = optional(Positive(), None, "The new quantity, of the whole order.")
    limit_price: Decimal | None = optional(Premium(), None, "The new limit price.")
    stop_price: Decimal | None = optional(Price(), None, "The new stop price.")
    take_profit: TakeProfitPart | None = optional(
        Part(TakeProfitPart),
        None,
        "The new take_profit of an order that is not filled yet, whole; afterwards it is an order of its own.",
    )
    stop_loss: StopLossPart | None = optional(
        Part(StopLossPart),
        None,
        "The new stop_loss of an order that is not filled yet, whole; afterwards it is an order of its own.",
    )

    def __post_init__(self) -> None:
        """Ask for at least one change."""
        changes = (self.quantity, self.limit_price, self.stop_price, self.take_profit, self.stop_loss)
        if all(change is None for change in changes):
            names = "quantity, limit_price, stop_price, take_profit and stop_loss"
            raise get_error(f"Send at least one of {names}.", "quantity")
