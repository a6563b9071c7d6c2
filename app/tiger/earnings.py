"""The earnings calendar: when companies report, and what was expected of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tigeropen.common.consts import CorporateActionType

from app.errors import InvalidRequest
from app.tiger.actions import fetch_feed
from app.tiger.dates import get_day, get_day_text, get_symbols_by_market, get_today
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_symbol
from app.tiger.values import number, text

LONGEST_SPAN: Final = timedelta(days=92)
"""Tiger answers with a whole market at once, so a longer range is asked for in parts."""

LONGEST_RANGE: Final = timedelta(days=732)
"""Two years: each part of a longer range would cost another of the few calls a minute that Tiger allows."""

DEFAULT_RANGE: Final = timedelta(days=92)
"""How far the range reaches back and ahead of today where no dates are given: every company reports in it."""


def fetch_earnings(
    session: Session, symbols: Sequence[str], begin_date: date | None = None, end_date: date | None = None
) -> dict[str, Any]:
    """Return the reports of some symbols in order of their dates; dates are days of their exchange, both inclusive.

    Raises:
        InvalidRequest: The range is longer than two years.
        GatewayError: Tiger could not be asked.
    """
    deadline = session.read_deadline()
    kind = CorporateActionType.EARNINGS_CALENDAR.value
    found: list[dict[str, Any]] = []
    for market, names in get_symbols_by_market(symbols).items():
        zone = MARKET_ZONES[market]
        today = get_today(zone)
        begin = begin_date or min(today, end_date or today) - DEFAULT_RANGE
        end = end_date or min(max(today, begin) + DEFAULT_RANGE, begin + LONGEST_RANGE)
        if end - begin > LONGEST_RANGE:
            reason = "Send a range of at most two years."
            raise InvalidRequest(f"The request is not valid: end_date: {reason}", details={"end_date": [reason]})
        for first, last in get_spans(begin, end):
            items = fetch_feed(session, kind, market, None, first, last, deadline)
            found += [get_report(item, zone) for item in items if is_wanted(item, names, first, last, zone)]
    found.sort(key=lambda report: (report["report_date"] or "", report["symbol"] or ""))
    return {"earnings": found}


def is_wanted(item: Mapping[str, Any], symbols: Sequence[str], first: date, last: date, zone: ZoneInfo) -> bool:
    """Tell whether an entry is of one of the symbols and reports on one of the days.

    Tiger's own range may be about the other date of an entry, and each entry belongs to one part of a range only.
    """
    day = get_day(item.get("reportDate"), zone)
    return get_symbol(text(item.get("symbol")) or "") in symbols and (day is None or first <= day <= last)


def get_spans(begin: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the parts of a range, both days of each inclusive, none longer than Tiger is asked for at once."""
    while begin <= end:
        last = min(end, begin + LONGEST_SPAN - timedelta(days=1))
        yield begin, last
        begin = last + timedelta(days=1)


def get_report(item: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return one report; ``revenue_estimate`` is null because Tiger publishes none."""
    return {
        "symbol": text(item.get("symbol")),
        "report_date": get_day_text(item.get("reportDate"), zone),
        "report_time": text(item.get("reportTime")),
        "fiscal_quarter": get_fiscal_quarter(get_day(item.get("fiscalQuarterEnding"), zone)),
        "fiscal_quarter_ending": get_day_text(item.get("fiscalQuarterEnding"), zone),
        "eps_estimate": number(item.get("expectedEps")),
        "eps_actual": number(item.get("actualEps")),
        "revenue_estimate": None,
        "market": text(item.get("market")),
        "exchange": text(item.get("exchange")),
    }


def get_fiscal_quarter(ending: date | None) -> str | None:
    """Return the calendar quarter in which a fiscal quarter ends: 2026-09-30 → "Q3 2026". Tiger tells no more."""
    return None if ending is None else f"Q{(ending.month + 2) // 3} {ending.year}"
