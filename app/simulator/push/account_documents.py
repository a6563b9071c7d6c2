"""How the push service tells an order, an execution, a position and a segment of an account."""

from decimal import Decimal
from typing import Any

from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import Contract, get_contract_fields
from app.simulator.trading.decimals import ZERO, split_scale, to_money
from app.simulator.trading.documents import get_order_document
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.orders import Fill, Order
from app.simulator.trading.rules import sum_closing
from app.simulator.trading.valuation import get_account_value, get_holding_value

SEGMENTS = {"SEC": "S", "FUT": "C"}
_SAME_IN_AN_ORDER = (
    "id", "account", "action", "orderType", "totalQuantity", "totalQuantityScale", "filledQuantity",
    "filledQuantityScale", "avgFillPrice", "limitPrice", "realizedPnl", "status", "replaceStatus", "cancelStatus",
    "outsideRth", "canModify", "canCancel", "liquidation", "name", "source", "attrDesc", "openTime", "userMark",
    "totalCashAmount", "filledCashAmount", "gst", "attrList", "timeInForce", "updateTime", "latestTime",
)  # fmt: skip
_BARE_FIELDS = frozenset({"symbol", "identifier", "market", "currency", "secType"})
_CONTRACT_FIELDS = _BARE_FIELDS | {"expiry", "strike", "right"}


def _get_contract(contract: Contract, names: frozenset[str]) -> dict[str, Any]:
    described = {name: value for name, value in get_contract_fields(contract).items() if name in names}
    return described | {"multiplier": contract.multiplier, "segType": SEGMENTS[contract.segment]}


def get_order_status(engine: TradingEngine, order: Order) -> dict[str, Any]:
    """Return an order as it stands; the account's own number of it is not told [OrderStatusData.proto]."""
    contract, now_ms = engine.get_contract(order), engine.clock.now_ms()
    kind = engine.get_account(order.account).kind
    document = get_order_document(order, contract, engine.prices.get_book(contract, now_ms).latest, kind)
    stop_price = document.get("trailStopPrice", document.get("auxPrice"))
    return (
        _get_contract(contract, _CONTRACT_FIELDS)
        | {name: document[name] for name in _SAME_IN_AN_ORDER if name in document}
        | {
            "isLong": order.action == "BUY",
            "stopPrice": stop_price,
            "errorMsg": order.reason,
            "commissionAndFee": to_money(order.commission),
            "timestamp": now_ms,
        }
    )


def get_transaction(engine: TradingEngine, fill: Fill) -> dict[str, Any]:
    """Return an execution.

    ``filledQuantity`` has no scale beside it [OrderTransactionData.proto]: what a fraction becomes nobody says. Here
    it is cut off, so that whoever needs the quantity reads it from the order.
    """
    order = engine.orders[fill.order_id]
    contract = (engine.prices.find_key(fill.key) if fill.key else None) or engine.get_contract(order)
    return _get_contract(contract, _BARE_FIELDS) | {
        "id": fill.id,
        "orderId": fill.order_id,
        "account": fill.account,
        "action": fill.action or order.action,
        "filledPrice": to_money(fill.price),
        "filledQuantity": int(fill.quantity),
        "createTime": fill.at_ms,
        "updateTime": fill.at_ms,
        "transactTime": fill.at_ms,
        "timestamp": engine.clock.now_ms(),
    }


def get_position(engine: TradingEngine, account: Account, holding: Holding) -> dict[str, Any]:
    """Return a position, of quantity 0 where it has been closed."""
    contract, now_ms = holding.contract, engine.clock.now_ms()
    value = get_holding_value(holding, engine.prices, now_ms)
    position, scale = split_scale(holding.quantity)
    closing = "SELL" if holding.quantity > 0 else "BUY"
    promised = sum_closing(engine.get_open_orders(account.account), contract, closing)
    salable = max(ZERO, abs(holding.quantity) - promised)
    return _get_contract(contract, _CONTRACT_FIELDS) | {
        "account": account.account,
        "position": position,
        "positionScale": scale,
        "averageCost": to_money(holding.average_cost),
        "latestPrice": to_money(value.latest),
        "marketValue": to_money(value.market_value),
        "unrealizedPnl": to_money(value.unrealized),
        "name": contract.name,
        "timestamp": now_ms,
        # Only mainland shares have days on which they may not be sold [PositionData.proto].
        "saleable": int(salable) if contract.market == "CN" else None,
        "positionQty": float(holding.quantity),
        "salableQty": float(salable),
    }


def get_asset(engine: TradingEngine, account: Account, segment: str) -> dict[str, Any]:
    """Return what a segment of an account is worth, in US dollars, as ``prime_assets`` tells it."""
    orders, now_ms = engine.get_open_orders(account.account), engine.clock.now_ms()
    value = get_account_value(account, orders, engine.prices, now_ms, segment)
    power = value.buying_power if segment == "SEC" else max(ZERO, value.available)
    amounts: dict[str, Decimal] = {
        "availableFunds": value.available,
        "excessLiquidity": value.excess,
        "netLiquidation": value.net_liquidation,
        "equityWithLoan": value.net_liquidation,
        "buyingPower": power,
        "cashBalance": value.cash,
        "grossPositionValue": value.gross,
        "initMarginReq": value.initial_margin,
        "maintMarginReq": value.maintenance_margin,
    }
    return {"account": account.account, "currency": "USD", "segType": SEGMENTS[segment], "timestamp": now_ms} | {
        name: to_money(amount) for name, amount in amounts.items()
    }
