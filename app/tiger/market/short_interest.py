"""Fetch what is sold short of United States stocks (wire method ``quote_shortable_stocks``)."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import QUOTE_SHORTABLE_STOCKS
from tigeropen.quote.request.model import MultipleQuoteParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES, get_symbol
from app.tiger.wire import values
from app.tiger.wire.by_symbol import get_by_symbol, get_found
from app.tiger.wire.dates import get_day_text
from app.tiger.wire.fields import fill, get_decoder

SHORT_INTEREST: Final = Kind("short", lambda seconds: seconds.daily_seconds, is_shared=True, is_by_symbol=True)
_decode: Final = get_decoder(
    (partial(get_day_text, zone=MARKET_ZONES["US"]), "settlement_date"),
    (values.figure, "short_interest avg_daily_volume"),
    (values.number, "days_to_cover percent_of_float"),
)


def fetch_short_interest(session: Session, symbols: Sequence[str]) -> dict[str, Any]:
    """Return the reports about what is sold short of each stock, newest first."""
    params = fill(MultipleQuoteParams(), symbols=[get_symbol(symbol) for symbol in symbols])
    deadline = session.read_deadline()
    found = session.read(QUOTE_SHORTABLE_STOCKS, params, deadline, decode=get_reports, kind=SHORT_INTEREST)
    return get_found("short_interest", symbols, found)


def get_reports(data: Any) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the reports of an answer by symbol."""
    return {
        symbol: {
            "reports": sorted(
                map(_decode, values.rows(row.get("items"))),
                key=lambda report: report["settlement_date"] or "",
                reverse=True,
            )
        }
        for symbol, row in get_by_symbol(data).items()
    }
