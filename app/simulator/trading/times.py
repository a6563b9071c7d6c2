"""Reads the moments that clients send: epoch milliseconds, or text without a zone."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.simulator.trading.decimals import get_invalid

NEW_YORK = ZoneInfo("America/New_York")
"""The zone of texts that name none: Tiger's server reads them as US/Eastern whatever the market."""
FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y%m%d")


def read_moment(name: str, value: Any) -> int | None:
    """Return epoch milliseconds, None when absent; refuses what is neither a number nor a date."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if value >= 0 else None
    text = str(value).strip()
    if text.isdigit() and len(text) > len("YYYYMMDD"):
        return int(text)
    for pattern in FORMATS:
        try:
            # The zone is given in the same breath.
            local = datetime.strptime(text, pattern).replace(tzinfo=NEW_YORK)
        except ValueError:
            continue
        return int(local.timestamp() * 1000)
    raise get_invalid(name)


def write_moment(at_ms: int) -> str:
    """Return a moment as Tiger writes it in texts."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(NEW_YORK).strftime(FORMATS[0])
