"""Requests of the trading category."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields

from schemas.fields import Choice, Flag, Positive, Price, Symbol, get_whole
from schemas.instrument_filters import InstrumentFilterRequest
from schemas.moments import Moment, MomentField
from schemas.paging import PagedRequest, page_limit
from schemas.requests import get_error, optional, required

POSITION_TYPES = ("STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC", "ALL")
STATUSES = ("Initial", "Submitted", "PartiallyFilled", "Filled", "Cancelled", "PendingCancel") + ("Inactive", "Invalid")
PRICES_OF_TYPE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "MKT": (),
        "LMT": ("limit_price",),
        "STP": ("stop_price",),
        "STP_LMT": ("limit_price", "stop_price"),
        "TRAIL": ("trailing_percent", "trailing_amount"),
    }
)
ORDER_SEGMENTS = ("SEC", "FUT", "FUND")
ID_BITS = 63
AN_ORDER = "The order: its global id, or the account's own number."


class OrderId(fields.Field[str]):
    """An order: its global id or the account's own number, as a string or an integer."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        number = get_whole(value)
        if number is not None:
            value = str(number) if number.bit_length() <= ID_BITS else ""
        if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{0,18}", value.strip(), re.ASCII):
            raise ValidationError("Send an order id: digits, as a string or an integer.")
        if int(value).bit_length() > ID_BITS:
            raise ValidationError("No order has an id this large: send it exactly as the gateway gave it.")
        return value.strip()


class ClientOrderId(fields.String):
    """The client's own id of an order: what a header could carry as well."""

    pattern = r"[\x21-\x7e]{1,255}"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(self.pattern, written):
            raise ValidationError("Send 1 to 255 visible ASCII characters.")
        return written


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsRequest(InstrumentFilterRequest):
    """Ask for positions."""

    sec_type: str | None = optional(
        Choice(POSITION_TYPES),
        None,
        "The kind of contract: stocks (STK) where neither it nor the name says another; ALL for every kind. Of ALL, "
        "stocks and the kinds that the account has shown are asked for each time, others every few minutes "
        "(Cache-Control: no-cache: now).",
    )

    @property
    def asked_type(self) -> str:
        """Return the kind that is asked for."""
        return self.sec_type or self.wanted.sec_type or "STK"


