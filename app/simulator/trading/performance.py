"""Answers how an account has done: analytics_asset, and its assets as one row: aggregate_assets."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.market.currencies import DOLLARS_PER_UNIT
from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import OPTION, STOCK
from app.simulator.trading.decimals import ZERO, get_invalid, to_money
from app.simulator.trading.drafts import require
from app.simulator.trading.engine import TradingEngine
from app.simulator.trading.equity import EquityDay, get_books, get_equity_days
from app.simulator.trading.executions import list_executions
from app.simulator.trading.openings import Openings
from app.simulator.trading.valuation import AccountValue, get_account_value
from app.simulator.wire import WireRequest

PARTS = {"SEC": ("SEC",), "FUT": ("FUT",), "FUND": (), "ALL": ("SEC", "FUT")}
"""Which purses the segments are; the money of funds is kept with securities."""
_DEFAULT_DAYS = 30
_LONGEST_DAYS = 3 * 366
_YEAR_DAYS = 365


class Performance:
    """Serve the wire methods that tell an account's worth over time and at once."""

    def __init__(self, engine: TradingEngine, openings: Openings) -> None:
        self._engine = engine
        self._openings = openings

    def get_analytics(self, request: WireRequest) -> Any:
        """Answer ``analytics_asset``: profit and worth of each trading day of a span; its last day's is today's."""
        biz = request.biz
        account = self._engine.get_account(str(require(biz, "account")))
        self._engine.refresh()
        segment, rate = read_segment(biz), read_rate(biz, "currency")
        days = self._read_days(biz, request.now_ms)
        if not days:
            return {"summary": _get_summary([], ZERO), "history": []}
        before = calendar_of("US").day(max(days[0].index - 1, 0))
        told = self._get_equity(account, PARTS[segment], [before, *days], request.now_ms)
        rows, base = [], told[0].asset
        for earlier, equity in pairwise(told):
            rows.append(_describe(earlier, equity, rate))
            base = base or equity.deposit
        return {"summary": _get_summary(rows, base / rate), "history": rows}

    def _get_equity(
        self, account: Account, segments: Iterable[str], days: list[TradingDay], now_ms: int
    ) -> list[EquityDay]:
        """Return what segments were worth together at the end of each day."""
        opened = self._openings.get_day(account.account, now_ms)
        told = [EquityDay(day, ZERO, ZERO, ZERO) for day in days]
        for segment in segments:
            executions = list_executions(self._engine, account.account, segment)
            books = get_books(account, segment)
            own = get_equity_days(books, executions, days, opened, self._engine.prices, now_ms)
            if segment == "FUT":
                # What futures are worth is cash: nobody paid for them.
                own = [replace(day, cash=day.asset, market_value=ZERO) for day in own]
            told = [one.joined(other) for one, other in zip(told, own, strict=True)]
        return told

    def _read_days(self, biz: dict[str, Any], now_ms: int) -> list[TradingDay]:
        calendar = calendar_of("US")
        today = calendar.current(now_ms)
        end = min(_read_date(biz, "end_date") or today.date, today.date)
        begin = _read_date(biz, "start_date") or end - timedelta(days=_DEFAULT_DAYS)
        if end - begin > timedelta(days=_LONGEST_DAYS):
            name = "start_date"
            raise get_invalid(name)
        first, last = max(calendar.index_from(begin), 1), calendar.index_from(end + timedelta(days=1))
        return [calendar.day(index) for index in range(first, min(last, today.index + 1))]

    def get_aggregate(self, request: WireRequest) -> Any:
        """Answer ``aggregate_assets``: what ``prime_assets`` tells of a segment, in one row."""
        biz = request.biz
        account = self._engine.get_account(str(require(biz, "account")))
        self._engine.refresh()
        segment, rate = read_segment(biz), read_rate(biz, "base_currency")
        orders = self._engine.get_open_orders(account.account)
        told = dict.fromkeys(_AMOUNTS, ZERO)
        for part in PARTS[segment]:
            value = get_account_value(account, orders, self._engine.prices, request.now_ms, part)
            told = {name: told[name] + amount for name, amount in _get_amounts(value).items()}
        return {"currency": biz.get("base_currency") or "USD"} | {
            name: to_money(amount / rate) for name, amount in told.items()
        }


