"""Read the fields of ``biz_content``, refusing what Tiger would refuse."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.simulator.wire import BUSINESS_PARAMETER_ERROR, COMMON_PARAMETER_ERROR, WireRefusal, WireRequest

MAX_SYMBOLS = 50
MARKETS = ("US", "HK", "CN")
_SYMBOL = re.compile(r"[0-9A-Za-z.$^&_/ -]{1,32}")
_MILLISECONDS = re.compile(r"\d{9,14}")
_LATEST_MS = 100_000_000_000_000


def refused(reason: str) -> WireRefusal:
    """Return the refusal of a business parameter."""
    return WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error({reason})")


def missing(field: str) -> WireRefusal:
    """Return the refusal of a request that lacks a field."""
    return WireRefusal(COMMON_PARAMETER_ERROR, f"common param error(field '{field}' cannot be empty)")


def fields_of(request: WireRequest) -> dict[str, Any]:
    """Return ``biz_content`` as an object; anything else is refused."""
    if not isinstance(request.biz, dict):
        raise refused("biz_content must be an object")
    return request.biz


def language_of(request: WireRequest) -> str:
    """Return the language asked for in ``biz_content``, else that of the request."""
    language = fields_of(request).get("lang")
    return language if isinstance(language, str) else request.lang


def read_symbols(biz: dict[str, Any], most: int = MAX_SYMBOLS) -> list[str]:
    """Return ``symbols`` without repetitions; raise when absent, empty, too many or not symbols at all."""
    if "symbols" not in biz or biz["symbols"] is None:
        raise missing("symbols")
    symbols = biz["symbols"]
    if not isinstance(symbols, list) or not symbols:
        raise refused("symbols must be a list that is not empty")
    if len(symbols) > most:
        raise refused(f"the number of symbols exceeds the limit of {most}")
    return list(dict.fromkeys(checked_symbol(symbol) for symbol in symbols))


def read_symbol(biz: dict[str, Any]) -> str:
    """Return ``symbol``; raise when it is absent or no symbol at all."""
    if not biz.get("symbol"):
        raise missing("symbol")
    return checked_symbol(biz["symbol"])


def read_type(biz: dict[str, Any]) -> str | None:
    """Return ``sec_type``, None where it is absent or empty."""
    value = biz.get("sec_type")
    if value is not None and not isinstance(value, str):
        raise refused("field 'sec_type' is invalid")
    return value or None


def read_codes(biz: dict[str, Any]) -> list[str]:
    """Return ``contract_codes`` of futures, as ``read_symbols`` does symbols."""
    if not biz.get("contract_codes"):
        raise missing("contract_codes")
    return read_symbols({"symbols": biz["contract_codes"]})


def read_text(biz: dict[str, Any], field: str) -> str:
    """Return a field that has to be there and to be a text."""
    if not biz.get(field):
        raise missing(field)
    if not isinstance(biz[field], str):
        raise refused(f"field '{field}' is invalid")
    return str(biz[field])


def checked_symbol(symbol: object) -> str:
    """Return a symbol that has the look of one; control characters and the like are refused."""
    if not isinstance(symbol, str) or not _SYMBOL.fullmatch(symbol):
        raise refused("invalid symbols")
    return symbol


def read_markets(biz: dict[str, Any]) -> tuple[str, ...]:
    """Return the markets asked for: one, or all of them for ALL or no field."""
    market = biz.get("market") or "ALL"
    if market == "ALL":
        return MARKETS
    if market not in MARKETS:
        raise refused(f"market '{market}' is not supported")
    return (market,)


def read_integer(biz: dict[str, Any], field: str, default: int) -> int:
    """Return a whole number, or the default when the field is absent."""
    value = biz.get(field)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused(f"field '{field}' must be an integer")
    return value


def read_moment(value: object, field: str, zone: ZoneInfo) -> int | None:
    """Return epoch milliseconds, or None for an open end (absent or -1).

    Accepts milliseconds, or "2026-01-31" and "2026-01-31 12:00:00" in the market's own time.
    """
    if value is None or value in {-1, "-1", ""}:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        moment = value
    elif isinstance(value, str) and _MILLISECONDS.fullmatch(value):
        moment = int(value)
    elif isinstance(value, str):
        try:
            stamp = datetime.fromisoformat(value)
            moment = int((stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)).timestamp() * 1000)
        except (ValueError, OverflowError):
            raise refused(f"field '{field}' is not a time") from None
    else:
        raise refused(f"field '{field}' is not a time")
    if not 0 <= moment < _LATEST_MS:
        raise refused(f"field '{field}' is out of range")
    return moment


def read_day(value: object, field: str) -> date:
    """Return a date written as "20260131" or "2026-01-31"."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise refused(f"field '{field}' is not a date") from None
