"""Wire methods for the currencies of accounts and companies: financial_currency and financial_exchange_rate."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.simulator.market.companies import company, report_currency
from app.simulator.market.currencies import get_units_per_dollar
from app.simulator.methods.requests import fields_of, missing, read_markets, read_moment, read_symbols, refused
from app.simulator.wire import Handler, WireRequest

_MOST_DAYS = 366
_ZONE = ZoneInfo("Asia/Shanghai")
"""In which Tiger counts the days of rates, whatever zone a request names [docs]."""


class CurrencyMethods:
    """Answer which currencies companies report in, and what dollars buy."""

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {"financial_currency": self.currencies, "financial_exchange_rate": self.rates}

    def currencies(self, request: WireRequest) -> list[dict[str, str]]:
        """Answer the currency that a company's shares trade in, and that of its accounts."""
        biz = fields_of(request)
        markets = read_markets(biz)
        listed = [company(symbol) for symbol in read_symbols(biz)]
        return [
            {"symbol": found.symbol, "currency": found.currency, "companyCurrency": report_currency(found)}
            for found in listed
            if found is not None and found.market in markets
        ]

    def rates(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer how much of each currency a dollar bought on each day of a span, both ends included."""
        biz = fields_of(request)
        currencies = biz.get("currency_list")
        if not currencies:
            raise missing("currency_list")
        if not isinstance(currencies, list):
            raise refused("currency_list must be a list")
        days = self._days(biz, request.now_ms)
        answer = []
        for currency in currencies:
            units = get_units_per_dollar(str(currency))
            if units is not None and days:
                answer.append({"currency": currency, "dailyValueList": [{"date": at, "value": units} for at in days]})
        return answer

    def _days(self, biz: dict[str, Any], now_ms: int) -> list[int]:
        """Return the midnights in China of the days of a span that have begun."""
        ends = [read_moment(biz.get(field), field, _ZONE) for field in ("begin_date", "end_date")]
        if ends[0] is None:
            raise missing("begin_date")
        begin, end, today = (
            datetime.fromtimestamp((ends[0] if at_ms is None else at_ms) / 1000, _ZONE).date()
            for at_ms in (ends[0], ends[1], now_ms)
        )
        if end - begin > timedelta(days=_MOST_DAYS):
            raise refused("end_date must be within a year after begin_date")
        days = [begin + timedelta(days=number) for number in range((min(end, today) - begin).days + 1)]
        return [int(datetime.combine(day, time(), _ZONE).timestamp() * 1000) for day in days]
