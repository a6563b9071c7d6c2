"""Requests of the trading category."""

import re
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from schemas.fields import Choice, get_whole
from schemas.instrument_filters import InstrumentFilterRequest
from schemas.moments import Moment, MomentField
from schemas.paging import PagedRequest, page_limit
from schemas.requests import get_error, optional, required

POSITION_TYPES = ("STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC", "ALL")
STATUSES = ("Initial", "Submitted", "PartiallyFilled", "Filled", "Cancelled", "PendingCancel") + ("Inactive", "Invalid")
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
        "stocks, the kinds that the account has shown and those ordered here lately are asked for each time, others "
        "every few minutes (Cache-Control: no-cache: now).",
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
class CancelOrderRequest:
    """Cancel an open order."""

    order_id: str = required(OrderId(), AN_ORDER)


@dataclass(frozen=True, kw_only=True)
class CancelAllOrdersRequest(InstrumentFilterRequest):
    """Cancel all open orders of the account, whoever placed them, or those that match."""

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
