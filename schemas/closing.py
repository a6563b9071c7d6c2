"""The request that closes a position."""

from dataclasses import dataclass
from decimal import Decimal

from marshmallow import ValidationError

from app.tiger.instrument import FUTURE
from app.tiger.order_kinds import KINDS, find_wrong
from app.tiger.symbols import CONTINUOUS
from schemas.fields import Choice, Flag, Positive, Price
from schemas.instruments import TradedInstrumentRequest
from schemas.requests import optional
from schemas.trade import ClientOrderId

TYPES = ("MKT", "LMT", "STP", "STP_LMT", "TRAIL")
PRICES = ("limit_price", "stop_price", "trailing_percent", "trailing_amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePositionRequest(TradedInstrumentRequest):
    """Close a position: a long one is sold, a short one bought back."""

    quantity: Decimal | None = optional(
        Positive(), None, "How much of it, at most what no other order closes; left out: all of that."
    )
    order_type: str = optional(
        Choice(TYPES),
        "MKT",
        "LMT needs limit_price, STP stop_price, STP_LMT both, TRAIL one trailing field. A price that the type does not "
        "use is refused.",
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
        TradedInstrumentRequest.__post_init__(self)
        wrong = find_wrong(self.order_type, frozenset(name for name in PRICES if getattr(self, name) is not None))
        if self.time_in_force not in KINDS[self.order_type].times:
            wrong["time_in_force"] = [f"Tiger takes no {self.order_type} order of that kind: send DAY."]
        if self.instrument.sec_type == FUTURE and self.instrument.symbol.endswith(CONTINUOUS):
            wrong["symbol"] = ["A position is in a month, such as ES2603: name that."]
        if wrong:
            raise ValidationError(wrong)
