"""Make sightings of what Tiger pushes of an account."""

import dataclasses
from decimal import Decimal
from typing import Any, Final

from app.events.events import Topic
from app.events.sightings import OPEN, FigureSighting, FillSighting, OrderSighting, Sighting
from app.events.tiger_sightings import get_command_id, get_position_name, get_segment_name
from app.orders.fates import has_lived
from app.tiger.order_kinds import KINDS
from app.tiger.push.account_data import AccountData, Asset, OrderStatus, OrderTransaction, Position
from app.tiger.trading.account_kinds import is_global_id
from app.tiger.trading.narrowing import get_side
from app.tiger.trading.order_statuses import AT_ONCE, CANCELLED, FILLED, INACTIVE, INVALID, get_status
from app.tiger.wire.reasons import explain, says_expired
from app.tiger.wire.values import json_number

PHASES: Final = {FILLED: "filled", CANCELLED: "cancelled", INACTIVE: "rejected", INVALID: "rejected"}
STOP_PRICE_TYPES: Final = frozenset(name for name, kind in KINDS.items() if "stop_price" in kind.needs)


def see(data: AccountData) -> Sighting | None:
    """Return what a message shows, None where it says too little to tell it from another."""
    if isinstance(data, OrderStatus):
        return _see_order(data)
    if isinstance(data, OrderTransaction):
        return _see_fill(data)
    return _see_position(data) if isinstance(data, Position) else _see_asset(data)


def _see_order(data: OrderStatus) -> OrderSighting:
    # Of an order for an amount of money a quantity is told that means nothing.
    quantity = None if data.total_cash_amount else data.total_quantity
    is_global = is_global_id(data.account) and data.time_in_force not in AT_ONCE
    status = get_status(data.status, quantity, data.filled_quantity, is_global=is_global)
    filled = data.filled_quantity or Decimal(0)
    phase = PHASES.get(status or "", OPEN)
    if phase in {"rejected", "cancelled"} and says_expired(data.error_msg or ""):
        phase = "expired"
    elif phase == "rejected" and (filled or _has_run_out(data, status)):
        # What has been filled was taken: it ran out.
        phase = "expired"
    stop_price = data.stop_price if data.order_type in STOP_PRICE_TYPES else None
    remaining = None if quantity is None else quantity - filled
    told = {
        "order_id": str(data.id),
        # Tiger does not push the account's own number of an order.
        "account_order_id": None,
        **_get_instrument(data),
        "action": data.action,
        "order_type": data.order_type,
        "status": status,
        "quantity": json_number(quantity),
        "filled": json_number(filled),
        "remaining": json_number(remaining),
        "avg_fill_price": _to_number(data.avg_fill_price) if filled else None,
        "limit_price": _to_number(data.limit_price),
        "stop_price": _to_number(stop_price),
        "time_in_force": data.time_in_force,
        "outside_rth": data.outside_rth,
        "order_time": data.open_time,
        "update_time": data.update_time,
        "parent_order_id": None,
        "reason": explain(data.error_msg),
    }
    return OrderSighting(
        order_id=str(data.id),
        phase=phase,
        filled=filled,
        quantity=quantity,
        limit_price=data.limit_price,
        stop_price=stop_price,
        moment=data.update_time,
        command_id=get_command_id(data.user_mark),
        told=told,
    )


def _has_run_out(data: OrderStatus, status: str | None) -> bool:
    """Return whether an order that ended without a reason had been taken before, as ``get_fate`` has it."""
    return status == INVALID and not data.error_msg and has_lived(data.open_time, data.update_time)


def _see_fill(data: OrderTransaction) -> FillSighting:
    told = {
        "id": str(data.id),
        "order_id": str(data.order_id),
        "symbol": data.symbol,
        "sec_type": data.sec_type,
        "identifier": data.identifier,
        "market": data.market,
        "currency": data.currency,
        "multiplier": data.multiplier or None,
        "action": data.action,
        "price": _to_number(data.filled_price),
        "quantity": data.filled_quantity,
        "transaction_time": data.transact_time,
    }
    return FillSighting(str(data.id), str(data.order_id), data.transact_time, told)


def _see_position(data: Position) -> FigureSighting | None:
    quantity = data.position_qty if data.position_qty is not None else data.position
    if quantity is None:
        return None
    told: dict[str, Any] = {
        **_get_instrument(data),
        "quantity": json_number(quantity),
        "average_cost": _to_number(data.average_cost),
        "market_price": _to_number(data.latest_price),
        "market_value": _to_number(data.market_value),
        "unrealized_pnl": _to_number(data.unrealized_pnl),
        "salable_quantity": json_number(data.salable_qty),
        "name": data.name,
        "update_timestamp": data.timestamp,
    }
    return FigureSighting(Topic.POSITIONS, get_position_name(told), quantity, data.timestamp, told)


def _see_asset(data: Asset) -> FigureSighting | None:
    if data.cash_balance is None:
        return None
    figures = {field.name: getattr(data, field.name) for field in dataclasses.fields(data)}
    told = {
        name: _to_number(value) if isinstance(value, Decimal) else value
        for name, value in figures.items()
        if name not in {"account", "seg_type"}
    }
    cents = data.cash_balance.quantize(Decimal("0.01"))
    name = get_segment_name(data.seg_type)
    return FigureSighting(Topic.ASSETS, name, cents, data.timestamp, {"category": data.seg_type, **told})


def _get_instrument(data: OrderStatus | Position) -> dict[str, Any]:
    return {
        "symbol": data.symbol,
        "sec_type": data.sec_type,
        "identifier": data.identifier,
        "market": data.market,
        "currency": data.currency,
        "expiry": data.expiry,
        "strike": _to_number(data.strike),
        "put_call": get_side(data.sec_type, data.right),
        "multiplier": data.multiplier or None,
    }


def _to_number(value: Decimal | str | None) -> float | int | None:
    return None if value is None else json_number(Decimal(value))