@dataclass(frozen=True, slots=True)
class AccountInfoRequest:
    """Ask for the balances of the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersRequest(InstrumentFilterRequest, PagedRequest):
    """Ask for orders, newest first; dates without a zone are in the zone of the setting ``gateway.timezone``."""

    status: str | None = optional(
        Choice(STATUSES), None, "Only orders of this status; Submitted finds partly filled ones too."
    )
    start_date: Moment | None = optional(MomentField(), None, "The first moment of order_time wanted.")
    end_date: Moment | None = optional(MomentField(), None, "The last moment wanted; a day is included.")
    segment: str | None = optional(
        Choice(ORDER_SEGMENTS), None, "Of this segment alone: SEC securities, FUT futures, FUND funds; all without it."
    )
    limit: int = page_limit(300)


@dataclass(frozen=True, slots=True)
class PlaceOrderRequest:
    """Place an order."""

    symbol: str = required(Symbol())
    action: str = required(Choice(("BUY", "SELL")), "Whether to buy or to sell.")
    order_type: str = required(
        Choice(PRICES_OF_TYPE),
        "LMT needs limit_price, STP stop_price, STP_LMT both, TRAIL one trailing field. A price that the type does not "
        "use is refused.",
    )
    quantity: Decimal = required(
        Positive(), "How many; fractions where the contract allows them, whole lots in Hong Kong."
    )
    limit_price: Decimal | None = optional(Price(), None, "The worst price it may fill at.")
    stop_price: Decimal | None = optional(Price(), None, "The price that triggers it.")
    trailing_percent: Decimal | None = optional(Positive(), None, "The distance of a trailing stop, in percent.")
    trailing_amount: Decimal | None = optional(Positive(), None, "The distance of a trailing stop, as an amount.")
    time_in_force: str = optional(
        Choice(("DAY", "GTC", "IOC", "FOK")),
        "DAY",
        "Until the day ends, until cancelled (not for MKT), or filled at once, in part (IOC) or as a whole (FOK).",
    )
    outside_rth: bool | None = optional(
        Flag(), None, "Whether it may fill outside regular hours; left out: true for MKT where Tiger allows it."
    )
    client_order_id: str | None = optional(
        ClientOrderId(), None, "Your own id of this order, 1 to 255 visible ASCII characters."
    )

    def __post_init__(self) -> None:
        """Ask for the prices the type needs, and refuse those it does not use."""
        kind = self.order_type
        used = PRICES_OF_TYPE[kind]
        prices = {
            "limit_price": self.limit_price,
            "stop_price": self.stop_price,
            "trailing_percent": self.trailing_percent,
            "trailing_amount": self.trailing_amount,
        }
        sent = {name for name, price in prices.items() if price is not None}
        wrong = {name: [f"Leave it out: {kind} does not use it."] for name in prices if name in sent.difference(used)}
        if kind == "TRAIL":
            if len(sent.intersection(used)) != 1:
                wrong["trailing_percent"] = ["TRAIL needs either trailing_percent or trailing_amount."]
        else:
            wrong |= {name: [f"{kind} needs it."] for name in used if name not in sent}
        if kind == "MKT" and self.time_in_force == "GTC":
            # "Market orders (MKT) ... do not support setting the time_in_force parameter to GTC" [page: place order].
            wrong["time_in_force"] = ["Tiger takes no MKT order that is good until cancelled: send DAY."]
        if wrong:
            raise ValidationError(wrong)


@dataclass(frozen=True, slots=True)
class ModifyOrderRequest:
    """Change an open order."""

    order_id: str = required(OrderId(), AN_ORDER)
    quantity: Decimal | None = optional(Positive(), None, "The new quantity, of the whole order.")
    limit_price: Decimal | None = optional(Price(), None, "The new limit price.")
    stop_price: Decimal | None = optional(Price(), None, "The new stop price.")

    def __post_init__(self) -> None:
        """Ask for at least one change."""
        if self.quantity is None and self.limit_price is None and self.stop_price is None:
            raise get_error("Send at least one of quantity, limit_price and stop_price.", "quantity")


@dataclass(frozen=True, slots=True)
class CancelOrderRequest:
    """Cancel an open order."""

    order_id: str = required(OrderId(), AN_ORDER)


@dataclass(frozen=True, slots=True)
class CancelAllOrdersRequest:
    """Cancel all open orders of the account, whoever placed them, or those that match."""

    symbol: str | None = optional(Symbol(), None, "Only orders of this symbol; of options, the underlying.")
    side: str | None = optional(Choice(("BUY", "SELL")), None, "Only orders of this side.")


@dataclass(frozen=True, slots=True)
class OrderQuestion:
    """Ask about one order, by either of its ids or by the client's own."""

    order_id: str | None = optional(OrderId(), None, AN_ORDER)
    client_order_id: str | None = optional(
        ClientOrderId(), None, "The client_order_id or Idempotency-Key of the command."
    )

    def __post_init__(self) -> None:
        """Take one name."""
        if (self.order_id is None) == (self.client_order_id is None):
            raise get_error("Send either order_id or client_order_id.", "order_id")


@dataclass(frozen=True, slots=True)
class OrderStatusRequest(OrderQuestion):
    """Ask what became of an order command."""


@dataclass(frozen=True, slots=True)
class OrderEventsRequest(OrderQuestion):
    """Ask what the gateway did for an order."""


@dataclass(frozen=True, slots=True)
class PreviewOrderRequest(PlaceOrderRequest):
    """Ask what an order would need and cost."""
