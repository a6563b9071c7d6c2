"""Fetch the days on which a market trades (wire method ``trading_calendar``)."""

from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import TRADING_CALENDAR
from tigeropen.quote.request.model import TradingCalendarParams

from app.errors import TigerError
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire import values
from app.tiger.wire.dates import get_day
from app.tiger.wire.fields import fill

CALENDAR: Final = Kind("calendar", lambda seconds: seconds.calendar_seconds, is_shared=True)
CLOSED: Final = "NON_TRADING"
"""How Tiger marks a day without trading, where it lists such days at all [SDK: get_trading_calendar]."""


def fetch_trading_calendar(session: Session, market: str, begin: date, end: date) -> dict[str, Any]:
    """Return the trading days of a market (US, HK, CN) from ``begin`` to ``end``, both included, oldest first.

    Raises:
        TigerError: A row of Tiger's answer cannot be read, so that a trading day might be missing.
    """
    # Tiger leaves out the day that it is given as the end.
    first, last, beyond = (day.isoformat() for day in (begin, end, end + timedelta(days=1)))
    params = fill(TradingCalendarParams(), market=market, begin_date=first, end_date=beyond)
    decode = partial(get_trading_days, market)
    listed = session.read(TRADING_CALENDAR, params, session.read_deadline(), decode=decode, kind=CALENDAR)
    days = [day for day in listed if first <= day["date"] <= last]
    return {"market": market, "begin_date": first, "end_date": last, "count": len(days), "days": days}


def get_trading_days(market: str, data: Any) -> list[dict[str, str]]:
    """Return the trading days of an answer by date, each with Tiger's word for it; other days are left out."""
    found: dict[date, str] = {}
    for row in values.rows(data):
        day, kind = get_day(row.get("date"), MARKET_ZONES[market]), values.text(row.get("type"))
        if day is None or kind is None:
            raise TigerError("Tiger's trading calendar has a row without a day or a type.")
        if kind != CLOSED:
            found[day] = kind
    return [{"date": day.isoformat(), "type": found[day]} for day in sorted(found)]
