"""Answers questions about orders and executions."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.simulator.readings import ReadingsInForce
from app.simulator.trading.accounts import Account
from app.simulator.trading.commission import get_charges
from app.simulator.trading.contracts import FUND, FUTURE, get_contract_fields
from app.simulator.trading.decimals import get_invalid, get_missing, read_decimal, read_integer, split_scale, to_money
from app.simulator.trading.documents import get_charges_document, get_order_document, get_second
from app.simulator.trading.drafts import read_expiry, read_right, require
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.orders import (
    CANCELLED,
    FILLED,
    INACTIVE,
    INVALID,
    OPEN_STATUSES,
    Fill,
    Order,
)
from app.simulator.trading.pages import cut_page, read_limit
from app.simulator.trading.reasons import ORDER_NOT_FOUND
from app.simulator.trading.refusals import get_refusal
from app.simulator.trading.times import read_moment, write_moment
from app.simulator.wire import WireRequest

ENDED_UNFILLED = frozenset({CANCELLED, INVALID, INACTIVE})
LARGEST_ORDER_PAGE = 300
LARGEST_FILL_PAGE = 100
DEFAULT_PAGE = 100
SECURITIES = "SEC"
SEGMENTS = {FUTURE: "FUT", FUND: "FUND"}
"""The segment whose orders are listed where none is asked for."""
LONGEST_RANGE_MS = 90 * 24 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000


class Lookups:
    """Serve the wire methods that read orders; hidden orders are not there yet."""

    def __init__(self, engine: TradingEngine, readings: ReadingsInForce) -> None:
        self._engine = engine
        self._readings = readings

    def get_orders(self, request: WireRequest) -> Any:
        """Answer ``orders``: one order as a bare object when an id is given, else a page of them."""
        account = self._open(request)
        order_id = read_integer("id", request.biz.get("id"))
        number = read_integer("order_id", request.biz.get("order_id"))
        if order_id is None and number is not None and account.kind != "GLOBAL":
            number = self._read_number(number)
        if order_id is None and number is None:
            return self._get_page(request, account, None)
        order = self._engine.find_order(account.account, order_id, number)
        if order is None or not self._engine.is_shown(order):
            return self._answer_missing(account)
        return self._describe(order, show_charges=bool(request.biz.get("show_charges")))

    def get_active_orders(self, request: WireRequest) -> Any:
        """Answer ``active_orders``."""
        return self._get_page(request, self._open(request), OPEN_STATUSES)

    def get_inactive_orders(self, request: WireRequest) -> Any:
        """Answer ``inactive_orders``: cancelled, rejected and expired ones."""
        return self._get_page(request, self._open(request), ENDED_UNFILLED)

    def get_filled_orders(self, request: WireRequest) -> Any:
        """Answer ``filled_orders``, which insists on a range of at most ninety days."""
        account = self._open(request)
        start = read_moment("start_date", require(request.biz, "start_date"))
        end = read_moment("end_date", require(request.biz, "end_date"))
        if start is None or end is None or not 0 <= end - start <= LONGEST_RANGE_MS:
            name = "end_date"
            raise get_invalid(name)
        return self._get_page(request, account, frozenset({FILLED}))

    def get_transactions(self, request: WireRequest) -> Any:
        """Answer ``order_transactions``: the executions of an order, or of a symbol; newest first."""
        account = self._open(request)
        biz = request.biz
        order_id = read_integer("order_id", biz.get("order_id"))
        if (
            order_id is None
            and not biz.get("symbol")
            and not any(biz.get(name) for name in ("start_date", "since_date", "page_token", "sec_type", "limit"))
        ):
            name = "order_id"
            raise get_missing(name)
        if order_id is None and biz.get("symbol"):
            _require_contract(biz)
        start = read_moment("start_date", biz.get("start_date") or biz.get("since_date"))
        end = read_moment("end_date", biz.get("end_date"))
        if end is None and biz.get("to_date"):
            # since_date and to_date are days, the last one included.
            end = (read_moment("to_date", biz["to_date"]) or 0) + DAY_MS
        found = [
            fill
            for fill in reversed(self._engine.fills)
            if fill.account == account.account
            and (start is None or fill.at_ms >= start)
            and (end is None or fill.at_ms < end)
            and self._is_wanted_fill(fill, order_id, biz)
        ]
        limit = read_limit(biz, DEFAULT_PAGE, LARGEST_FILL_PAGE)
        page, token = cut_page(found, lambda fill: (fill.at_ms, fill.id), limit, biz.get("page_token"))
        return {"nextPageToken": token, "items": [self._describe_fill(fill) for fill in page]}

    def _is_wanted_fill(self, fill: Fill, order_id: int | None, biz: Mapping[str, Any]) -> bool:
        order = self._engine.orders[fill.order_id]
        if not self._engine.is_shown(order):
            return False
        key = fill.key or order.key
        # Executions are told of every segment.
        asked = {"seg_type": "ALL"} | dict(biz)
        return (order_id is None or order_id in {order.id, order.number}) and self._matches_contract(key, asked)

    def _open(self, request: WireRequest) -> Account:
        account = self._engine.get_account(str(require(request.biz, "account")))
        self._engine.refresh()
        return account

    def _read_number(self, number: int) -> int | None:
        """Return the number that an account which is not global is asked for; None where it is passed over."""
        reading = self._readings.now.lookup_by_number
        if reading == "refused":
            name = "id"
            raise get_missing(name)
        return number if reading == "works" else None

    def _answer_missing(self, account: Account) -> Any:
        reading = self._readings.now.missing_order
        if reading == "error":
            raise get_refusal(account.kind, ORDER_NOT_FOUND)
        return {} if reading == "empty" else None

    def _get_page(self, request: WireRequest, account: Account, statuses: frozenset[str] | None) -> dict[str, Any]:
        biz = request.biz
        limit = read_limit(biz, DEFAULT_PAGE, LARGEST_ORDER_PAGE)
        start = read_moment("start_date", biz.get("start_date"))
        end = read_moment("end_date", biz.get("end_date"))
        states = frozenset(biz["states"]) if biz.get("states") else None
        found = [
            order
            for order in self._engine.list_orders(account.account)
            if self._engine.is_shown(order)
            and (statuses is None or order.status in statuses)
            and (states is None or order.status in states)
            and (start is None or get_second(order.open_ms) >= start)
            and (end is None or get_second(order.open_ms) < end)
            and self._matches_contract(order.key, biz)
        ]
        by_update = biz.get("sort_by") == "LATEST_STATUS_UPDATED"

        def get_key(order: Order) -> tuple[int, int]:
            return (order.update_ms if by_update else order.open_ms, order.id)

        found.sort(key=get_key, reverse=True)
        page, token = cut_page(found, get_key, limit, biz.get("page_token"))
        return {"nextPageToken": token, "items": self._describe_all(page, biz)}

    def _describe_all(self, orders: Iterable[Order], biz: Mapping[str, Any]) -> list[dict[str, Any]]:
        show_charges = bool(biz.get("show_charges"))
        return [self._describe(order, show_charges=show_charges) for order in orders]

    def _matches_contract(self, key: str, biz: Mapping[str, Any]) -> bool:
        contract = self._engine.prices.find_key(key)
        if contract is None:
            return False
        asked = {
            "expiry": read_expiry(biz.get("expiry")),
            "strike": read_decimal("strike", biz.get("strike")),
            "right": read_right(biz.get("right")),
        }
        return (
            biz.get("symbol") in (None, "", contract.symbol)
            and biz.get("sec_type") in (None, "", "ALL", contract.sec_type)
            and biz.get("market") in (None, "", "ALL", contract.market)
            and (biz.get("seg_type") or SECURITIES) in ("ALL", SEGMENTS.get(contract.sec_type, SECURITIES))
            and all(wanted in (None, getattr(contract, name)) for name, wanted in asked.items())
        )

    def _describe(self, order: Order, *, show_charges: bool = False) -> dict[str, Any]:
        contract = self._engine.get_contract(order)
        latest = self._engine.prices.get_book(contract, self._engine.clock.now_ms()).latest
        document = get_order_document(order, contract, latest, self._engine.get_account(order.account).kind)
        if show_charges:
            charges = get_charges(contract, order.action, order.filled, order.filled_amount)
            document["charges"] = get_charges_document(charges)
        return document

    def _describe_fill(self, fill: Fill) -> dict[str, Any]:
        order = self._engine.orders[fill.order_id]
        contract = self._engine.prices.find_key(fill.key) if fill.key else self._engine.get_contract(order)
        if contract is None:
            message = f"fill {fill.id} is of {fill.key}, which the market does not have"
            raise LookupError(message)
        quantity, scale = split_scale(fill.quantity)
        return get_contract_fields(contract) | {
            "id": fill.id,
            "accountId": fill.account,
            "orderId": fill.order_id,
            "action": fill.action or order.action,
            "filledQuantity": quantity,
            "filledQuantityScale": scale,
            "filledPrice": to_money(fill.price),
            "filledAmount": to_money(fill.amount),
            "transactedAt": write_moment(fill.at_ms),
            "transactionTime": fill.at_ms,
        }


def _require_contract(biz: Mapping[str, Any]) -> None:
    """Refuse a symbol that does not say what it is: its type, and of a derivative expiration and side [Java page]."""
    sec_type = require(biz, "sec_type")
    for name in ("expiry", "right") if sec_type in {"OPT", "WAR", "IOPT"} else ():
        require(biz, name)
