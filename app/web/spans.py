"""The spans of time that requests are about, read in the zone of ``gateway.timezone``."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.errors import InvalidRequest
from app.request_context import current_gateway
from schemas.moments import Moment
from schemas.spans import SpanRequest

FIRST_DAY: Final = date(1970, 2, 1)
"""A span of some days that ends on it has none before the first moment that can be written."""


def get_zone() -> ZoneInfo:
    """Return the zone of moments without one in requests about an account."""
    return ZoneInfo(current_gateway().settings.gateway.timezone)


def get_span_ms(begin: Moment | None, end: Moment | None, begin_name: str) -> tuple[int | None, int | None]:
    """Return the first and the last millisecond of a span, in epoch milliseconds; None where it is open.

    Raises:
        InvalidRequest: The span ends before it starts.
    """
    zone = get_zone()
    begin_ms = begin.start_ms(zone) if begin else None
    end_ms = end.end_ms(zone) if end else None
    if begin_ms is not None and end_ms is not None and begin_ms > end_ms:
        raise _get_refusal(begin_name)
    return begin_ms, end_ms


def get_days(span: SpanRequest) -> tuple[date | None, date | None]:
    """Return the first and the last day of a span; None where it is open.

    Raises:
        InvalidRequest: The span ends before it starts.
    """
    zone = get_zone()
    begin = span.begin_date.date(zone) if span.begin_date else None
    end = span.end_date.date(zone) if span.end_date else None
    if begin is not None and end is not None and begin > end:
        raise _get_refusal("begin_date")
    return begin, end


def get_closed_days(span: SpanRequest, default_days: int) -> tuple[date, date]:
    """Return the first and the last day of a span: to today, and so many days back, where one is left out.

    Raises:
        InvalidRequest: The span ends before it starts, or before there were accounts.
    """
    begin, end = get_days(span)
    if end is not None and end < FIRST_DAY:
        raise InvalidRequest.of_fields({"end_date": [f"Send a later one: no account is older than {FIRST_DAY}."]})
    last = end or datetime.now(get_zone()).date()
    first = begin or last - timedelta(days=default_days)
    if first > last:
        raise _get_refusal("begin_date")
    return first, last


def _get_refusal(name: str) -> InvalidRequest:
    return InvalidRequest.of_fields({name: [f"Send a {name} that is not after the end_date."]})
