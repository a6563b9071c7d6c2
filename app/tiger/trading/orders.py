"""An order as Tiger reports it: decoded without loss, published under the documented names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from app.tiger.order_kinds import KINDS
from app.tiger.trading.account_kinds import is_global_id
from app.tiger.trading.order_algorithms import get_algorithm, show_algorithm
from app.tiger.trading.order_contracts import OrderContract, get_order_contract
from app.tiger.trading.order_statuses import get_status, may_go_on
from app.tiger.wire.fields import get_decoder
from app.tiger.wire.reasons import explain
from app.tiger.wire.values import (
    decimal,
    figure,
    identifier,
    json_number,
    milliseconds,
    number,
    rows,
    scaled,
    text,
    truth,
    whole,
)

LIMIT_PRICE_TYPES: Final = frozenset(name for name, kind in KINDS.items() if "limit_price" in kind.needs)
STOP_PRICE_TYPES: Final = frozenset(name for name, kind in KINDS.items() if "stop_price" in kind.needs)


@dataclass(frozen=True, slots=True)
class RelatedOrder:
    """An order that came with another one: ``role`` is take_profit, stop_loss or oca_partner, None where open.

    ``order`` is None where Tiger names only its id.
    """

    order_id: str
    role: str | None = None
    order: "Order | None" = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is published of it, null where Tiger does not show it yet."""
        order = self.order
        return {
            "order_id": self.order_id,
            "role": self.role,
            "account_order_id": order and order.account_order_id,
            "action": order and order.action,
            "order_type": order and order.order_type,
            "status": order and order.status,
            "quantity": order and json_number(order.quantity),
            "filled": order and json_number(order.filled),
            "limit_price": order and number(order.limit_price),
            "stop_price": order and number(order.stop_price),
            "trailing_percent": order and number(order.trailing_percent),
            "trailing_amount": order and number(order.trailing_amount),
            "time_in_force": order and order.time_in_force,
        }


@dataclass(frozen=True, slots=True)
class Order:
    """One order of an account; quantities and prices are exact, times are epoch milliseconds.

    ``order_id`` is Tiger's global id, ``account_order_id`` the account's own number (None for orders that were not
    placed through the API). ``quantity`` is None of an order for a ``cash_amount``, whatever it is shown with.
    ``aux_price`` is the stop price, or for a trailing order the trailing amount.
    ``includes_mark`` says whether Tiger sent the mark at all: sent and empty, it is another program's order.
    ``algorithm`` is what a type such as TWAP goes by. ``parent_id`` is the order that this one is attached to,
    ``related`` are those that came with this one; ``missing`` are the roles of those that Tiger does not show.
    """

    order_id: str | None
    account_order_id: str | None
    account: str | None
    contract: OrderContract
    action: str | None
    order_type: str | None
    status: str | None
    quantity: Decimal | None
    quantity_scale: int
    filled: Decimal | None
    limit_price: Decimal | None
    aux_price: Decimal | None
    trail_stop_price: Decimal | None
    trailing_percent: Decimal | None
    percent_offset: Decimal | None
    adjust_limit: Decimal | None
    avg_fill_price: Decimal | None
    cash_amount: Decimal | None
    filled_cash_amount: Decimal | None
    commission: Decimal | None
    realized_pnl: Decimal | None
    time_in_force: str | None
    expire_time: int | None
    outside_rth: bool | None
    trading_session_type: str | None
    order_time: int | None
    update_time: int | None
    trade_time: int | None
    reason: str | None
    user_mark: str | None
    cancel_status: str | None
    replace_status: str | None
    can_modify: bool | None
    can_cancel: bool | None
    includes_mark: bool = False
    algorithm: Mapping[str, Any] = field(default_factory=dict)
    parent_id: str | None = None
    related: tuple["RelatedOrder", ...] = ()
    missing: tuple[str, ...] = ()
    strategy: str | None = None
    legs: tuple[Mapping[str, Any], ...] = ()

    @property
    def remaining(self) -> Decimal | None:
        """Return the quantity not filled yet, or None where Tiger does not say both figures."""
        if self.quantity is None or self.filled is None:
            return None
        return self.quantity - self.filled

    @property
    def stop_price(self) -> Decimal | None:
        """Return the price that triggers the order; a trailing order has an amount instead."""
        return None if self.order_type == "TRAIL" else self.aux_price

    @property
    def trailing_amount(self) -> Decimal | None:
        """Return the amount by which a trailing order follows the market."""
        return self.aux_price if self.order_type == "TRAIL" else None

    def to_dict(self) -> dict[str, Any]:
        """Return the twenty documented fields, then those beyond the document."""
        contract = self.contract
        return {
            "order_id": self.order_id,
            "account_order_id": self.account_order_id,
            "symbol": contract.symbol,
            "action": self.action,
            "order_type": self.order_type,
            "quantity": json_number(self.quantity),
            "status": self.status,
            "filled": json_number(self.filled),
            "remaining": json_number(self.remaining),
            "avg_fill_price": number(self.avg_fill_price),
            "limit_price": number(self.limit_price),
            "stop_price": number(self.stop_price),
            "time_in_force": self.time_in_force,
            "outside_rth": self.outside_rth,
            "order_time": self.order_time,
            "update_time": self.update_time,
            "commission": number(self.commission),
            "realized_pnl": number(self.realized_pnl),
            "filled_cash_amount": number(self.filled_cash_amount),
            "status_details": explain(self.reason),
            "sec_type": contract.sec_type,
            "market": contract.market,
            "currency": contract.currency,
            "identifier": contract.identifier,
            "expiry": contract.expiry,
            "strike": number(contract.strike),
            "put_call": contract.put_call,
            "multiplier": json_number(contract.multiplier),
            "name": contract.name,
            "trailing_percent": number(self.trailing_percent),
            "trailing_amount": number(self.trailing_amount),
            "cash_amount": number(self.cash_amount),
            "trade_time": self.trade_time,
            "user_mark": self.user_mark,
            "cancel_status": self.cancel_status,
            "replace_status": self.replace_status,
            "can_modify": self.can_modify,
            "can_cancel": self.can_cancel,
            "expire_time": self.expire_time,
            "trading_session": self.trading_session_type,
            "algorithm": show_algorithm(self.algorithm),
            "parent_order_id": self.parent_id,
            "related_orders": [related.to_dict() for related in self.related],
            "missing_orders": list(self.missing),
            "strategy": self.strategy,
            "legs": list(self.legs),
        }


