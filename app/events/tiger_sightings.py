"""Make sightings of what Tiger shows of an account by REST."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from app.events.events import Topic
from app.events.sightings import OPEN, FigureSighting, FillSighting, OrderSighting
from app.orders.fates import Fate, get_fate
from app.orders.naming import OWN_MARK
from app.orders.records import MARK_PREFIX
from app.tiger.trading.orders import Order

PHASES: Final = {
    Fate.LIVING: OPEN,
    Fate.FILLED: "filled",
    Fate.CANCELLED: "cancelled",
    Fate.EXPIRED: "expired",
    Fate.REFUSED: "rejected",
}
TOLD_OF_AN_ORDER: Final = (
    "order_id", "account_order_id", "symbol", "sec_type", "identifier", "market", "currency", "expiry", "strike",
    "put_call", "multiplier", "action", "order_type", "status", "quantity", "filled", "remaining", "avg_fill_price",
    "limit_price", "stop_price", "time_in_force", "outside_rth", "order_time", "update_time", "parent_order_id",
)  # fmt: skip


def see_order(order: Order) -> OrderSighting | None:
    """Return what an order shows; None of one without an id."""
    if order.order_id is None:
        return None
    published = order.to_dict()
    told = {name: published[name] for name in TOLD_OF_AN_ORDER} | {"reason": published["status_details"]}
    return OrderSighting(
        order_id=order.order_id,
        phase=PHASES[get_fate(order)],
        filled=order.filled or Decimal(0),
        quantity=order.quantity,
        limit_price=order.limit_price,
        # The price that triggers a trailing order moves with the market.
        stop_price=order.stop_price,
        moment=order.update_time,
        command_id=get_command_id(order.user_mark),
        trailing_percent=order.trailing_percent,
        trailing_amount=order.trailing_amount,
        is_listed=True,
        told=told,
    )


def see_fill(row: Mapping[str, Any]) -> FillSighting:
    """Return what an execution shows."""
    return FillSighting(str(row["id"]), row["order_id"], row["transaction_time"], dict(row))


def see_position(row: Mapping[str, Any], moment: int | None) -> FigureSighting:
    """Return what a position shows, which was so at the moment."""
    return FigureSighting(
        Topic.POSITIONS, get_position_name(row), Decimal(str(row["quantity"] or 0)), moment, dict(row)
    )


def see_closed_position(name: str, moment: int | None) -> FigureSighting:
    """Return what there is to see of a position that is gone."""
    sec_type, _, identifier = name.partition(":")
    told = {"sec_type": sec_type, "identifier": identifier, "symbol": identifier, "quantity": 0}
    return FigureSighting(Topic.POSITIONS, name, Decimal(0), moment, told)


def see_segment(row: Mapping[str, Any], moment: int | None) -> FigureSighting | None:
    """Return what a segment of an account shows, None where it says nothing of its cash."""
    cash = row.get("cash_balance")
    if cash is None:
        return None
    told = {name: value for name, value in row.items() if name != "currency_assets"}
    cents = Decimal(str(cash)).quantize(Decimal("0.01"))
    return FigureSighting(Topic.ASSETS, get_segment_name(row.get("category")), cents, moment, told)


def get_position_name(row: Mapping[str, Any]) -> str:
    """Return the name of a position, the same however it was learnt."""
    identifier = str(row.get("identifier") or row.get("symbol")).replace(" ", "")
    return f"{row.get('sec_type')}:{identifier}"


def get_segment_name(category: str | None) -> str:
    """Return the name of a segment, the same however it was learnt; a legacy account has one without a category."""
    return category or "-"


def get_command_id(mark: str | None) -> str | None:
    """Return the command of ours whose mark an order bears."""
    return mark.removeprefix(MARK_PREFIX) if mark is not None and OWN_MARK.fullmatch(mark) else None
