"""Answers questions about money and positions."""

from decimal import Decimal
from typing import Any

from app.simulator.market.contract_ids import get_contract_id
from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import OPTION, get_contract_fields
from app.simulator.trading.decimals import ZERO, get_invalid, split_scale, to_money
from app.simulator.trading.drafts import read_expiry, read_right, require
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.late_fills import get_account_before
from app.simulator.trading.reasons import NO_PRIME_ASSETS
from app.simulator.trading.refusals import get_refusal
from app.simulator.trading.rules import sum_closing
from app.simulator.trading.segments import CAPABILITY, get_segment_document
from app.simulator.trading.valuation import AccountValue, HoldingValue, get_account_value
from app.simulator.wire import WireRequest

POSITION_SCALE = 5


class Assets:
    """Serve the wire methods that read accounts, assets and positions."""

    def __init__(self, engine: TradingEngine) -> None:
        self._engine = engine

    def get_accounts(self, request: WireRequest) -> Any:
        """Answer ``accounts``: those of the developer id that asks."""
        wanted = request.biz.get("account")
        return {
            "items": [
                {
                    "account": account.account,
                    "capability": CAPABILITY,
                    "status": "Funded",
                    "accountType": account.kind,
                }
                for account in self._engine.accounts.values()
                if account.tiger_id == request.tiger_id and wanted in (None, "", account.account)
            ]
        }

    def get_positions(self, request: WireRequest) -> Any:
        """Answer ``positions``: stocks unless another type is asked for."""
        account, value = self._value(request)
        futures = self._value_futures(account, request.now_ms)
        biz = request.biz
        wanted = {
            "symbol": biz.get("symbol") or None,
            "market": None if biz.get("market") in (None, "", "ALL") else biz["market"],
            "currency": None if biz.get("currency") in (None, "", "ALL") else biz["currency"],
            "sec_type": None if biz.get("sec_type") == "ALL" else biz.get("sec_type") or "STK",
            "expiry": read_expiry(biz.get("expiry")),
            "right": read_right(biz.get("right")),
        }
        strike = Decimal(str(biz["strike"])) if biz.get("strike") else None
        items = [
            self._describe(account, holding)
            for holding in (*value.holdings, *futures.holdings)
            if all(asked in (None, getattr(holding.holding.contract, name)) for name, asked in wanted.items())
            and strike in (None, holding.holding.contract.strike)
        ]
        return {"items": items}

    def get_prime_assets(self, request: WireRequest) -> Any:
        """Answer ``prime_assets``, which legacy global accounts do not have."""
        account, value = self._value(request)
        if account.kind == "GLOBAL":
            raise get_refusal(account.kind, NO_PRIME_ASSETS)
        currency = request.biz.get("base_currency") or "USD"
        if currency not in DOLLARS_PER_UNIT:
            name = "base_currency"
            raise get_invalid(name)
        return {
            "accountId": account.account,
            "updateTimestamp": request.now_ms,
            "segments": [
                get_segment_document("S", value, account.cash, currency),
                get_segment_document("C", self._value_futures(account, request.now_ms), account.futures.cash, currency),
            ],
        }

    def get_assets(self, request: WireRequest) -> Any:
        """Answer ``assets``, the form of the legacy global accounts; in US dollars."""
        account, value = self._value(request)
        summary: dict[str, Any] = {
            "account": account.account,
            "currency": "USD",
            "netLiquidation": to_money(value.net_liquidation),
            "cashValue": to_money(value.cash),
            "availableFunds": to_money(value.available),
            "buyingPower": to_money(value.buying_power),
            "excessLiquidity": to_money(value.excess),
            "equityWithLoan": to_money(value.net_liquidation),
            "grossPositionValue": to_money(value.gross),
            "initMarginReq": to_money(value.initial_margin),
            "maintMarginReq": to_money(value.maintenance_margin),
            "regTEquity": to_money(value.net_liquidation),
            "regTMargin": to_money(value.initial_margin),
            "sMA": to_money(value.available),
            "realizedPnl": to_money(value.realized),
            "unrealizedPnl": to_money(value.unrealized),
            "accruedCash": 0.0,
            "accruedDividend": 0.0,
            "cushion": to_money(value.excess / value.net_liquidation) if value.net_liquidation else 0.0,
            "dayTradesRemaining": -1,
            "updateTime": request.now_ms,
        }
        if request.biz.get("segment"):
            summary["segments"] = [{"category": "S"} | {k: v for k, v in summary.items() if k != "account"}]
        if request.biz.get("market_value"):
            summary["marketValues"] = self._get_market_values(account, value)
        return {"items": [summary]}

    def _value(self, request: WireRequest) -> tuple[Account, AccountValue]:
        account = self._engine.get_account(str(require(request.biz, "account")))
        self._engine.refresh()
        if self._engine.late_fills_ms:
            account = get_account_before(self._engine, account, self._engine.late_fills_ms)
        orders = self._engine.get_open_orders(account.account)
        return account, get_account_value(account, orders, self._engine.prices, request.now_ms)

    def _value_futures(self, account: Account, now_ms: int) -> AccountValue:
        orders = self._engine.get_open_orders(account.account)
        return get_account_value(account, orders, self._engine.prices, now_ms, "FUT")

    def _get_market_values(self, account: Account, value: AccountValue) -> list[dict[str, Any]]:
        rows = []
        for currency, cash in sorted(account.cash.items()):
            held = [item for item in value.holdings if item.holding.contract.currency == currency]
            worth = sum((item.market_value for item in held), ZERO)
            rows.append(
                {
                    "currency": currency,
                    "cashBalance": to_money(cash),
                    "exchangeRate": float(DOLLARS_PER_UNIT[currency]),
                    "netLiquidation": to_money(cash + worth),
                    "stockMarketValue": to_money(worth),
                    "unrealizedPnl": to_money(sum((item.unrealized for item in held), ZERO)),
                    "realizedPnl": to_money(account.realized.get(currency, ZERO)),
                }
            )
        return rows

    def _describe(self, account: Account, value: HoldingValue) -> dict[str, Any]:
        holding = value.holding
        contract = holding.contract
        is_whole = holding.quantity == holding.quantity.to_integral_value()
        position, scale = split_scale(holding.quantity, 0 if is_whole else POSITION_SCALE)
        average = to_money(holding.average_cost)
        percent = value.unrealized / abs(holding.basis) if holding.basis else ZERO
        yesterday = abs(value.market_value - value.today)
        return get_contract_fields(contract) | {
            "account": account.account,
            "contractId": get_contract_id(contract.identifier),
            "position": position,
            "positionScale": scale,
            "positionQty": float(holding.quantity),
            "salableQty": float(self._get_salable(account, value)),
            "averageCost": average,
            "averageCostByAverage": average,
            "averageCostOfCarry": average,
            "latestPrice": to_money(value.latest),
            "lastClosePrice": to_money(value.previous_close),
            "marketValue": to_money(value.market_value),
            "unrealizedPnl": to_money(value.unrealized),
            "unrealizedPnlByAverage": to_money(value.unrealized),
            "unrealizedPnlByCostOfCarry": to_money(value.unrealized),
            "unrealizedPnlPercent": to_money(percent),
            "unrealizedPnlPercentByAverage": to_money(percent),
            "unrealizedPnlPercentByCostOfCarry": to_money(percent),
            "realizedPnl": to_money(holding.realized),
            "realizedPnlByAverage": to_money(holding.realized),
            "todayPnl": to_money(value.today),
            "todayPnlPercent": to_money(value.today / yesterday) if yesterday else 0.0,
            "mmValue": to_money(value.maintenance_margin),
            "mmPercent": to_money(value.maintenance_margin / abs(value.market_value)) if value.market_value else 0.0,
            "multiplier": contract.multiplier,
            "status": 0,
            "updateTimestamp": self._engine.clock.now_ms(),
            "categories": ["OPTION"] if contract.sec_type == OPTION else [],
            "comboTypes": [],
            "name": contract.name,
        }

    def _get_salable(self, account: Account, value: HoldingValue) -> Decimal:
        """Return what is held and not yet promised to a closing order."""
        holding = value.holding
        closing = "SELL" if holding.quantity > 0 else "BUY"
        promised = sum_closing(self._engine.get_open_orders(account.account), holding.contract, closing)
        return max(ZERO, abs(holding.quantity) - promised)
