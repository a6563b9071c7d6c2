"""Turn the days of a question into moments for Tiger, and the days of an answer into text."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.tiger.symbols import get_market, get_symbol
from app.tiger.wire.values import identifier, milliseconds, text

EPOCH_DIGITS: Final = 12


def get_day_start_ms(day: date, zone: ZoneInfo) -> int:
    """Return the first moment of a day in a zone, in epoch milliseconds."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def get_day_end_ms(day: date, zone: ZoneInfo) -> int:
    """Return the last millisecond of a day in a zone."""
    return get_day_start_ms(day + timedelta(days=1), zone) - 1


def get_today(zone: ZoneInfo) -> date:
    """Return today's date as the exchange counts it."""
    return datetime.now(zone).date()


def get_day(sent: Any, zone: ZoneInfo) -> date | None:
    """Return a day, whether Tiger wrote "2026-09-30", "2026-09-30 16:00:00", "20260930" or epoch milliseconds."""
    written = text(sent) or identifier(sent)
    if written is None:
        return None
    try:
        if written.isdigit() and len(written) >= EPOCH_DIGITS:
            moment = milliseconds(written)
            return None if moment is None else datetime.fromtimestamp(moment / 1000, zone).date()
        return date.fromisoformat(written[:10])
    except (ValueError, OverflowError, OSError):
        return None


def get_day_text(sent: Any, zone: ZoneInfo) -> str | None:
    """Return a day as "YYYY-MM-DD", or what Tiger wrote where it is no day that we can read."""
    day = get_day(sent, zone)
    return text(sent) if day is None else day.isoformat()


def get_symbols_by_market(symbols: Iterable[str]) -> dict[str, list[str]]:
    """Return the symbols grouped by market, each once: Tiger is asked about one market at a time."""
    grouped: dict[str, list[str]] = {}
    for symbol in dict.fromkeys(get_symbol(written) for written in symbols):
        grouped.setdefault(get_market(symbol), []).append(symbol)
    return grouped
