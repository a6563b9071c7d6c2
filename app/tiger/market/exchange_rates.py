"""Fetch what a dollar buys of other currencies, day by day, and in which currencies companies trade and report.

Tiger stamps a rate with its day's midnight in China [SDK: get_financial_exchange_rate], and its server does not heed
the zone that the SDK sends [docs, C++]; with that of China each reading of the request and of the answer is the same.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import FINANCIAL_CURRENCY, FINANCIAL_EXCHANGE_RATE
from tigeropen.fundamental.request.model import FinancialExchangeRateParams, FinancialReportParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_symbol
from app.tiger.wire import values
from app.tiger.wire.dates import get_day, get_day_start_ms, get_symbols_by_market, get_today
from app.tiger.wire.fields import fill, get_decoder

RATES: Final = Kind("exchange_rates", lambda seconds: seconds.daily_seconds, is_shared=True)
CURRENCIES: Final = Kind("company_currencies", lambda seconds: seconds.list_seconds, is_shared=True)
ZONE: Final = MARKET_ZONES["CN"]
DEFAULT_RANGE: Final = timedelta(days=6)
"""How far the range reaches back where no beginning is given: over a weekend with holidays beside it."""

_decode_company: Final = get_decoder((values.text, "symbol currency report_currency=companyCurrency"))
_Rate = dict[str, Any]


def fetch_exchange_rates(
    session: Session, currencies: Sequence[str], symbols: Sequence[str], begin: date | None, end: date | None
) -> dict[str, Any]:
    """Return the rates of the currencies, and of those of the companies, from ``begin`` to ``end``, both included."""
    last = end or get_today(ZONE)
    first = begin or last - DEFAULT_RANGE
    companies = fetch_company_currencies(session, symbols)
    named = [row[name] for row in companies for name in ("currency", "report_currency") if row[name]]
    wanted = list(dict.fromkeys([*currencies, *named]))
    found: dict[str, list[_Rate]] = {}
    if wanted:
        # A day more, in case Tiger leaves out the day that it is given as the end.
        params = fill(
            FinancialExchangeRateParams(),
            currency_list=wanted,
            begin_date=get_day_start_ms(first, ZONE),
            end_date=get_day_start_ms(last + timedelta(days=1), ZONE),
            timezone=ZONE.key,
        )
        decode = partial(get_rates, first, last)
        found = session.read(FINANCIAL_EXCHANGE_RATE, params, session.read_deadline(), decode=decode, kind=RATES)
    known = {row["symbol"] for row in companies}
    return {
        "base": "USD",
        "begin_date": first.isoformat(),
        "end_date": last.isoformat(),
        "rates": [{"currency": name, "values": found[name]} for name in wanted if found.get(name)],
        "missing": [name for name in wanted if not found.get(name)],
        "companies": companies,
        "missing_symbols": [symbol for symbol in map(get_symbol, symbols) if symbol not in known],
    }


def fetch_company_currencies(session: Session, symbols: Sequence[str]) -> list[dict[str, Any]]:
    """Return in which currency the shares of some companies trade, and in which they report."""
    deadline = session.read_deadline()
    found: dict[str, dict[str, Any]] = {}
    for market, names in get_symbols_by_market(symbols).items():
        params = fill(FinancialReportParams(), symbols=names, market=market)
        rows = session.read(FINANCIAL_CURRENCY, params, deadline, decode=values.rows, kind=CURRENCIES)
        companies = {get_symbol(row["symbol"] or ""): row for row in map(_decode_company, rows)}
        found |= {name: companies[name] | {"symbol": name} for name in names if name in companies}
    return [found[symbol] for symbol in map(get_symbol, symbols) if symbol in found]


def get_rates(first: date, last: date, data: Any) -> dict[str, list[_Rate]]:
    """Return the rates of the days by currency, oldest first; a row without a day or a rate is none."""
    found: dict[str, dict[str, float]] = {}
    for row in values.rows(data):
        currency = values.text(row.get("currency"))
        for daily in values.rows(row.get("dailyValueList")):
            day, rate = get_day(daily.get("date"), ZONE), values.price(daily.get("value"))
            if currency and day and rate is not None and first <= day <= last:
                found.setdefault(currency, {})[day.isoformat()] = rate
    return {
        currency: [{"date": day, "units_per_dollar": rate} for day, rate in sorted(rates.items())]
        for currency, rates in found.items()
    }
