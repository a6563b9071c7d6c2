"""Financial reports, one row for each symbol and period."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

from tigeropen.common.consts import fundamental_fields
from tigeropen.common.consts.service_types import FINANCIAL_DAILY, FINANCIAL_REPORT
from tigeropen.fundamental.request.model import FinancialDailyParams, FinancialReportParams

from app.errors import InvalidRequest
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_symbol
from app.tiger.wire.dates import get_day, get_day_end_ms, get_day_start_ms, get_day_text, get_symbols_by_market
from app.tiger.wire.fields import fill
from app.tiger.wire.values import decimal, json_number, rows, text

DOCUMENTED_FIELDS: Final[Mapping[str, str]] = {
    "revenue": "total_revenue",
    "net_income": "net_income",
    "eps": "diluted_eps_incl_extra_items",
}
"""The documented names → Tiger's. Earnings per share are the diluted ones of the income statement."""

DAILY_FIELDS: Final = frozenset(str(field.value) for field in fundamental_fields.Valuation)
"""Fields that Tiger keeps by day (``financial_daily``); a period has the last value on or before its end."""

DAILY_ZONE: Final = MARKET_ZONES["CN"]
"""Whose midnight a daily value has, also in the US [recorded: asked from 2023-01-01 on, it begins 12-31 16:00 UTC]."""

DAILY_LOOKBACK: Final = timedelta(days=14)
"""A period may end in holidays: this far back there is certainly a day with a value."""

PROBE_FIELD: Final = "total_revenue"
"""Asked for where only daily fields are wanted, to learn the periods."""

Key = tuple[str, str]
"""Symbol and end of the period, "YYYY-MM-DD"."""


def _get_field_names() -> Mapping[str, str]:
    """Return every accepted name → Tiger's name; the SDK spells some of them out in longer words."""
    names: dict[str, str] = {}
    for group in vars(fundamental_fields).values():
        if isinstance(group, type) and issubclass(group, Enum):
            for field in group:
                names.setdefault(field.name, str(field.value))
                names[str(field.value)] = str(field.value)
    return {**names, **DOCUMENTED_FIELDS}


FIELD_NAMES: Final = _get_field_names()


def fetch_financials(
    session: Session,
    symbols: Sequence[str],
    fields: Sequence[str] | None = None,
    period_type: str = "Annual",
    begin_date: date | None = None,
    end_date: date | None = None,
) -> dict[str, Any]:
    """Return the reports of some symbols, newest first; without dates only the latest of each symbol.

    ``period_type`` is Annual, Quarterly or LTM; dates bound the end of the period, both inclusive. A figure that
    Tiger does not have is null.

    Raises:
        InvalidRequest: A field does not exist; ``details`` names near matches.
        GatewayError: Tiger could not be asked, or the entitlement to financial data is missing.
    """
    wanted = get_fields(fields or tuple(DOCUMENTED_FIELDS))
    deadline = session.read_deadline()
    found: list[dict[str, Any]] = []
    for market, names in get_symbols_by_market(symbols).items():
        reports = _fetch_reports(session, market, names, wanted, period_type, begin_date, end_date, deadline)
        if begin_date is None and end_date is None:
            reports = get_latest(reports)
        daily_fields = [field for field in wanted.values() if field in DAILY_FIELDS]
        if daily_fields and reports:
            _add_daily(session, market, reports, daily_fields, deadline)
        found += [_get_row(key, report, wanted) for key, report in reports.items()]
    found.sort(key=lambda row: row["symbol"])
    found.sort(key=lambda row: row["period_end_date"], reverse=True)
    return {"financials": found}


def get_fields(names: Iterable[str]) -> dict[str, str]:
    """Return the requested names, each with Tiger's name for it.

    Raises:
        InvalidRequest: A name is unknown.
    """
    unknown = [name for name in names if name not in FIELD_NAMES]
    if unknown:
        reasons = [_get_advice(name) for name in unknown]
        raise InvalidRequest("A financial field does not exist.", details={"fields": reasons})
    return {name: FIELD_NAMES[name] for name in names}


