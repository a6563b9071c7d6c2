"""Fetch how an account has done, day by day (wire method ``analytics_asset``)."""

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from tigeropen.common.consts.service_types import ANALYTICS_ASSET
from tigeropen.trade.request.model import AnalyticsAssetParams

from app.errors import TigerError
from app.tiger.sessions import Session
from app.tiger.trading.account_kinds import require_prime
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import fill, get_decoder
from app.tiger.wire.values import mapping, number, rows

EASTERNMOST: Final = ZoneInfo("Asia/Hong_Kong")
"""Tiger tells a day by its midnight, nobody says where; midnights from New York to here are on the same day here."""


def _get_day(sent: Any) -> str | None:
    return get_day_text(sent, EASTERNMOST)


_decode_summary: Final = get_decoder(
    (number, "pnl pnl_percent=pnlPercentage annualized_return over_user_percent=overUserPercentage"),
)
_decode_day: Final = get_decoder(
    (_get_day, "date"),
    (number, "asset pnl pnl_percent=pnlPercentage cash_balance gross_position_value deposit withdrawal"),
)


def fetch_performance(
    session: Session, begin: date, end: date, segment: str, currency: str | None = None
) -> dict[str, Any]:
    """Return the profit of a span, and what a segment was worth on each of its days, oldest first, both ends included.

    Raises:
        InvalidRequest: The account is a legacy global one.
        TigerError: The answer says nothing about days.
    """
    require_prime(session, "how an account has done")
    first, last = begin.isoformat(), end.isoformat()
    params = fill(AnalyticsAssetParams(), seg_type=segment, currency=currency, start_date=first, end_date=last)
    told = session.read(ANALYTICS_ASSET, params, session.read_deadline(), decode=get_performance)
    history = [day for day in told["history"] if first <= day["date"] <= last]
    asked = {"begin_date": first, "end_date": last, "segment": segment, "currency": currency}
    return {**asked, "summary": told["summary"], "count": len(history), "history": history}


def get_performance(data: Any) -> dict[str, Any]:
    """Return the summary of an answer and its days, oldest first.

    Raises:
        TigerError: There is an answer without a list of days, or a day that cannot be read.
    """
    if data and not (isinstance(data, dict) and isinstance(data.get("history"), list | None)):
        raise TigerError("Tiger's history of the account cannot be read.")
    days = [_decode_day(row) for row in rows(mapping(data).get("history"))]
    if any(day["date"] is None for day in days):
        raise TigerError("Tiger's history of the account has a row without a day.")
    summary = _decode_summary(mapping(mapping(data).get("summary")))
    return {"summary": summary, "history": sorted(days, key=lambda day: str(day["date"]))}
