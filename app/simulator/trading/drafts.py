"""Reads the business fields of an order command into a draft; judges form, not business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.simulator.trading.attachments import Attachment, read_attachments
from app.simulator.trading.contracts import COIN, COMBINATION, STOCK
from app.simulator.trading.decimals import get_invalid, get_missing, read_decimal, read_integer
from app.simulator.trading.orders import (
    AUCTION_TYPES,
    ICEBERG,
    LIMIT_ORDER,
    LIMITED_TYPES,
    MARKET_ORDER,
    STOP_LIMIT_ORDER,
    STOP_ORDER,
    TRAILING_ORDER,
    WEIGHTED_TYPES,
)
from app.simulator.trading.refusals import get_unsupported
from app.simulator.trading.schedules import Schedule, read_schedule
from app.simulator.trading.strategies import STRATEGIES

ORDER_TYPES = (
    MARKET_ORDER, LIMIT_ORDER, STOP_ORDER, STOP_LIMIT_ORDER, TRAILING_ORDER, *AUCTION_TYPES, *WEIGHTED_TYPES, ICEBERG,
)  # fmt: skip
SESSIONS = ("PRE_RTH_POST", "OVERNIGHT", "RTH", "FULL", "HK_AUC", "HK_CTS", "HK_AUC_CTS")
TIMES_IN_FORCE = ("DAY", "GTC", "GTD", "OPG", "IOC", "FOK")
LARGEST_NUMBER = 2**31 - 1
LARGEST_SCALE = 9
LONGEST_MARK = 100
LARGEST_RATIO = 1000
LEAST_OCA_ORDERS = 2


@dataclass(frozen=True, slots=True)
class LegDraft:
    """Hold one leg of a combination that a client asks for."""

    sec_type: str
    symbol: str
    expiry: str | None
    strike: Decimal | None
    right: str | None
    action: str
    ratio: int


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
    attachments: tuple[Attachment, ...] = ()
    legs: tuple[LegDraft, ...] = ()
    combo_type: str = ""
    schedule: Schedule = field(default_factory=Schedule)


def read_draft(biz: Mapping[str, Any]) -> Draft:
    """Return the draft, or raise WireRefusal 1010 naming the field that is missing or unreadable."""
    order_type = _read_choice(biz, "order_type", ORDER_TYPES)
    quantity, scale = read_quantity(biz)
    legs = read_legs(biz)
    sec_type = COMBINATION if legs else str(biz.get("sec_type") or STOCK)
    draft = Draft(
        account=str(require(biz, "account")),
        number=read_number(biz.get("order_id")),
        sec_type=sec_type,
        symbol=legs[0].symbol if legs else str(require(biz, "symbol")),
        currency=biz.get("currency"),
        expiry=read_expiry(biz.get("expiry")),
        strike=read_decimal("strike", biz.get("strike")),
        right=read_right(biz.get("right")),
        action=_read_choice(biz, "action", ("BUY", "SELL")),
        order_type=order_type,
        quantity=quantity,
        scale=scale,
        cash_amount=_read_positive(biz, "cash_amount"),
        limit_price=_read_limit(biz, sec_type),
        aux_price=_read_positive(biz, "aux_price"),
        trailing_percent=_read_positive(biz, "trailing_percent"),
        stop_price=_read_positive(biz, "trail_stop_price"),
        adjust_limit=read_decimal("adjust_limit", biz.get("adjust_limit")),
        time_in_force=_read_choice(biz, "time_in_force", TIMES_IN_FORCE, "GTC" if sec_type == COIN else "DAY"),
        outside_rth=_read_flag(biz, "outside_rth"),
        expire_ms=read_integer("expire_time", biz.get("expire_time")),
        session=_read_choice(biz, "trading_session_type", SESSIONS) if biz.get("trading_session_type") else None,
        user_mark=str(biz.get("user_mark") or "")[:LONGEST_MARK],
        attachments=read_attachments(biz),
        legs=legs,
        combo_type=_read_choice(biz, "combo_type", STRATEGIES) if legs else "",
        schedule=read_schedule(biz, order_type),
    )
    _require_prices(draft)
    return draft


def read_group(biz: Mapping[str, Any]) -> tuple[Draft, ...]:
    """Return the drafts of orders of which the first that fills has the others cancelled.

    What stands beside the list, such as the mark, is said of each; the number is the first one's.
    """
    orders = biz.get("oca_orders")
    if not isinstance(orders, list) or len(orders) < LEAST_OCA_ORDERS or not all(isinstance(o, dict) for o in orders):
        name = "oca_orders"
        raise get_invalid(name)
    common = {name: value for name, value in biz.items() if name not in {"oca_orders", "order_id"}}
    numbers = [biz.get("order_id")] + [None] * (len(orders) - 1)
    return tuple(
        read_draft(common | order | {"order_id": number}) for order, number in zip(orders, numbers, strict=True)
    )


def read_legs(biz: Mapping[str, Any]) -> tuple[LegDraft, ...]:
    """Return the legs of a combination; none where the request names a contract."""
    legs = biz.get("contract_legs")
    if not legs:
        return ()
    if not isinstance(legs, list) or not all(isinstance(leg, dict) for leg in legs):
        name = "contract_legs"
        raise get_invalid(name)
    return tuple(_read_leg(leg) for leg in legs)


def _read_leg(leg: Mapping[str, Any]) -> LegDraft:
    ratio = read_integer("ratio", leg.get("ratio", 1)) or 0
    if not 0 < ratio <= LARGEST_RATIO:
        name = "ratio"
        raise get_invalid(name)
    return LegDraft(
        sec_type=str(leg.get("sec_type") or "OPT"),
        symbol=str(require(leg, "symbol")),
        expiry=read_expiry(leg.get("expiry")),
        strike=read_decimal("strike", leg.get("strike")),
        right=read_right(leg.get("right")),
        action=_read_choice(leg, "action", ("BUY", "SELL")),
        ratio=ratio,
    )


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


def read_right(value: Any) -> str | None:
    """Return CALL or PUT, or what else was sent in capitals."""
    return str(value).upper() if value else None


def require(biz: Mapping[str, Any], name: str) -> Any:
    """Return a field that has to be there, or refuse as Tiger does."""
    value = biz.get(name)
    if value is None or value == "":
        raise get_missing(name)
    return value


def _require_prices(draft: Draft) -> None:
    if draft.order_type in LIMITED_TYPES and draft.limit_price is None:
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


def _read_limit(biz: Mapping[str, Any], sec_type: str) -> Decimal | None:
    # What a combination is bought for may be a credit.
    if sec_type == COMBINATION:
        return read_decimal("limit_price", biz.get("limit_price"))
    return _read_positive(biz, "limit_price")


def _read_flag(biz: Mapping[str, Any], name: str) -> bool:
    value = biz.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise get_invalid(name)
    return value
