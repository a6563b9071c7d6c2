"""Tell which rows of Tiger's a filter by instrument wants, and what such a row says of its instrument."""

from collections.abc import Mapping
from typing import Any, Final

from app.tiger.instrument import COIN, STOCK
from app.tiger.instrument_filter import InstrumentFilter
from app.tiger.symbols import MARKET_ZONES, OPTION, UNDERLYING_LENGTH, get_pair, get_symbol_of
from app.tiger.wire.dates import get_day
from app.tiger.wire.values import decimal, text

WITH_SIDES: Final = frozenset({"OPT", "WAR", "IOPT", "FOP"})


def is_wanted(wanted: InstrumentFilter, row: Mapping[str, Any]) -> bool:
    """Return whether a filter wants what a row names, in our words; what it leaves out cannot exclude it."""
    kind = text(row["sec_type"])
    asked = {wanted.symbol, wanted.other_symbol}
    if COIN in (kind, wanted.sec_type):
        asked = {name and get_pair(name) for name in asked}
    written = filter(None, map(text, (row["symbol"], row["identifier"])))
    names = {_get_name(kind or wanted.sec_type or STOCK, name) for name in written}
    return (
        (wanted.symbol is None or not names or not names.isdisjoint(asked))
        and (wanted.sec_type is None or kind in (None, wanted.sec_type))
        and wanted.expiry in (None, get_day(row["expiry"], MARKET_ZONES["US"]) or wanted.expiry)
        and wanted.strike in (None, decimal(row["strike"]) or wanted.strike)
        and wanted.put_call in (None, row["put_call"] or wanted.put_call)
    )


def _get_name(sec_type: str, written: str) -> str:
    """Return the symbol that a name stands for: of an option's identifier its underlying."""
    if sec_type == COIN:
        return get_pair(written)
    symbol = get_symbol_of(sec_type, written)
    return symbol[:UNDERLYING_LENGTH].rstrip() if OPTION.fullmatch(symbol) else symbol


def get_side(sec_type: str | None, sent: Any) -> str | None:
    """Return PUT or CALL of what has a side; Tiger was seen to send PUT with the execution of a stock."""
    side = text(sent)
    return side.upper() if side and sec_type in WITH_SIDES else None
