"""Orders that are attached to another one: what a request says about them, and what they become."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.simulator.trading.decimals import get_invalid, get_missing, read_decimal
from app.simulator.trading.orders import LIMIT_ORDER, STOP_LIMIT_ORDER, STOP_ORDER, TRAILING_ORDER

PROFIT = "PROFIT"
LOSS = "LOSS"
BRACKETS = "BRACKETS"
ATTACH_TYPES = {PROFIT: (PROFIT,), LOSS: (LOSS,), BRACKETS: (PROFIT, LOSS)}
TIMES_IN_FORCE = ("DAY", "GTC")


@dataclass(frozen=True, slots=True)
class Attachment:
    """Hold what an attached order is to be: ``kind`` PROFIT or LOSS, and its type and prices."""

    kind: str
    order_type: str
    limit_price: Decimal | None
    aux_price: Decimal | None
    trailing_percent: Decimal | None
    time_in_force: str
    outside_rth: bool

    @property
    def prices(self) -> tuple[tuple[str, Decimal | None], ...]:
        """Return the prices that have to be on the grid, with what they are called."""
        stop = None if self.order_type == TRAILING_ORDER else self.aux_price
        return (("limit price", self.limit_price), ("stop price", stop))


def read_attachments(biz: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Return the orders that a request attaches, in the fields in which the SDK sends them."""
    attach_type = biz.get("attach_type")
    if not attach_type:
        return ()
    if attach_type not in ATTACH_TYPES:
        name = "attach_type"
        raise get_invalid(name)
    readers = {PROFIT: _read_profit, LOSS: _read_loss}
    return tuple(readers[kind](biz) for kind in ATTACH_TYPES[attach_type])


def _read_profit(biz: Mapping[str, Any]) -> Attachment:
    price = _read_price(biz, "profit_taker_price")
    if price is None:
        name = "profit_taker_price"
        raise get_missing(name)
    return Attachment(
        PROFIT, LIMIT_ORDER, price, None, None, _read_time(biz, "profit_taker_tif"), bool(biz.get("profit_taker_rth"))
    )


def _read_loss(biz: Mapping[str, Any]) -> Attachment:
    stop, limit = _read_price(biz, "stop_loss_price"), _read_price(biz, "stop_loss_limit_price")
    percent = _read_price(biz, "stop_loss_trailing_percent")
    distance = _read_price(biz, "stop_loss_trailing_amount")
    time_in_force, outside = _read_time(biz, "stop_loss_tif"), bool(biz.get("stop_loss_rth"))
    if percent is not None or distance is not None:
        distance = None if percent is not None else distance
        return Attachment(LOSS, TRAILING_ORDER, None, distance, percent, time_in_force, outside)
    if stop is None:
        name = "stop_loss_price"
        raise get_missing(name)
    order_type = STOP_ORDER if limit is None else STOP_LIMIT_ORDER
    return Attachment(LOSS, order_type, limit, stop, None, time_in_force, outside)


def _read_price(biz: Mapping[str, Any], name: str) -> Decimal | None:
    price = read_decimal(name, biz.get(name))
    if price is not None and price <= 0:
        raise get_invalid(name)
    return price


def _read_time(biz: Mapping[str, Any], name: str) -> str:
    value = biz.get(name) or "DAY"
    if value not in TIMES_IN_FORCE:
        raise get_invalid(name)
    return str(value)
