"""Reads the business fields of an order command into a draft; judges form, not business."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.simulator.trading.decimals import get_invalid, get_missing, read_decimal, read_integer
from app.simulator.trading.orders import (
    LIMIT_ORDER,
    MARKET_ORDER,
    STOP_LIMIT_ORDER,
    STOP_ORDER,
    TRAILING_ORDER,
)
from app.simulator.trading.refusals import get_unsupported

ORDER_TYPES = (MARKET_ORDER, LIMIT_ORDER, STOP_ORDER, STOP_LIMIT_ORDER, TRAILING_ORDER)
TIMES_IN_FORCE = ("DAY", "GTC", "GTD", "OPG", "IOC", "FOK")
LARGEST_NUMBER = 2**31 - 1
LARGEST_SCALE = 9
LONGEST_MARK = 100
UNSUPPORTED_FIELDS = ("attach_type", "oca_orders", "contract_legs", "algo_params", "display_size")


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold what a client asks for; ``number`` is None when the server is to choose it."""

    account: str
    number: int | None
    sec_type: str
    symbol: str
    currency: str | None
    expiry: str | None
    strike: Decimal | None
    right: str | None
    action: str
    order_type: str
    quantity: Decimal | None
    scale: int
    cash_amount: Decimal | None
    limit_price: Decimal | None
    aux_price: Decimal | None
    trailing_percent: Decimal | None
    stop_price: Decimal | None
    adjust_limit: Decimal | None
    time_in_force: str
    outside_rth: bool
    expire_ms: int | None
    session: str | None
    user_mark: str


def read_draft(biz: Mapping[str, Any]) -> Draft:
    """Return the draft, or raise WireRefusal 1010 naming the field that is missing or unreadable."""
    for name in UNSUPPORTED_FIELDS:
        if biz.get(name):
            raise get_unsupported(f"field '{name}'")
    order_type = _read_choice(biz, "order_type", ORDER_TYPES)
    quantity, scale = read_quantity(biz)
    draft = Draft(
        account=str(require(biz, "account")),
        number=read_number(biz.get("order_id")),
        sec_type=str(biz.get("sec_type") or "STK"),
        symbol=str(require(biz, "symbol")),
        currency=biz.get("currency"),
        expiry=read_expiry(biz.get("expiry")),
        strike=read_decimal("strike", biz.get("strike")),
        right=str(biz["right"]).upper() if biz.get("right") else None,
        action=_read_choice(biz, "action", ("BUY", "SELL")),
        order_type=order_type,
        quantity=quantity,
        scale=scale,
        cash_amount=_read_positive(biz, "cash_amount"),
        limit_price=_read_positive(biz, "limit_price"),
        aux_price=_read_positive(biz, "aux_price"),
        trailing_percent=_read_positive(biz, "trailing_percent"),
        stop_price=_read_positive(biz, "trail_stop_price"),
        adjust_limit=read_decimal("adjust_limit", biz.get("adjust_limit")),
        time_in_force=_read_choice(biz, "time_in_force", TIMES_IN_FORCE, "DAY"),
        outside_rth=_read_flag(biz, "outside_rth"),
        expire_ms=read_integer("expire_time", biz.get("expire_time")),
        session=biz.get("trading_session_type"),
        user_mark=str(biz.get("user_mark") or "")[:LONGEST_MARK],
    )
    _require_prices(draft)
    return draft


def read_quantity(biz: Mapping[str, Any]) -> tuple[Decimal | None, int]:
    """Return the quantity and the scale that it was given in; None when the field is absent."""
    scale = read_integer("total_quantity_scale", biz.get("total_quantity_scale")) or 0
    if not 0 <= scale <= LARGEST_SCALE:
        name = "total_quantity_scale"
        raise get_invalid(name)
    quantity = _read_positive(biz, "total_quantity")
    return (None if quantity is None else quantity.scaleb(-scale)), scale


def read_number(value: Any) -> int | None:
    """Return an account's order number; 0 and absent both mean that the server chooses."""
    number = read_integer("order_id", value)
    if number is not None and not 0 <= number <= LARGEST_NUMBER:
        name = "order_id"
        raise get_invalid(name)
    return number or None


def read_expiry(value: Any) -> str | None:
    """Return an expiry as ``YYYYMMDD``; the wire also has it with dashes."""
    return str(value).replace("-", "") if value else None


def require(biz: Mapping[str, Any], name: str) -> Any:
    """Return a field that has to be there, or refuse as Tiger does."""
    value = biz.get(name)
    if value is None or value == "":
        raise get_missing(name)
    return value


def _require_prices(draft: Draft) -> None:
    if draft.order_type in {LIMIT_ORDER, STOP_LIMIT_ORDER} and draft.limit_price is None:
        name = "limit_price"
        raise get_missing(name)
    if draft.order_type in {STOP_ORDER, STOP_LIMIT_ORDER} and draft.aux_price is None:
        name = "aux_price"
        raise get_missing(name)
    if draft.order_type == TRAILING_ORDER and draft.aux_price is None and draft.trailing_percent is None:
        name = "trailing_percent"
        raise get_missing(name)
    if draft.quantity is None and draft.cash_amount is None:
        name = "total_quantity"
        raise get_missing(name)
    if draft.quantity is not None and draft.cash_amount is not None:
        name = "cash_amount"
        raise get_invalid(name)
    if draft.time_in_force == "GTD" and draft.expire_ms is None:
        name = "expire_time"
        raise get_missing(name)


def _read_choice(biz: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str | None = None) -> str:
    value = biz.get(name) or default
    if value is None:
        raise get_missing(name)
    if value not in choices:
        raise get_unsupported(f"{name} '{value}'")
    return str(value)


def _read_positive(biz: Mapping[str, Any], name: str) -> Decimal | None:
    number = read_decimal(name, biz.get(name))
    if number is not None and number <= 0:
        raise get_invalid(name)
    return number


def _read_flag(biz: Mapping[str, Any], name: str) -> bool:
    value = biz.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise get_invalid(name)
    return value
