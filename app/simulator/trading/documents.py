"""How the wire tells an order, its charges and its legs."""

from decimal import Decimal
from typing import Any

from app.simulator.trading.commission import Charge
from app.simulator.trading.contracts import Contract, get_contract_fields
from app.simulator.trading.decimals import ZERO, split_scale, to_money
from app.simulator.trading.orders import FILLED, SUBMITTED, TRAILING_ORDER, Order
from app.simulator.trading.schedules import get_algorithm_fields

GLOBAL = "GLOBAL"


def get_order_document(order: Order, contract: Contract, latest: Decimal, kind: str = "") -> dict[str, Any]:
    """Return the order as the wire tells it to a kind of account; what an order type does not use is left out."""
    filled, filled_scale = split_scale(order.filled, order.scale)
    units = order.filled * contract.multiplier
    document = get_contract_fields(contract) | {
        "id": order.id,
        "externalId": str(abs(order.number)),
        # What was not ordered by the account's owner has no number.
        "orderId": max(0, order.number),
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
        "liquidation": "LIQUIDATION" in order.attributes,
        "openTime": get_second(order.open_ms),
        "updateTime": get_second(order.update_ms),
        "latestTime": get_second(order.trade_ms or order.update_ms),
        "name": contract.name,
        "latestPrice": to_money(latest),
        "attrDesc": "",
        "userMark": order.user_mark,
        "attrList": order.attributes,
        "algoStrategy": order.order_type,
        "status": _get_status(order, kind),
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
    return document | _get_optional_fields(order) | get_algorithm_fields(order) | _get_family_fields(order, contract)


def _get_status(order: Order, kind: str) -> str:
    """Return the status: legacy global accounts are told of a partial fill as Filled [page: place order]."""
    is_partly_filled = order.status == SUBMITTED and order.filled > 0
    return FILLED if kind == GLOBAL and is_partly_filled else order.status


def get_second(moment_ms: int) -> int:
    """Return a moment as the wire tells those of orders: in milliseconds, the last three of them 0 [recorded]."""
    return moment_ms // 1_000 * 1_000


def _get_family_fields(order: Order, contract: Contract) -> dict[str, Any]:
    """Return what ties an order to others, and the legs of a combination."""
    present: dict[str, Any] = {}
    if order.parent_id:
        present |= {"parentId": order.parent_id, "attachType": order.attach_type}
    if order.children:
        present["subIds"] = order.children
    if order.oca_group:
        present["ocaGroupId"] = int(order.oca_group)
    if contract.legs:
        present |= {
            "comboType": order.combo_type,
            "comboTypeDesc": order.combo_type.title(),
            "legs": [_get_leg_document(order, contract, number) for number in range(len(contract.legs))],
        }
    return present


def _get_leg_document(order: Order, contract: Contract, number: int) -> dict[str, Any]:
    leg = contract.legs[number]
    filled = order.filled * leg.ratio
    return get_contract_fields(leg.contract) | {
        "action": leg.action,
        "ratio": leg.ratio,
        "multiplier": leg.contract.multiplier,
        "totalQuantity": float((order.quantity or ZERO) * leg.ratio),
        "filledQuantity": float(filled),
        "avgFilledPrice": to_money(Decimal(order.leg_amounts[number]) / filled) if filled else 0.0,
        "createdAt": order.open_ms,
        "updatedAt": order.update_ms,
    }


def _get_optional_fields(order: Order) -> dict[str, Any]:
    present: dict[str, Any] = {}
    # One for an amount has a quantity of 0 [the C# SDK's example of a fund].
    quantity, scale = split_scale(order.quantity or ZERO, order.scale)
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
