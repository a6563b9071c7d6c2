"""Requests of the trading category."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.fields import Choice, Flag, Positive, Price, Request, Symbol, Text, Whole, get_whole
from schemas.moments import MomentField

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
ID_BITS = 63
PRICES = ("limit_price", "stop_price", "trailing_percent", "trailing_amount")


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


class PositionsRequest(Request):
    """Ask for positions."""

    sec_type = Choice(
        POSITION_TYPES,
        load_default="STK",
        metadata={
            "description": "The kind of contract; ALL for every kind. Of ALL, stocks and the kinds that the account has"
            " shown are asked for each time, others every few minutes (Cache-Control: no-cache: now)."
        },
    )
    symbol = Symbol(load_default=None)


class AccountInfoRequest(Request):
    """Ask for the balances of the account."""


class OrdersRequest(Request):
    """Ask for orders, newest first; dates without a zone are in the zone of the setting ``gateway.timezone``."""

    status = Choice(
        STATUSES,
        load_default=None,
        metadata={"description": "Only orders of this status; Submitted finds partly filled ones too."},
    )
    start_date = MomentField(load_default=None, metadata={"description": "The first moment of order_time wanted."})
    end_date = MomentField(load_default=None, metadata={"description": "The last moment wanted; a day is included."})
    symbol = Symbol(load_default=None)
    limit = Whole(1, 300, load_default=100, metadata={"description": "At most so many orders."})
    page_token = Text(
        longest=2_000,
        load_default=None,
        metadata={
            "description": "next_page_token of the page before, of the same filters.",
            "pattern": "^[A-Za-z0-9_-]+$",
        },
    )


class PlaceOrderRequest(Request):
    """Place an order."""

    symbol = Symbol(required=True)
    action = Choice(("BUY", "SELL"), required=True, metadata={"description": "Whether to buy or to sell."})
    order_type = Choice(
        tuple(PRICES_OF_TYPE),
        required=True,
        metadata={
            "description": "LMT needs limit_price, STP stop_price, STP_LMT both, TRAIL one trailing field."
            " A price that the type does not use is refused."
        },
    )
    quantity = Positive(
        required=True,
        metadata={"description": "How many; fractions where the contract allows them, whole lots in Hong Kong."},
    )
    limit_price = Price(load_default=None, metadata={"description": "The worst price it may fill at."})
    stop_price = Price(load_default=None, metadata={"description": "The price that triggers it."})
    trailing_percent = Positive(
        load_default=None, metadata={"description": "The distance of a trailing stop, in percent."}
    )
    trailing_amount = Positive(
        load_default=None, metadata={"description": "The distance of a trailing stop, as an amount."}
    )
    time_in_force = Choice(
        ("DAY", "GTC", "IOC", "FOK"),
        load_default="DAY",
        metadata={
            "description": "Until the day ends, until cancelled (not for MKT), or filled at once, in part (IOC) or as"
            " a whole (FOK)."
        },
    )
    outside_rth = Flag(
        load_default=None,
        metadata={
            "description": "Whether it may fill outside regular hours; left out: true for MKT where Tiger allows it."
        },
    )
    client_order_id = ClientOrderId(
        load_default=None, metadata={"description": "Your own id of this order, 1 to 255 visible ASCII characters."}
    )

    @validates_schema(skip_on_field_errors=True)
    def check_prices(self, data: dict[str, Any], **_: Any) -> None:
        """Ask for the prices the type needs, and refuse those it does not use."""
        kind = data["order_type"]
        used = PRICES_OF_TYPE[kind]
        wrong = {
            name: [f"Leave it out: {kind} does not use it."]
            for name in PRICES
            if name not in used and data[name] is not None
        }
        if kind == "TRAIL":
            if (data["trailing_percent"] is None) == (data["trailing_amount"] is None):
                wrong["trailing_percent"] = ["TRAIL needs either trailing_percent or trailing_amount."]
        else:
            wrong |= {name: [f"{kind} needs it."] for name in used if data[name] is None}
        if kind == "MKT" and data["time_in_force"] == "GTC":
            # "Market orders (MKT) ... do not support setting the time_in_force parameter to GTC" [page: place order].
            wrong["time_in_force"] = ["Tiger takes no MKT order that is good until cancelled: send DAY."]
        if wrong:
            raise ValidationError(wrong)


class ModifyOrderRequest(Request):
    """Change an open order."""

    order_id = OrderId(
        required=True, metadata={"description": "The order: its global id, or the account's own number."}
    )
    quantity = Positive(load_default=None, metadata={"description": "The new quantity, of the whole order."})
    limit_price = Price(load_default=None, metadata={"description": "The new limit price."})
    stop_price = Price(load_default=None, metadata={"description": "The new stop price."})

    @validates_schema(skip_on_field_errors=True)
    def check_changes(self, data: dict[str, Any], **_: Any) -> None:
        """Ask for at least one change."""
        if all(data[name] is None for name in ("quantity", "limit_price", "stop_price")):
            raise ValidationError("Send at least one of quantity, limit_price and stop_price.", "quantity")


class CancelOrderRequest(Request):
    """Cancel an open order."""

    order_id = OrderId(
        required=True, metadata={"description": "The order: its global id, or the account's own number."}
    )


class OrderQuestion(Request):
    """Ask about one order, by either of its ids or by the client's own."""

    order_id = OrderId(
        load_default=None, metadata={"description": "The order: its global id, or the account's own number."}
    )
    client_order_id = ClientOrderId(
        load_default=None, metadata={"description": "The client_order_id or Idempotency-Key of the command."}
    )

    @validates_schema(skip_on_field_errors=True)
    def check_names(self, data: dict[str, Any], **_: Any) -> None:
        """Take one name."""
        if (data["order_id"] is None) == (data["client_order_id"] is None):
            raise ValidationError("Send either order_id or client_order_id.", "order_id")


class OrderStatusRequest(OrderQuestion):
    """Ask what became of an order command."""


class OrderEventsRequest(OrderQuestion):
    """Ask what the gateway did for an order."""


class PreviewOrderRequest(PlaceOrderRequest):
    """Ask what an order would need and cost."""