_AMOUNTS = (
    "cashBalance", "cashBalanceWithInTransit", "equityWithLoan", "netLiquidation", "initMargin", "maintainMargin",
    "tradeCurrencyMargin", "intradayRiskRatio", "grossPositionValue", "stockMarketValue", "optionMarketValue",
    "cashAvailableForTrade", "availableCash", "lockedFunds", "lockedCash", "creditLimit", "excessEquity",
    "excessLiquidity",
)  # fmt: skip


def _get_amounts(value: AccountValue) -> dict[str, Decimal]:
    def worth(sec_type: str) -> Decimal:
        held = [each for each in value.holdings if each.holding.contract.sec_type == sec_type]
        return sum((each.market_value * DOLLARS_PER_UNIT[each.holding.contract.currency] for each in held), ZERO)

    available = max(ZERO, value.available)
    return dict.fromkeys(_AMOUNTS, ZERO) | {
        "cashBalance": value.cash,
        "cashBalanceWithInTransit": value.cash,
        "equityWithLoan": value.net_liquidation,
        "netLiquidation": value.net_liquidation,
        "initMargin": value.initial_margin,
        "maintainMargin": value.maintenance_margin,
        "grossPositionValue": value.gross,
        "stockMarketValue": worth(STOCK),
        "optionMarketValue": worth(OPTION),
        "cashAvailableForTrade": available,
        "availableCash": max(ZERO, min(value.cash, available)),
        "lockedFunds": value.locked,
        "excessEquity": value.available,
        "excessLiquidity": value.excess,
    }


def read_segment(biz: dict[str, Any], name: str = "seg_type") -> str:
    """Return the segment asked for, securities by default; refuses one that does not exist."""
    segment = str(biz.get(name) or "SEC")
    if segment not in PARTS:
        raise get_invalid(name)
    return segment


def read_rate(biz: dict[str, Any], name: str) -> Decimal:
    """Return dollars for one unit of the currency asked for, dollars by default."""
    rate = DOLLARS_PER_UNIT.get(str(biz.get(name) or "USD"))
    if rate is None:
        raise get_invalid(name)
    return rate


def _read_date(biz: dict[str, Any], name: str) -> date | None:
    if not biz.get(name):
        return None
    try:
        return date.fromisoformat(str(biz[name]))
    except ValueError as error:
        raise get_invalid(name) from error


def _describe(earlier: EquityDay, equity: EquityDay, rate: Decimal) -> dict[str, Any]:
    profit = equity.asset - earlier.asset - equity.deposit
    base = earlier.asset + equity.deposit
    return {
        "date": equity.day.midnight_ms,
        "asset": to_money(equity.asset / rate),
        "pnl": to_money(profit / rate),
        "pnlPercentage": to_money(profit / base) if base else 0.0,
        "cashBalance": to_money(equity.cash / rate),
        "grossPositionValue": to_money(equity.market_value / rate),
        "deposit": to_money(equity.deposit / rate),
        "withdrawal": 0.0,
    }


def _get_summary(rows: list[dict[str, Any]], base: Decimal) -> dict[str, Any]:
    profit = sum(row["pnl"] for row in rows)
    part = profit / float(base) if base else 0.0
    days = (rows[-1]["date"] - rows[0]["date"]) / 86_400_000 + 1 if rows else 0
    return {
        "pnl": round(profit, 6),
        "pnlPercentage": round(part, 6),
        "annualizedReturn": round((1 + part) ** (_YEAR_DAYS / days) - 1, 6) if days and part > -1 else 0.0,
        "overUserPercentage": 0.0,
    }
