"""The earnings calendar: when companies report, and what was expected of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from tigeropen.common.consts import CorporateActionType
from tigeropen.common.consts.service_types import CORPORATE_ACTION

from app.errors import InvalidRequest
from app.tiger.company.actions import get_feed, get_feed_params
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_symbol
from app.tiger.wire.dates import get_day, get_day_text, get_symbols_by_market, get_today
from app.tiger.wire.fields import Decode, get_decoder
from app.tiger.wire.values import number, text

EARNINGS: Final = Kind("earnings", lambda seconds: seconds.earnings_seconds, is_shared=True)
FEED: Final = CorporateActionType.EARNINGS_CALENDAR.value
WINDOW_DAYS: Final = 28
"""Tiger answers for one month at most (its documentation), be it February; what is beyond is refused or missing.

Windows are counted from the same day for every range, so that all questions share what is kept of them.
"""

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
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for market, names in get_symbols_by_market(symbols).items():
        zone = MARKET_ZONES[market]
        today = get_today(zone)
        begin = begin_date or min(today, end_date or today) - DEFAULT_RANGE
        end = end_date or min(max(today, begin) + DEFAULT_RANGE, begin + LONGEST_RANGE)
        if end - begin > LONGEST_RANGE:
            raise InvalidRequest.of_fields({"end_date": ["Send a range of at most two years."]})
        for first, last in get_windows(begin, end):
            params, decode = get_feed_params(FEED, market, None, first, last), partial(get_reports, zone)
            reports = session.read(CORPORATE_ACTION, params, deadline, decode=decode, kind=EARNINGS)
            # Tiger's range may be about the other date of an entry, which then comes with the window beside its own.
            found |= {tuple(report.values()): report for report in reports if is_wanted(report, names, begin, end)}
    by_date = sorted(found.values(), key=lambda report: (report["report_date"] or "", report["symbol"] or ""))
    return {"earnings": by_date}


def is_wanted(report: Mapping[str, Any], symbols: Sequence[str], first: date, last: date) -> bool:
    """Tell whether a report is of one of the symbols and on one of the days."""
    day = get_day(report["report_date"], MARKET_ZONES["US"])
    return get_symbol(report["symbol"] or "") in symbols and (day is None or first <= day <= last)


def get_windows(begin: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the windows that a range touches, both days of each inclusive."""
    earliest, latest = date.min.toordinal(), date.max.toordinal() - 1
    for first in range(begin.toordinal() // WINDOW_DAYS * WINDOW_DAYS, end.toordinal() + 1, WINDOW_DAYS):
        last = min(first + WINDOW_DAYS - 1, latest)
        yield date.fromordinal(max(first, earliest)), date.fromordinal(last)


def get_reports(zone: ZoneInfo, data: Any) -> list[dict[str, Any]]:
    """Return the reports of an answer."""
    return [get_report(item, zone) for item in get_feed(data)]


def get_report(item: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return one report; ``revenue_estimate`` is null because Tiger publishes none."""
    ending = get_day(item.get("fiscalQuarterEnding"), zone)
    return {**_get_decoder(zone)(item), "fiscal_quarter": get_fiscal_quarter(ending), "revenue_estimate": None}


@cache
def _get_decoder(zone: ZoneInfo) -> Decode:
    day = partial(get_day_text, zone=zone)
    return get_decoder(
        (text, "symbol"),
        (day, "report_date"),
        (text, "report_time fiscal_quarter"),
        (day, "fiscal_quarter_ending"),
        (number, "eps_estimate=expectedEps eps_actual=actualEps revenue_estimate"),
        (text, "market exchange"),
    )


def get_fiscal_quarter(ending: date | None) -> str | None:
    """Return the calendar quarter in which a fiscal quarter ends: 2026-09-30 → "Q3 2026". Tiger tells no more."""
    return None if ending is None else f"Q{(ending.month + 2) // 3} {ending.year}"
