"""Wire methods for mutual funds: fund_all_symbols, fund_contracts, fund_quote, fund_history_quote."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.market.funds import FUNDS, Fund, Funds
from app.simulator.market.futures import last_closed_day
from app.simulator.methods.requests import (
    fields_of,
    language_of,
    missing,
    read_integer,
    read_moment,
    read_symbols,
)
from app.simulator.wire import Handler, WireRequest

_DEFAULT_LIMIT, _MOST = 100, 1200
_ZONE = ZoneInfo("Asia/Shanghai")
"""In which Tiger counts the days of funds: it stamps a value with the midnight at which its day begins [docs]."""


class FundMethods:
    """Answer funds and their net asset values; what does not exist is left out of the answer."""

    def __init__(self, funds: Funds) -> None:
        self._funds = funds

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "fund_all_symbols": self.symbols,
            "fund_contracts": self.contracts,
            "fund_quote": self.quotes,
            "fund_history_quote": self.history,
        }

    def symbols(self, request: WireRequest) -> list[str]:
        """Answer every fund's symbol."""
        del request
        return list(FUNDS)

    def _asked(self, request: WireRequest) -> list[Fund]:
        return [FUNDS[symbol] for symbol in read_symbols(fields_of(request)) if symbol in FUNDS]

    def contracts(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer what funds are called and in what they are bought."""
        language = language_of(request)
        return [
            {
                "symbol": fund.symbol,
                "name": fund.chinese_name if language.startswith("zh") else fund.name,
                "companyName": fund.name.split(maxsplit=1)[0],
                "market": "US" if fund.currency == "USD" else "HK",
                "secType": "FUND",
                "currency": fund.currency,
                "tradeable": True,
                "subType": "Money Market" if "Money Market" in fund.name else "Equity" if "US" in fund.name else "Bond",
                "dividendType": "ACC",
                "tigerVault": "Money Market" in fund.name,
            }
            for fund in self._asked(request)
        ]

    def quotes(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the last net asset value that is known, with its day."""
        day = last_closed_day(request.now_ms)
        return [
            {
                "symbol": fund.symbol,
                "close": float(self._funds.net_asset_value(fund, day)),
                "timestamp": _stamp(day),
            }
            for fund in self._asked(request)
        ]

    def history(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer the net asset values of the days of a span whose stamps are within it, newest first."""
        biz = fields_of(request)
        begin_ms, end_ms = (read_moment(biz.get(name), name, _ZONE) for name in ("begin_time", "end_time"))
        if begin_ms is None or end_ms is None:
            raise missing("begin_time" if begin_ms is None else "end_time")
        limit = min(max(read_integer(biz, "limit", _DEFAULT_LIMIT), 1), _MOST)
        calendar, newest = calendar_of("US"), last_closed_day(request.now_ms).index
        # Whose stamp is the end or before it: that day, or one before it where it is none of trading.
        last = min(
            calendar.index_from(datetime.fromtimestamp(end_ms / 1000, _ZONE).date() + timedelta(days=1)) - 1, newest
        )
        days = [calendar.day(index) for index in range(last, max(last - limit, -1), -1)]
        return [
            {
                "symbol": fund.symbol,
                "items": [
                    {"nav": float(self._funds.net_asset_value(fund, day)), "time": _stamp(day)}
                    for day in days
                    if _stamp(day) >= begin_ms
                ],
            }
            for fund in self._asked(request)
        ]


def _stamp(day: TradingDay) -> int:
    return int(datetime.combine(day.date, time(), _ZONE).timestamp() * 1000)
