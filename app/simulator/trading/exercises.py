"""Answers questions about exercising options: what can be, what it would do, what was asked for."""

from decimal import Decimal
from typing import Any

from app.simulator.market.contract_ids import get_contract_id
from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import OPTION, STOCK
from app.simulator.trading.decimals import ZERO, get_invalid, read_decimal, read_integer
from app.simulator.trading.drafts import require
from app.simulator.trading.engine import TradingEngine
from app.simulator.wire import WireRequest

_TYPES = ("Exercise", "Expire")
_DEFAULT_PAGE, _LARGEST_PAGE = 20, 100


class Exercises:
    """Serve the wire methods that read about exercises; options are exercised at their end, and not by hand."""

    def __init__(self, engine: TradingEngine) -> None:
        self._engine = engine

    def _open(self, request: WireRequest) -> Account:
        account = self._engine.get_account(str(require(request.biz, "account")))
        self._engine.refresh()
        return account

    def get_positions(self, request: WireRequest) -> Any:
        """Answer ``option_exercise_position``: the options that an account holds and may exercise or let expire."""
        account = self._open(request)
        _require_type(request)
        rows = [_describe(account, holding) for holding in _list_options(account)]
        return {
            "pageNum": 1,
            "pageSize": len(rows),
            "itemCount": len(rows),
            "pageCount": 1 if rows else 0,
            "items": rows,
        }

    def check(self, request: WireRequest) -> Any:
        """Answer ``option_exercise_check``: what exercising would do to the position in the underlying."""
        account, biz = self._open(request), request.biz
        kind = _require_type(request)
        number = read_integer("contract_id", require(biz, "contract_id"))
        holding = next(
            (each for each in _list_options(account) if get_contract_id(each.contract.identifier) == number), None
        )
        if holding is None:
            name = "contract_id"
            raise get_invalid(name)
        contract = holding.contract
        quantity = read_decimal("quantity", biz.get("quantity"))
        quantity = holding.quantity if quantity is None else quantity
        if not 0 < quantity <= holding.quantity:
            name = "quantity"
            raise get_invalid(name)
        underlying = self._engine.prices.find(STOCK, contract.underlying or contract.symbol)
        before = account.get_quantity(underlying) if underlying else ZERO
        sign = 1 if contract.right == "CALL" else -1
        change = quantity * contract.multiplier * sign if kind == "Exercise" else ZERO
        return {
            "availableQuantity": float(holding.quantity),
            "position": float(holding.quantity),
            "stkPosition": float(before),
            "stkPositionChange": float(change),
            "stkPositionBefore": float(before),
            "stkPositionAfter": float(before + change),
            "symbol": contract.symbol,
        }

    def get_records(self, request: WireRequest) -> Any:
        """Answer ``option_exercise_record``: no exercise is ever asked for here."""
        self._open(request)
        page = read_integer("page", request.biz.get("page"))
        size = read_integer("size", request.biz.get("size"))
        page, size = 1 if page is None else page, _DEFAULT_PAGE if size is None else size
        if page < 1 or not 1 <= size <= _LARGEST_PAGE:
            name = "page" if page < 1 else "size"
            raise get_invalid(name)
        return {"pageNum": page, "pageSize": size, "itemCount": 0, "pageCount": 0, "items": []}


def _require_type(request: WireRequest) -> str:
    kind = str(require(request.biz, "type"))
    if kind not in _TYPES:
        name = "type"
        raise get_invalid(name)
    return kind


def _list_options(account: Account) -> list[Holding]:
    held = account.list_holdings()
    return [holding for holding in held if holding.contract.sec_type == OPTION and holding.quantity > 0]


def _describe(account: Account, holding: Holding) -> dict[str, Any]:
    contract = holding.contract
    return {
        "market": contract.market,
        "contractId": get_contract_id(contract.identifier),
        "stkSymbol": contract.underlying or contract.symbol,
        "symbol": contract.symbol,
        "expireDate": contract.expiry,
        "strike": str(float(contract.strike or Decimal(0))),
        "callPut": contract.right,
        "accountId": int(account.account) if account.account.isdigit() else account.account,
        "position": float(holding.quantity),
        "availableQuantity": float(holding.quantity),
    }
