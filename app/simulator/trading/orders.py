"""An order and its life: what it asks for and what became of it."""

import json
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from app.simulator.trading.decimals import ZERO
from app.simulator.trading.late_refusals import LateRefusal

INITIAL = "Initial"
SUBMITTED = "Submitted"
PENDING_CANCEL = "PendingCancel"
FILLED = "Filled"
CANCELLED = "Cancelled"
INACTIVE = "Inactive"
INVALID = "Invalid"
OPEN_STATUSES = frozenset({INITIAL, SUBMITTED, PENDING_CANCEL})
"""A partly filled order is Submitted with a filled quantity, as on Tiger's prime and paper accounts."""

MARKET_ORDER = "MKT"
LIMIT_ORDER = "LMT"
STOP_ORDER = "STP"
STOP_LIMIT_ORDER = "STP_LMT"
TRAILING_ORDER = "TRAIL"
AUCTION_MARKET = "AM"
AUCTION_LIMIT = "AL"
TIME_WEIGHTED = "TWAP"
VOLUME_WEIGHTED = "VWAP"
ICEBERG = "ICEBERG"
AUCTION_TYPES = frozenset({AUCTION_MARKET, AUCTION_LIMIT})
WEIGHTED_TYPES = frozenset({TIME_WEIGHTED, VOLUME_WEIGHTED})
LIMITED_TYPES = frozenset({LIMIT_ORDER, STOP_LIMIT_ORDER, AUCTION_LIMIT, ICEBERG})
TRIGGERED_TYPES = frozenset({STOP_ORDER, STOP_LIMIT_ORDER, TRAILING_ORDER})
IMMEDIATE = frozenset({"IOC", "FOK"})
"""Times in force that leave nothing to rest."""
FUTURE_KEY = "FUT|"
"""How the keys of futures begin; thousands of orders are asked for it with each placement."""


@dataclass(slots=True)
class Order:
    """Hold one order. Times are epoch milliseconds, money is in the contract's currency.

    ``number`` is the account's own order number, ``id`` the global one. ``quantity`` is None for an order
    by ``cash_amount``; ``scale`` is the power of ten that the client gave its quantity in. ``filled_amount``
    is the sum of price x quantity x multiplier, ``locked`` what the rest ties down in US dollars.
    ``stop_price`` is where a trailing order stands now.
    An attached order has a ``parent_id`` and is dormant until that is filled; of the orders of one ``oca_group`` the
    first that is filled has the others cancelled. ``leg_amounts`` are what each leg of a combination was filled for, as
    texts. ``schedule`` holds what an algorithm goes by, under the names that the wire tells it by; ``tried_ms`` is the
    last auction that the order was in.
    ``visible_ms``, ``rejection`` and ``cancel_due_ms`` are what is still to happen to it: an order with a rejection
    does not trade and becomes ``rejection_status`` at ``rejection_ms``.
    """

    id: int
    number: int
    account: str
    key: str
    action: str
    order_type: str
    quantity: Decimal | None
    scale: int
    time_in_force: str
    outside_rth: bool
    open_ms: int
    update_ms: int
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    stop_price: Decimal | None = None
    cash_amount: Decimal | None = None
    user_mark: str = ""
    session: str | None = None
    expire_ms: int | None = None
    status: str = INITIAL
    is_triggered: bool = False
    filled: Decimal = ZERO
    filled_amount: Decimal = ZERO
    commission: Decimal = ZERO
    locked: Decimal = ZERO
    realized: Decimal = ZERO
    reason: str = ""
    last_round: int | None = None
    trade_ms: int | None = None
    replace_status: str = "NONE"
    cancel_status: str = "NONE"
    cancel_due_ms: int | None = None
    visible_ms: int = 0
    rejection: str | None = None
    rejection_status: str = INACTIVE
    rejection_ms: int = 0
    parent_id: int = 0
    children: list[int] = field(default_factory=list)
    oca_group: str = ""
    attach_type: str = ""
    is_dormant: bool = False
    attributes: list[str] = field(default_factory=list)
    combo_type: str = ""
    leg_amounts: list[str] = field(default_factory=list)
    schedule: dict[str, Any] = field(default_factory=dict)
    start_ms: int | None = None
    end_ms: int | None = None
    tried_ms: int | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the order may still be filled."""
        return self.status in OPEN_STATUSES

    @property
    def is_being_cancelled(self) -> bool:
        """Say whether its cancellation was taken and has not happened yet."""
        return self.is_open and self.cancel_due_ms is not None

    @property
    def sign(self) -> int:
        """Return 1 for a purchase, -1 for a sale."""
        return 1 if self.action == "BUY" else -1

    @property
    def segment(self) -> str:
        """Return the part of the account that pays: FUT for futures, else SEC."""
        return "FUT" if self.key.startswith(FUTURE_KEY) else "SEC"

    @property
    def remaining(self) -> Decimal:
        """Return what is left to fill; 0 for an order by amount, which knows only its money."""
        return ZERO if self.quantity is None else self.quantity - self.filled

    def refuse_later(self, refusal: LateRefusal | None) -> None:
        """Let the order be refused some time after it came, if at all."""
        if refusal is not None:
            self.rejection, self.rejection_status = refusal.remark, refusal.status
            self.rejection_ms = self.open_ms + int(refusal.delay_seconds * 1000)

    def to_json(self) -> str:
        """Return the text that the state file keeps."""
        values = {name: getattr(self, name) for name in _FIELDS}
        return json.dumps({name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()})

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """Read what ``to_json`` wrote."""
        values = json.loads(text)
        for name in _DECIMAL_FIELDS:
            if values.get(name) is not None:
                values[name] = Decimal(values[name])
        return cls(**values)


_FIELDS = tuple(item.name for item in fields(Order))
_DECIMAL_FIELDS = tuple(item.name for item in fields(Order) if "Decimal" in str(item.type))


@dataclass(frozen=True, slots=True)
class Fill:
    """Hold one execution; ``amount`` is price x quantity x multiplier.

    ``key`` and ``action`` name the leg of a combination that it is of, or the month that a continuous future stood for;
    they are empty where the order says it.
    """

    id: int
    order_id: int
    account: str
    at_ms: int
    quantity: Decimal
    price: Decimal
    amount: Decimal
    key: str = ""
    action: str = ""
