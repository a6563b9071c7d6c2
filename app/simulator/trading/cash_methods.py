"""Answers questions about money that moved: fund_details, transfer_fund, segment_fund_available and its history."""

from typing import Any

from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.trading.accounts import Account
from app.simulator.trading.decimals import ZERO, get_invalid, read_integer, to_money
from app.simulator.trading.drafts import require
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.executions import list_executions
from app.simulator.trading.movements import (
    DEPOSIT,
    Movement,
    list_deposits,
    list_future_deposits,
    list_future_movements,
    list_movements,
)
from app.simulator.trading.openings import Openings
from app.simulator.trading.performance import PARTS, read_segment
from app.simulator.trading.times import read_moment
from app.simulator.trading.valuation import get_account_value
from app.simulator.wire import WireRequest

_DEFAULT_PAGE, _LARGEST_PAGE = 50, 100
_DAY_MS = 86_400_000
_EVERY = (None, "", "ALL")
_DEPOSIT_TYPE = 1


class CashMethods:
    """Serve the wire methods that read movements of cash, in the segments of securities and of futures."""

    def __init__(self, engine: TradingEngine, openings: Openings) -> None:
        self._engine = engine
        self._openings = openings

    def _open(self, request: WireRequest) -> Account:
        account = self._engine.get_account(str(require(request.biz, "account")))
        self._engine.refresh()
        return account

    def get_fund_details(self, request: WireRequest) -> Any:
        """Answer ``fund_details``: a page of movements, newest first, from the ``start``-th on."""
        account, biz = self._open(request), request.biz
        segments = require(biz, "seg_types")
        if not isinstance(segments, list) or any(segment not in PARTS for segment in segments):
            name = "seg_types"
            raise get_invalid(name)
        start, limit = read_integer("start", biz.get("start")) or 0, read_integer("limit", biz.get("limit"))
        limit = _DEFAULT_PAGE if limit is None else limit
        if start < 0 or not 1 <= limit <= _LARGEST_PAGE:
            name = "start" if start < 0 else "limit"
            raise get_invalid(name)
        parts = {part for segment in segments for part in PARTS[segment]}
        movements = [each for part in parts for each in self._list_movements(account, part, request.now_ms)]
        found = [each for each in movements if _is_wanted(each, biz)]
        found.sort(key=lambda movement: (movement.at_ms, movement.id), reverse=True)
        return {
            "items": [_describe(movement) for movement in found[start : start + limit]],
            "page": start // limit + 1,
            "limit": limit,
            "itemCount": len(found),
            "pageCount": -(-len(found) // limit),
            "timestamp": request.now_ms,
        }

    def _list_movements(self, account: Account, segment: str, now_ms: int) -> list[Movement]:
        opened = self._openings.get_day(account.account, now_ms)
        executions = list_executions(self._engine, account.account, segment)
        if segment == "FUT":
            return list_future_movements(account, executions, opened, self._engine.prices, now_ms)
        return list_movements(account, executions, opened)

    def get_transfers(self, request: WireRequest) -> Any:
        """Answer ``transfer_fund``: deposits and withdrawals."""
        account = self._open(request)
        opened = self._openings.get_day(account.account, request.now_ms)
        deposits = {"SEC": list_deposits(account, opened), "FUT": list_future_deposits(account, opened)}
        return [
            {
                "id": deposit.id,
                "refId": f"D{deposit.id}",
                "type": _DEPOSIT_TYPE,
                "typeDesc": "Deposits",
                "currency": deposit.currency,
                "amount": to_money(deposit.amount),
                "businessDate": deposit.on.isoformat(),
                "completedStatus": True,
                "updatedAt": deposit.at_ms,
                "createdAt": deposit.at_ms,
            }
            for part in PARTS[read_segment(request.biz)]
            for deposit in deposits[part]
        ]

    def get_available(self, request: WireRequest) -> Any:
        """Answer ``segment_fund_available``: what could leave a segment, in each currency that it holds."""
        account, biz = self._open(request), request.biz
        segment, asked = read_segment(biz, "from_segment"), biz.get("currency")
        orders = self._engine.get_open_orders(account.account)
        rows = []
        for part in PARTS[segment]:
            value = get_account_value(account, orders, self._engine.prices, request.now_ms, part)
            cash = account.cash if part == "SEC" else account.futures.cash
            for currency, amount in sorted(cash.items()):
                if asked in _EVERY or asked == currency:
                    free = max(ZERO, min(amount, value.available / DOLLARS_PER_UNIT[currency]))
                    rows.append({"fromSegment": part, "currency": currency, "amount": to_money(free)})
        return rows

    def get_segment_history(self, request: WireRequest) -> Any:
        """Answer ``segment_fund_history``: nothing was ever moved between segments here."""
        self._open(request)
        return []


def _is_wanted(movement: Movement, biz: dict[str, Any]) -> bool:
    begin = read_moment("start_date", biz.get("start_date"))
    end = read_moment("end_date", biz.get("end_date"))
    if end is not None and isinstance(biz.get("end_date"), str):
        # Dates are days, the last one included.
        end += _DAY_MS
    return (
        biz.get("fund_type") in (*_EVERY, movement.kind)
        and biz.get("currency") in (*_EVERY, movement.currency)
        and (begin is None or movement.at_ms >= begin)
        and (end is None or movement.at_ms < end)
    )


def _describe(movement: Movement) -> dict[str, Any]:
    return {
        "id": movement.id,
        "desc": movement.description,
        "currency": movement.currency,
        "segType": movement.segment,
        "type": "Deposits & Withdrawals" if movement.kind == DEPOSIT else movement.kind.capitalize(),
        "amount": to_money(movement.amount),
        "businessDate": movement.on.isoformat(),
        "contractName": movement.contract_name,
        "updatedAt": movement.at_ms,
    }
