"""Takes the wire's order commands: reserve a number, preview, place, modify, cancel, estimate."""

from decimal import Decimal
from typing import Any

from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.readings import ReadingsInForce
from app.simulator.trading.accounts import Account
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import COIN, FUND, STOCK, Contract
from app.simulator.trading.decimals import (
    ZERO,
    floor_to,
    get_missing,
    read_decimal,
    read_integer,
    to_money,
)
from app.simulator.trading.documents import get_order_document
from app.simulator.trading.drafts import Draft, read_draft, read_expiry, read_group, read_right, require
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.needs import get_market_price
from app.simulator.trading.orders import Order
from app.simulator.trading.reasons import UNKNOWN_CONTRACT, Reason
from app.simulator.trading.refusals import get_refusal
from app.simulator.trading.rules import (
    Desk,
    adjust_prices,
    check_readings,
    find_contract,
    find_objection,
    get_draft_price,
    get_needed,
)
from app.simulator.trading.valuation import LONG_INITIAL, get_account_value
from app.simulator.wire import WireRequest


class Commands:
    """Serve the wire methods that act on orders."""

    def __init__(self, engine: TradingEngine, readings: ReadingsInForce) -> None:
        self._engine = engine
        self._readings = readings

    def tell_number(self, request: WireRequest) -> Any:
        """Answer ``order_no``."""
        return {"orderId": self._engine.tell_number(self._get_account(request))}

    def place(self, request: WireRequest) -> Any:
        """Answer ``place_order``: the orders as accepted, never as filled; a group is told by its first."""
        orders = self._engine.place_all(self._read_drafts(request))
        first = orders[0]
        children = [child for order in orders for child in order.children]
        others = [order.id for order in orders] if len(orders) > 1 else []
        family = [*orders, *(self._engine.orders[child] for child in children)]
        return {
            "id": first.id,
            "subIds": others + children,
            "order_id": first.number,
            "orders": [self._describe(order, request.now_ms) for order in family if self._is_listed(order)],
        }

    def _is_listed(self, order: Order) -> bool:
        return not order.is_dormant or self._engine.is_shown(order)

    def _describe(self, order: Order, now_ms: int) -> dict[str, Any]:
        contract = self._engine.get_contract(order)
        kind = self._engine.get_account(order.account).kind
        return get_order_document(order, contract, self._engine.prices.get_book(contract, now_ms).latest, kind)

    def modify(self, request: WireRequest) -> Any:
        """Answer ``modify_order``; the SDK sends the whole order again."""
        account = self._get_account(request)
        order_id, number = self._read_ids(request)
        order = self._engine.require_order(account, order_id, number)
        self._engine.modify(order, self._read_drafts(request)[0])
        return {"id": order.id}

    def cancel(self, request: WireRequest) -> Any:
        """Answer ``cancel_order``: the wish is received, the order ends soon after."""
        account = self._get_account(request)
        order = self._engine.require_order(account, *self._read_ids(request))
        self._engine.cancel(order)
        return {"id": order.id}

    def preview(self, request: WireRequest) -> Any:
        """Answer ``preview_order``: what the order would do to the account, and whether it would pass."""
        drafts = self._read_drafts(request)
        account = self._engine.get_account(drafts[0].account)
        self._engine.refresh()
        desk = self._engine.get_desk(account)
        previews = []
        for draft in drafts:
            contract = find_contract(draft, self._engine.prices, account.kind, request.now_ms)
            adjusted = adjust_prices(draft, contract, self._engine.prices)
            previews.append(self._get_preview(adjusted, contract, desk, find_objection(adjusted, contract, desk)))
        # Of a group only one is filled: what it needs most is what the one needs that needs most.
        return max(previews, key=lambda preview: (not preview["isPass"], preview["initMargin"]))

    def _get_preview(self, draft: Draft, contract: Contract, desk: Desk, objection: Reason | None) -> dict[str, Any]:
        segment = contract.segment
        value = get_account_value(desk.account, desk.open_orders, desk.prices, desk.now_ms, segment)
        price = get_draft_price(draft, contract, desk)
        quantity = draft.quantity or floor_to((draft.cash_amount or ZERO) / price, contract.grain)
        commission = get_commission(contract, draft.action, quantity, quantity * contract.multiplier * price)
        needed = get_needed(draft, contract, desk)
        return {
            "account": desk.account.account,
            "isPass": objection is None,
            "message": objection.tell(self._readings.now.refusal_language) if objection else "",
            "marginCurrency": "USD",
            "initMarginBefore": to_money(value.initial_margin),
            "initMargin": to_money(value.initial_margin + needed),
            "maintMarginBefore": to_money(value.maintenance_margin),
            "maintMargin": to_money(value.maintenance_margin + needed),
            "equityWithLoanBefore": to_money(value.net_liquidation),
            "equityWithLoan": to_money(value.net_liquidation),
            "availableEE": to_money(max(ZERO, value.available - needed)),
            "excessLiquidity": to_money(value.excess - needed),
            "overnightLiquidation": to_money(value.excess - needed),
            "commission": to_money(commission),
            "minCommission": to_money(commission),
            "maxCommission": to_money(commission),
            "commissionCurrency": contract.currency,
            "gst": 0.0,
        }

    def estimate(self, request: WireRequest) -> Any:
        """Answer ``estimate_tradable_quantity``: what cash alone buys, what credit adds, what is held."""
        account = self._get_account(request)
        self._engine.refresh()
        biz = request.biz
        contract = self._engine.prices.find(
            str(biz.get("sec_type") or "STK"),
            str(require(biz, "symbol")),
            read_expiry(biz.get("expiry")),
            read_decimal("strike", biz.get("strike")),
            read_right(biz.get("right")),
        )
        if contract is None:
            raise get_refusal(account.kind, UNKNOWN_CONTRACT)
        held = account.get_quantity(contract)
        action = str(require(biz, "action"))
        given = read_decimal("limit_price", biz.get("limit_price"))
        price = given or get_market_price(contract, action, self._engine.prices, request.now_ms)
        orders = self._engine.get_open_orders(account.account)
        value = get_account_value(account, orders, self._engine.prices, request.now_ms, contract.segment)
        # Nobody pays for a future: its margin has to be there.
        share = contract.margins[0] if contract.margins else Decimal(1)
        cost = price * contract.multiplier * DOLLARS_PER_UNIT[contract.currency] * share
        cash = _count_affordable(min(value.cash, value.available), cost, contract, action, price)
        credit = LONG_INITIAL if contract.sec_type == STOCK else Decimal(1)
        whole = _count_affordable(value.available, cost * credit, contract, action, price)
        is_closing = held * (1 if action == "BUY" else -1) < 0
        return {
            "tradableQuantity": float(abs(held) if is_closing else cash),
            "financingQuantity": 0.0 if is_closing else float(max(ZERO, whole - cash)),
            "positionQuantity": float(held),
            "tradablePositionQuantity": float(abs(held)),
        }

    def _get_account(self, request: WireRequest) -> Account:
        return self._engine.get_account(str(require(request.biz, "account")))

    def _read_drafts(self, request: WireRequest) -> tuple[Draft, ...]:
        biz = request.biz
        drafts = read_group(biz) if biz.get("oca_orders") is not None else (read_draft(biz),)
        for draft in drafts:
            check_readings(draft, self._engine.get_account(draft.account).kind, self._readings.now)
        return drafts

    def _read_ids(self, request: WireRequest) -> tuple[int | None, int | None]:
        order_id = read_integer("id", request.biz.get("id"))
        number = read_integer("order_id", request.biz.get("order_id"))
        if not order_id and not number:
            name = "id"
            raise get_missing(name)
        return order_id or None, number or None


def _count_affordable(dollars: Decimal, cost: Decimal, contract: Contract, action: str, price: Decimal) -> Decimal:
    """Return how many the money is enough for, charges included; ``cost`` is of one, in dollars."""
    lots = _count_lots(max(ZERO, dollars), cost, contract)
    charged = get_commission(contract, action, lots, lots * contract.multiplier * price)
    return _count_lots(max(ZERO, dollars - charged * DOLLARS_PER_UNIT[contract.currency]), cost, contract)


def _count_lots(dollars: Decimal, cost: Decimal, contract: Contract) -> Decimal:
    step = contract.grain if contract.sec_type in {FUND, COIN} else Decimal(contract.lot_size)
    return floor_to(dollars / cost, step) if cost > 0 else ZERO