def _get_advice(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), FIELD_NAMES, n=5, cutoff=0.6)
    near += [known for known in FIELD_NAMES if name.lower() in known and known not in near][: 5 - len(near)]
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    return f"There is no field {name[:64]!r}.{hint}"


def _fetch_reports(
    session: Session,
    market: str,
    symbols: Sequence[str],
    wanted: Mapping[str, str],
    period_type: str,
    begin: date | None,
    end: date | None,
    deadline: Deadline,
) -> dict[Key, dict[str, Any]]:
    """Return Tiger's figures by symbol and period: one entry a figure on the wire, its value as text."""
    zone = MARKET_ZONES[market]
    params = fill(
        FinancialReportParams(),
        symbols=list(symbols),
        market=market,
        fields=sorted({field for field in wanted.values() if field not in DAILY_FIELDS}) or [PROBE_FIELD],
        period_type=period_type,
        begin_date=None if begin is None else get_day_start_ms(begin, zone),
        end_date=None if end is None else get_day_end_ms(end, zone),
    )
    return get_reports(session.read(FINANCIAL_REPORT, params, deadline), zone, begin, end)


def get_reports(
    data: Any, zone: ZoneInfo, begin: date | None = None, end: date | None = None
) -> dict[Key, dict[str, Any]]:
    """Return the figures of an answer by symbol and period; periods that end outside of the range are left out."""
    reports: dict[Key, dict[str, Any]] = {}
    for item, symbol, field, day in _iterate(data, "periodEndDate", zone):
        if (begin is not None and day < begin) or (end is not None and day > end):
            continue
        report = reports.setdefault((symbol, day.isoformat()), {"currency": None, "filing_date": None})
        report[field] = json_number(decimal(item.get("value")))
        report["currency"] = report["currency"] or text(item.get("currency"))
        report["filing_date"] = report["filing_date"] or get_day_text(item.get("filingDate"), zone)
    return reports


def _iterate(data: Any, date_name: str, zone: ZoneInfo) -> Iterator[tuple[Mapping[str, Any], str, str, date]]:
    """Yield each figure with its symbol, its name and its day, where it says all three."""
    for item in rows(data):
        symbol, field, day = text(item.get("symbol")), text(item.get("field")), get_day(item.get(date_name), zone)
        if symbol is not None and field is not None and day is not None:
            yield item, get_symbol(symbol), field, day


def get_latest(reports: Mapping[Key, dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    """Return the report of the last period of each symbol."""
    latest: dict[str, str] = {}
    for symbol, period_end in reports:
        latest[symbol] = max(period_end, latest.get(symbol, period_end))
    return {(symbol, period_end): reports[symbol, period_end] for symbol, period_end in latest.items()}


def _add_daily(
    session: Session,
    market: str,
    reports: dict[Key, dict[str, Any]],
    fields: Sequence[str],
    deadline: Deadline,
) -> None:
    """Put the last daily value on or before the end of each period into its report."""
    zone = MARKET_ZONES[market]
    ends = sorted(period_end for _, period_end in reports)
    params = fill(
        FinancialDailyParams(),
        symbols=sorted({symbol for symbol, _ in reports}),
        market=market,
        fields=list(fields),
        begin_date=get_day_start_ms(date.fromisoformat(ends[0]) - DAILY_LOOKBACK, zone),
        end_date=get_day_end_ms(date.fromisoformat(ends[-1]), zone),
    )
    values = get_daily_values(session.read(FINANCIAL_DAILY, params, deadline))
    for (symbol, period_end), report in reports.items():
        for field in fields:
            days = values.get((symbol, field), {})
            report[field] = days.get(max((day for day in days if day <= period_end), default=""))


def get_daily_values(data: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the values of an answer by symbol and field, each under its day."""
    values: dict[tuple[str, str], dict[str, Any]] = {}
    for item, symbol, field, day in _iterate(data, "date", DAILY_ZONE):
        values.setdefault((symbol, field), {})[day.isoformat()] = json_number(decimal(item.get("value")))
    return values


def _get_row(key: Key, report: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, Any]:
    symbol, period_end = key
    return {
        "symbol": symbol,
        **{name: report.get(field) for name, field in wanted.items()},
        "currency": report["currency"],
        "period_end_date": period_end,
        "filing_date": report["filing_date"],
    }
