"""An order and its life: what it asks for, what became of it, and how the wire tells it."""

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from app.simulator.trading.commission import Charge
from app.simulator.trading.contracts import Contract
from app.simulator.trading.decimals import ZERO, split_scale, to_money
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
TRIGGERED_TYPES = frozenset({STOP_ORDER, STOP_LIMIT_ORDER, TRAILING_ORDER})
IMMEDIATE = frozenset({"IOC", "FOK"})
"""Times in force that leave nothing to rest."""


@dataclass(slots=True)
class Order:
    """Hold one order. Times are epoch milliseconds, money is in the contract's currency.

    ``number`` is the account's own order number, ``id`` the global one. ``quantity`` is None for an order
    by ``cash_amount``; ``scale`` is the power of ten that the client gave its quantity in. ``filled_amount``
    is the sum of price x quantity x multiplier, ``locked`` what the rest ties down in US dollars.
    ``stop_price`` is where a trailing order stands now.
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


_FIELDS = tuple(field.name for field in fields(Order))
_DECIMAL_FIELDS = tuple(field.name for field in fields(Order) if "Decimal" in str(field.type))


@dataclass(frozen=True, slots=True)
class Fill:
    """Hold one execution; ``amount`` is price x quantity x multiplier."""

    id: int
    order_id: int
    account: str
    at_ms: int
    quantity: Decimal
    price: Decimal
    amount: Decimal


def get_contract_fields(contract: Contract) -> dict[str, Any]:
    """Return what names a contract on the wire; the strike is a text there."""
    described: dict[str, Any] = {
        "symbol": contract.symbol,
        "market": contract.market,
        "secType": contract.sec_type,
        "currency": contract.currency,
        "identifier": contract.identifier,
    }
    if contract.strike is not None:
        described |= {
            "expiry": contract.expiry,
            "strike": f"{contract.strike.normalize():f}",
            "right": contract.right,
            "multiplier": contract.multiplier,
        }
    return described


def get_order_document(order: Order, contract: Contract, latest: Decimal) -> dict[str, Any]:
    """Return the order as the wire tells it; what an order type does not use is left out."""
    filled, filled_scale = split_scale(order.filled, order.scale)
    units = order.filled * contract.multiplier
    document = get_contract_fields(contract) | {
        "id": order.id,
        "externalId": str(order.number),
        "orderId": order.number,
        "account": order.account,
        "action": order.action,
        "orderType": order.order_type,
        "filledQuantity": filled,
        "filledQuantityScale": filled_scale,
        "filledCashAmount": to_money(order.filled_amount),
        "avgFillPrice": to_money(order.filled_amount / units) if units else 0.0,
        "timeInForce": order.time_in_force,
        "outsideRth": order.outside_rth,
        "commission": to_money(order.commission),
        "gst": 0.0,
        "realizedPnl": to_money(order.realized),
        "remark": order.reason,
        "liquidation": False,
        "openTime": order.open_ms,
        "updateTime": order.update_ms,
        "latestTime": order.trade_ms or order.update_ms,
        "name": contract.name,
        "latestPrice": to_money(latest),
        "attrDesc": "",
        "userMark": order.user_mark,
        "attrList": [],
        "algoStrategy": order.order_type,
        "status": order.status,
        "source": "OpenApi",
        "discount": 0,
        "replaceStatus": order.replace_status,
        "cancelStatus": order.cancel_status,
        "canModify": order.is_open and not order.is_being_cancelled,
        "canCancel": order.is_open and not order.is_being_cancelled,
        "isOpen": order.action == "BUY",
        "orderDiscount": 0,
        "tradingSessionType": order.session or ("PRE_RTH_POST" if order.outside_rth else "RTH"),
    }
    return document | _get_optional_fields(order)


def _get_optional_fields(order: Order) -> dict[str, Any]:
    present: dict[str, Any] = {}
    if order.quantity is not None:
        quantity, scale = split_scale(order.quantity, order.scale)
        present |= {"totalQuantity": quantity, "totalQuantityScale": scale}
    if order.cash_amount is not None:
        spent = order.filled_amount if not order.is_open else order.cash_amount
        present["totalCashAmount"] = to_money(order.cash_amount)
        present["refundCashAmount"] = to_money(max(ZERO, order.cash_amount - spent))
    if order.expire_ms is not None and order.time_in_force == "GTD":
        present["expireTime"] = order.expire_ms
    for name, value in (
        ("limitPrice", order.limit_price),
        ("auxPrice", order.aux_price),
        ("trailingPercent", order.trailing_percent),
        ("trailStopPrice", order.stop_price if order.order_type == TRAILING_ORDER else None),
    ):
        if value is not None:
            present[name] = to_money(value)
    return present


def get_charges_document(charges: tuple[Charge, ...]) -> list[dict[str, Any]]:
    """Return the charges as the wire groups them: Tiger's own, then those of third parties."""
    groups = []
    for category, description in (("TIGER", "Tiger Charge"), ("THIRD_PARTY", "Third Parties")):
        details = [charge for charge in charges if charge.category == category]
        if details:
            groups.append(
                {
                    "category": category,
                    "categoryDesc": description,
                    "total": to_money(sum((charge.amount for charge in details), ZERO)),
                    "details": [
                        {
                            "type": charge.kind,
                            "typeDesc": charge.description,
                            "originalAmount": to_money(charge.amount),
                            "afterDiscountAmount": to_money(charge.amount),
                        }
                        for charge in details
                    ],
                }
            )
    return groups
