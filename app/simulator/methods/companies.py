"""Wire methods for companies: financial_report, financial_daily, corporate_action."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.simulator.market.accounts import figures_of
from app.simulator.market.actions import ACTIONS, Actions
from app.simulator.market.companies import Companies, company, report_currency
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import Instrument
from app.simulator.methods.requests import (
    fields_of,
    language_of,
    missing,
    read_markets,
    read_moment,
    read_symbols,
    refused,
)
from app.simulator.readings import ReadingsInForce
from app.simulator.wire import Handler, WireRequest

_PERIOD_KINDS = ("Annual", "Quarterly", "LTM")
_MOST_DAYS = 750
_CHINA_OFFSET_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)
_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e7


class CompanyMethods:
    """Answer accounts and events of companies; what is not known is left out of the answer."""

    def __init__(self, exchange: Exchange, companies: Companies, actions: Actions, readings: ReadingsInForce) -> None:
        self._readings = readings
        self._exchange = exchange
        self._companies = companies
        self._actions = actions

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by wire method."""
        return {
            "financial_report": self.financial_report,
            "financial_daily": self.financial_daily,
            "corporate_action": self.corporate_action,
        }

    def financial_report(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer figures of filed periods that ended within the dates, or of the latest without dates."""
        biz = fields_of(request)
        kind = biz.get("period_type") or "Annual"
        if kind not in _PERIOD_KINDS:
            raise refused(f"period_type '{kind}' is not supported")
        names = _read_names(biz)
        begin, end = self._dates(biz)
        answer: list[dict[str, Any]] = []
        for instrument in self._companies_asked(biz):
            today = self._exchange.calendar(instrument.market).local_date(request.now_ms)
            filed = self._companies.periods(instrument.symbol, kind, today)
            if begin is None and end is None:
                filed = filed[-1:]
            for period in filed:
                if (begin is not None and period.ends_on < begin) or (end is not None and period.ends_on > end):
                    continue
                figures = figures_of(instrument, period)
                answer.extend(
                    {
                        "symbol": instrument.symbol,
                        "currency": report_currency(instrument),
                        "field": name,
                        "value": java_number(figures[name]),
                        "filingDate": period.filed_on.isoformat(),
                        "periodEndDate": period.ends_on.isoformat(),
                    }
                    for name in names
                    if name in figures
                )
        return answer

    def financial_daily(self, request: WireRequest) -> list[dict[str, Any]]:
        """Answer figures of each trading day within the dates."""
        biz = fields_of(request)
        names = _read_names(biz)
        begin, end = self._dates(biz)
        if begin is None or end is None:
            raise missing("begin_date" if begin is None else "end_date")
        answer: list[dict[str, Any]] = []
        for instrument in self._companies_asked(biz):
            calendar = self._exchange.calendar(instrument.market)
            series = self._exchange.series(instrument.symbol)
            first = max(calendar.index_from(begin), series.first_day)
            last = min(calendar.index_from(end), calendar.current(request.now_ms).index)
            for index in range(max(first, last - _MOST_DAYS), last + 1):
                on = calendar.dates[index]
                if on > end:
                    break
                close = instrument.ticks.price(series.whole_day(index).close)
                figures = self._daily_figures(instrument, close, on)
                answer.extend(
                    {
                        "symbol": instrument.symbol,
                        "date": _china_midnight_ms(on),
                        "field": name,
                        "value": figures[name],
                    }
                    for name in names
                    if name in figures
                )
        return answer

    def _daily_figures(self, instrument: Instrument, close: float, on: date) -> dict[str, float]:
        capitalisation = close * instrument.shares
        figures = {
            "shares_outstanding": float(instrument.shares),
            "market_capitalization": round(capitalisation, 2),
        }
        trailing = self._companies.periods(instrument.symbol, "LTM", on)
        if not trailing:
            return figures
        report = figures_of(instrument, trailing[-1])
        enterprise = capitalisation + report["net_debt"]
        figures |= {
            "total_enterprise_value": round(enterprise, 2),
            "tev_to_ltm_total_revenues": round(enterprise / report["total_revenue"], 4),
            "tev_to_ltm_ebitda": round(enterprise / report["ebitda"], 4),
            "tev_to_ltm_ebit": round(enterprise / report["ebit"], 4),
            "market_cap_to_ltm_total_revenues": round(capitalisation / report["total_revenue"], 4),
            "p_to_bv": round(capitalisation / report["total_equity"], 4),
        }
        if report["net_income"] > 0:
            ratio = capitalisation / report["net_income"]
            figures["p_to_ltm_diluted_eps_before_extra"] = round(ratio, 4)
        return figures

    def corporate_action(self, request: WireRequest) -> dict[str, list[dict[str, Any]]]:
        """Answer events of a kind within the dates, both included, by symbol; an empty object when there are none."""
        biz = fields_of(request)
        kind = biz.get("action_type")
        if not kind:
            raise missing("action_type")
        if not isinstance(kind, str) or kind.lower() not in ACTIONS:
            raise refused(f"action_type '{kind}' is not supported")
        if not biz.get("market"):
            raise missing("market")
        markets = read_markets(biz)
        begin, end = self._dates(biz)
        if begin is None or end is None:
            raise missing("begin_date" if begin is None else "end_date")
        if kind.lower() == "earning":
            end = self._get_calendar_end(begin, end)
        symbols: list[str] | None = None
        if kind.lower() != "earning" or biz.get("symbols"):
            symbols = read_symbols(biz)
        events = self._actions.events(kind.lower(), symbols, markets, begin, end, request.now_ms, language_of(request))
        answer: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            answer.setdefault(event["symbol"], []).append(event)
        return answer

    def _get_calendar_end(self, begin: date, end: date) -> date:
        """Return the last day that the earnings calendar answers for: one month at most (Tiger's documentation)."""
        reading = self._readings.now.earnings_span
        longest = add_month(begin)
        if reading == "any" or end <= longest:
            return end
        if reading == "one_month_error":
            raise refused("the range of the earnings calendar must not be longer than one month")
        return longest

    def _companies_asked(self, biz: dict[str, Any]) -> list[Instrument]:
        markets = read_markets(biz)
        found = (company(symbol) for symbol in read_symbols(biz))
        return [instrument for instrument in found if instrument is not None and instrument.market in markets]

    def _dates(self, biz: dict[str, Any]) -> tuple[date | None, date | None]:
        """Return the dates asked for: the SDK sends midnight in New York for every market."""
        calendar = self._exchange.calendar("US")
        moments = [read_moment(biz.get(field), field, calendar.hours.zone) for field in ("begin_date", "end_date")]
        begin, end = (None if moment is None else calendar.local_date(moment) for moment in moments)
        return begin, end


def _read_names(biz: dict[str, Any]) -> list[str]:
    names = biz.get("fields")
    if not names:
        raise missing("fields")
    if not isinstance(names, list):
        raise refused("fields must be a list")
    if not all(isinstance(name, str) for name in names):
        raise refused("fields must be names")
    return list(dict.fromkeys(names))


def add_month(day: date) -> date:
    """Return the same day of the next month, or its last where it is shorter."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    after = date(following.year + following.month // 12, following.month % 12 + 1, 1)
    return min(following + timedelta(days=day.day - 1), after - timedelta(days=1))


def _china_midnight_ms(on: date) -> int:
    """Return midnight in China: what Tiger's recorded answers carry as the date for every market."""
    return (on - _EPOCH).days * _DAY_MS - _CHINA_OFFSET_MS


def java_number(value: float) -> str:
    """Write a number as Java prints a double, which is what Tiger's values look like: "9.4321E10", "6.13"."""
    number = float(value)
    if number == 0 or _PLAIN_FROM <= abs(number) < _PLAIN_TO:
        return repr(number)
    mantissa, exponent = f"{number:.15e}".split("e")
    whole, _, part = mantissa.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}E{int(exponent)}"
