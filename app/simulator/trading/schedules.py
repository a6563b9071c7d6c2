"""What algorithms go by: the fields of TWAP, VWAP and iceberg orders, and how much of one may be filled by a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.simulator.trading.decimals import ZERO, floor_to, get_invalid, get_missing, read_decimal, read_integer
from app.simulator.trading.orders import ICEBERG, WEIGHTED_TYPES, Order

TAGS = {
    "start_time": "startTime",
    "end_time": "endTime",
    "no_take_liq": "noTakeLiq",
    "allow_past_end_time": "allowPastEndTime",
    "participation_rate": "participationRate",
}
"""The parameters of an algorithm as the SDK sends them, and as it reads them."""
ICEBERG_FIELDS = ("display_size", "min_display_size", "check_intervals", "price_type")
PRICE_TYPES = ("LIMIT_PRICE", "ASK_PRICE", "BID_PRICE", "LATEST_PRICE")
RATES = (Decimal("0.01"), Decimal("0.5"))
DEFAULT_MINUTES = 30
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hold what an algorithm goes by: ``fields`` as the wire tells them, the times in epoch milliseconds."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    start_ms: int | None = None
    end_ms: int | None = None


def read_schedule(biz: Mapping[str, Any], order_type: str) -> Schedule:
    """Return what a request says about its algorithm; nothing for an order of another type."""
    if order_type in WEIGHTED_TYPES:
        return _read_weighted(biz)
    if order_type == ICEBERG:
        return _read_iceberg(biz)
    return Schedule()


def _read_weighted(biz: Mapping[str, Any]) -> Schedule:
    items = biz.get("algo_params") or []
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("tag") in TAGS for item in items):
        name = "algo_params"
        raise get_invalid(name)
    given = {item["tag"]: item.get("value") for item in items if item.get("value") is not None}
    rate = read_decimal("participation_rate", given.get("participation_rate"))
    if rate is not None and not RATES[0] <= rate <= RATES[1]:
        name = "participation_rate"
        raise get_invalid(name)
    start, end = _read_times(given)
    return Schedule({TAGS[tag]: value for tag, value in given.items()}, start, end)


def _read_iceberg(biz: Mapping[str, Any]) -> Schedule:
    given = {name: biz[name] for name in ICEBERG_FIELDS if biz.get(name) is not None}
    if "display_size" not in given:
        name = "display_size"
        raise get_missing(name)
    shown = read_decimal("display_size", given["display_size"]) or ZERO
    least = read_decimal("min_display_size", given.get("min_display_size", given["display_size"])) or ZERO
    wrong = {
        "display_size": shown <= 0,
        "min_display_size": not 0 < least <= shown,
        "check_intervals": (read_integer("check_intervals", given.get("check_intervals", 1)) or 0) <= 0,
        "price_type": given.setdefault("price_type", "LIMIT_PRICE") not in PRICE_TYPES,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise get_invalid(name)
    start, end = _read_times(biz)
    times = {name: biz[name] for name in ("start_time", "end_time") if biz.get(name) is not None}
    return Schedule(given | times, start, end)


def _read_times(given: Mapping[str, Any]) -> tuple[int | None, int | None]:
    start = read_integer("start_time", given.get("start_time"))
    end = read_integer("end_time", given.get("end_time"))
    if start is not None and end is not None and end <= start:
        name = "end_time"
        raise get_invalid(name)
    return start, end


def get_times(order: Order) -> tuple[int, int | None]:
    """Return when an algorithm begins and ends; a weighted one takes half an hour unless it says otherwise."""
    start = max(order.start_ms or 0, order.open_ms)
    if order.end_ms is None and order.order_type in WEIGHTED_TYPES:
        return start, start + DEFAULT_MINUTES * MINUTE_MS
    return start, order.end_ms


def is_over(order: Order, now_ms: int) -> bool:
    """Say whether the time of an algorithm has run out, and it may not go on past it."""
    if order.order_type not in WEIGHTED_TYPES | {ICEBERG}:
        return False
    end = get_times(order)[1]
    return end is not None and now_ms >= end and not order.schedule.get("allowPastEndTime")


def get_allowance(order: Order, lot_size: int, now_ms: int) -> Decimal | None:
    """Return how much of an order may be filled now; None for one that no algorithm holds back.

    A weighted order may be filled by the part of its time that has passed, an iceberg by what it shows, again after
    each interval.
    """
    if order.order_type not in WEIGHTED_TYPES | {ICEBERG} or order.quantity is None:
        return None
    start, end = get_times(order)
    if now_ms < start:
        return ZERO
    if order.order_type == ICEBERG:
        wait_ms = int(order.schedule.get("check_intervals", 1)) * 1000
        is_due = order.trade_ms is None or now_ms - order.trade_ms >= wait_ms
        return Decimal(str(order.schedule["display_size"])) if is_due else ZERO
    whole = max(1, (end or start) - start)
    due = order.quantity * min(Decimal(1), Decimal(now_ms - start) / whole)
    return max(ZERO, floor_to(due, Decimal(lot_size)) - order.filled)


def get_algorithm_fields(order: Order) -> dict[str, Any]:
    """Return how the wire tells an algorithm."""
    if order.order_type in WEIGHTED_TYPES:
        return {"algoParameters": [{"tag": tag, "value": value} for tag, value in order.schedule.items()]}
    return dict(order.schedule)