def get_order(item: Mapping[str, Any]) -> Order:
    """Decode one order object of ``orders`` or of the answer to ``place_order``; what is missing becomes None."""
    cash_amount = decimal(item.get("totalCashAmount")) or None
    # One for an amount is shown with a quantity of 0, or with none, or with what was filled: no page says it.
    has_quantity = cash_amount is None
    quantity = scaled(item.get("totalQuantity"), item.get("totalQuantityScale")) if has_quantity else None
    filled = scaled(item.get("filledQuantity"), item.get("filledQuantityScale"))
    order_type = text(item.get("orderType"))
    account, cancel_status = identifier(item.get("account")), text(item.get("cancelStatus"))
    return Order(
        order_id=identifier(item.get("id")),
        account_order_id=identifier(item.get("orderId")),
        account=account,
        contract=get_order_contract(item),
        action=text(item.get("action")),
        order_type=order_type,
        status=get_status(
            item.get("status"), quantity, filled, cancel_status, is_global=is_global_id(account) and may_go_on(item)
        ),
        quantity=quantity,
        quantity_scale=whole(item.get("totalQuantityScale")) or 0,
        filled=filled,
        limit_price=_price(item.get("limitPrice"), is_used=order_type in LIMIT_PRICE_TYPES),
        aux_price=_price(item.get("auxPrice"), is_used=order_type in STOP_PRICE_TYPES),
        trail_stop_price=decimal(item.get("trailStopPrice")),
        trailing_percent=decimal(item.get("trailingPercent")),
        percent_offset=decimal(item.get("percentOffset")),
        adjust_limit=decimal(item.get("adjustLimit")),
        avg_fill_price=decimal(item.get("avgFillPrice")) if filled else None,
        cash_amount=cash_amount,
        filled_cash_amount=decimal(item.get("filledCashAmount")),
        commission=decimal(item.get("commission")),
        realized_pnl=decimal(item.get("realizedPnl")),
        time_in_force=text(item.get("timeInForce")),
        expire_time=milliseconds(item.get("expireTime")),
        outside_rth=truth(item.get("outsideRth")),
        trading_session_type=text(item.get("tradingSessionType")),
        order_time=milliseconds(item.get("openTime")),
        update_time=milliseconds(item.get("updateTime")),
        trade_time=milliseconds(item.get("latestTime")),
        reason=text(item.get("remark")),
        user_mark=text(item.get("userMark")),
        cancel_status=cancel_status,
        replace_status=text(item.get("replaceStatus")),
        can_modify=truth(item.get("canModify")),
        can_cancel=truth(item.get("canCancel")),
        includes_mark="userMark" in item,
        algorithm=get_algorithm(order_type, item),
        parent_id=identifier(item.get("parentId")),
        related=get_related(item.get("subIds")),
        strategy=text(item.get("comboType")),
        legs=tuple(_decode_leg(leg) for leg in rows(item["legs"])) if "legs" in item else (),
    )


_decode_leg: Final = get_decoder(
    (text, "symbol sec_type"),
    (identifier, "expiry"),
    (number, "strike"),
    (text, "put_call=right action"),
    (whole, "ratio"),
    (figure, "quantity=totalQuantity filled=filledQuantity"),
    (number, "avg_fill_price=avgFilledPrice"),
)


def get_related(ids: Any) -> tuple[RelatedOrder, ...]:
    """Return the orders of which Tiger names the ids [SDK: sub_ids]."""
    named = [identifier(each) for each in ids] if isinstance(ids, list) else []
    return tuple(RelatedOrder(order_id) for order_id in named if order_id is not None)


def _price(sent: Any, *, is_used: bool) -> Decimal | None:
    """Return a price; zero on an order whose type has no such price is Tiger's way to say that there is none."""
    price = decimal(sent)
    return price if is_used or price else None
