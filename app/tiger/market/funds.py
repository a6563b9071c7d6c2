"""Fetch mutual funds and their net asset values (wire methods ``fund_…``).

A value belongs to a day. Tiger stamps it with that day's midnight in China [docs: get_fund_quote,
get_fund_history_quote]; a midnight of New York, or of Greenwich, is the same day there, so days are read in that zone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from tigeropen.common.consts.service_types import FUND_ALL_SYMBOLS, FUND_CONTRACTS, FUND_HISTORY_QUOTE, FUND_QUOTE
from tigeropen.quote.request.model import MultipleQuoteParams, SymbolsParams

from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire import values
from app.tiger.wire.dates import get_day, get_day_start_ms, get_day_text, get_today
from app.tiger.wire.fields import fill, get_decoder

FUNDS: Final = Kind("funds", lambda seconds: seconds.list_seconds, is_shared=True)
FUND_VALUES: Final = Kind("fund_values", lambda seconds: seconds.daily_seconds, is_shared=True)
ZONE: Final = MARKET_ZONES["CN"]
DEFAULT_RANGE: Final = timedelta(days=365)
"""How far a history reaches back where no beginning is given."""

_day: Final = partial(get_day_text, zone=ZONE)
_decode_contract: Final = get_decoder(
    (values.text, "symbol sec_type market currency name company_name sub_type dividend_type"),
    (values.truth, "tradable=tradeable tiger_vault"),
)
_decode_quote: Final = get_decoder((values.price, "net_asset_value=close"), (_day, "date=timestamp"))
_Rows = dict[str, Any]


def fetch_fund_symbols(session: Session) -> dict[str, Any]:
    """Return the symbols of all funds that Tiger lists, in alphabetical order."""
    deadline = session.read_deadline()
    symbols = session.read(FUND_ALL_SYMBOLS, SymbolsParams(), deadline, decode=get_symbols, kind=FUNDS)
    return {"count": len(symbols), "symbols": symbols}


def fetch_funds(session: Session, symbols: Sequence[str]) -> dict[str, Any]:
    """Return some funds, each with its latest net asset value, and as ``missing`` those that Tiger does not list."""
    deadline = session.read_deadline()
    params = fill(MultipleQuoteParams(), symbols=list(symbols))
    listed = session.read(FUND_CONTRACTS, params, deadline, decode=partial(_by_symbol, _decode_contract), kind=FUNDS)
    known = [symbol for symbol in symbols if symbol in listed]
    latest: _Rows = {}
    if known:
        params = fill(MultipleQuoteParams(), symbols=known)
        latest = session.read(FUND_QUOTE, params, deadline, decode=partial(_by_symbol, _decode_quote), kind=FUND_VALUES)
    unknown = _decode_quote({})
    return {
        "funds": [listed[symbol] | {"symbol": symbol} | latest.get(symbol, unknown) for symbol in known],
        "missing": [symbol for symbol in symbols if symbol not in listed],
    }


def fetch_fund_history(
    session: Session, symbols: Sequence[str], begin: date | None, end: date | None, limit: int
) -> dict[str, Any]:
    """Return the net asset values of some funds from ``begin`` to ``end``, both included, oldest first.

    Of more than ``limit`` values of a fund the newest are given; of one that Tiger does not list there are none.
    """
    last = end or get_today(ZONE)
    first = begin or last - DEFAULT_RANGE
    # A day more at the end, whatever stamp it has. No source says which values Tiger leaves out beyond its limit, so it
    # is asked for all of them.
    params = fill(
        MultipleQuoteParams(),
        symbols=list(symbols),
        begin_time=get_day_start_ms(first, ZONE),
        end_time=get_day_start_ms(last + timedelta(days=1), ZONE),
        limit=(last - first).days + 2,
    )
    found = session.read(FUND_HISTORY_QUOTE, params, session.read_deadline(), decode=get_histories, kind=FUND_VALUES)
    histories = []
    for symbol in symbols:
        days = [row for row in found.get(symbol, []) if first.isoformat() <= row["date"] <= last.isoformat()][-limit:]
        histories.append({"symbol": symbol, "count": len(days), "values": days})
    return {"begin_date": first.isoformat(), "end_date": last.isoformat(), "history": histories}


def get_symbols(data: Any) -> list[str]:
    """Return the symbols of an answer."""
    return sorted({symbol for sent in data if (symbol := values.text(sent))}) if isinstance(data, list) else []


def get_histories(data: Any) -> dict[str, list[_Rows]]:
    """Return the values of an answer by symbol, oldest first; a row without a day or a value is no value."""
    histories: dict[str, list[_Rows]] = {}
    for outer in values.rows(data):
        for row in values.rows(outer["items"]) if "items" in outer else [outer]:
            symbol = values.text(row.get("symbol", outer.get("symbol")))
            day, value = get_day(row.get("time"), ZONE), values.price(row.get("nav"))
            if symbol and day and value is not None:
                histories.setdefault(symbol, []).append({"date": day.isoformat(), "net_asset_value": value})
    for rows in histories.values():
        rows.sort(key=lambda row: row["date"])
    return histories


def _by_symbol(decode: Any, data: Any) -> dict[str, _Rows]:
    """Return what an answer says of each symbol."""
    rows: list[Mapping[str, Any]] = values.rows(data)
    return {symbol: decode(row) for row in rows if (symbol := values.text(row.get("symbol")))}
