"""The request for two orders of which one fill ends the other (OCA: one cancels all)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marshmallow import ValidationError

from app.tiger.order_kinds import OCA_FIRST, OCA_SECOND, find_wrong
from schemas.fields import Choice, Flag, Positive, Price
from schemas.instruments import TradedInstrumentRequest
from schemas.orders import ATTACHED_TIMES, SIDES
from schemas.requests import Parts, get_error, optional, required
from schemas.trade import ClientOrderId

PRICES = ("limit_price", "stop_price")


@dataclass(frozen=True, slots=True, kw_only=True)
class OCAOrderPart(TradedInstrumentRequest):
    """One of two orders of which one fill ends the other."""

    action: str = required(Choice(SIDES), "Whether to buy or to sell.")
    order_type: str = required(
        Choice((OCA_FIRST, *OCA_SECOND)),
        "LMT, with limit_price, of one; STP or STP_LMT, with stop_price, of the other.",
    )
    quantity: Decimal = required(Positive(), "How many; a whole number.")
    limit_price: Decimal | None = optional(Price(), None, "The worst price it may fill at.")
    stop_price: Decimal | None = optional(Price(), None, "The price that triggers it.")
    time_in_force: str = optional(Choice(ATTACHED_TIMES), "DAY", "How long it lasts.")
    outside_rth: bool | None = optional(Flag(), None, "Whether it may fill outside regular hours; left out: false.")

    def __post_init__(self) -> None:
        """Ask for the prices the type needs, and refuse those it does not use."""
        TradedInstrumentRequest.__post_init__(self)
        wrong = find_wrong(self.order_type, frozenset(name for name in PRICES if getattr(self, name) is not None))
        if wrong:
            raise ValidationError(wrong)


@dataclass(frozen=True, slots=True)
class PlaceOCAOrderRequest:
    """Place two orders for the same instrument of which one fill ends the other."""

    orders: Sequence[OCAOrderPart] = required(
        Parts(OCAOrderPart, 2, 2), "The two orders: of the same instrument and side, a limit order and a stop order."
    )
    client_order_id: str | None = optional(
        ClientOrderId(), None, "Your own id of this pair, 1 to 255 visible ASCII characters."
    )

    def __post_init__(self) -> None:
        """Refuse two orders that do not belong together."""
        first, second = self.orders
        if first.instrument != second.instrument or first.action != second.action:
            raise get_error("Send two orders of the same instrument and the same action.", "orders")
        if {first.order_type, second.order_type} not in [{OCA_FIRST, other} for other in OCA_SECOND]:
            raise get_error("Send one LMT order, and one STP or STP_LMT order.", "orders")
