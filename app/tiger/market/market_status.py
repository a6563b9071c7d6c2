"""Fetch whether markets are open (wire method ``market_state``)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tigeropen.common.consts.service_types import MARKET_STATE
from tigeropen.quote.request.model import MarketParams

from app.errors import TigerError
from app.tiger.pipeline.call import Kind
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire import values
from app.tiger.wire.fields import fill, get_decoder

ALL: Final = "ALL"
_decode: Final = get_decoder((values.text, "market status=marketStatus trading_status=status open_time"))
STATUS: Final = Kind("status", lambda seconds: seconds.status_seconds, is_shared=True)
_OPEN_TIME: Final = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?: [A-Z]{2,5})?")


def fetch_market_status(session: Session, market: str) -> dict[str, Any]:
    """Return the status of a market (US, HK, CN …), or of all under ``markets``; ``open_time`` is RFC 3339.

    Raises:
        TigerError: Tiger's answer does not speak of the market.
    """
    params = fill(MarketParams(), market=market)
    deadline = session.read_deadline()
    states: list[dict[str, Any]] = session.read(MARKET_STATE, params, deadline, decode=get_states, kind=STATUS)
    if market == ALL:
        return {"markets": states}
    for state in states:
        if state["market"] == market:
            return state
    raise TigerError(f"Tiger's answer holds no status of market {market}.")


def get_states(data: Any) -> list[dict[str, Any]]:
    """Return the states of an answer as documented."""
    now = datetime.now(UTC)
    return [_state(row, now) for row in values.rows(data)]


def get_open_time(written: str | None, market: str | None, now: datetime) -> str | None:
    """Return the opening that Tiger writes without its year ("01-04 09:30:00 EST") as RFC 3339 in the market's zone.

    The year is the one that brings it nearest to ``now`` (aware), which also holds across New Year; the SDK takes the
    current one. None where the time or the zone cannot be told.
    """
    found = _OPEN_TIME.fullmatch(written or "")
    zone = MARKET_ZONES.get(market or "")
    if found is None or zone is None:
        return None
    year, *rest = (int(part) if part else None for part in found.groups())
    month, day, hour, minute, second = (part or 0 for part in rest)
    this_year = now.astimezone(zone).year
    candidates = []
    for candidate in [year] if year else range(this_year - 1, this_year + 2):
        try:
            candidates.append(datetime(candidate, month, day, hour, minute, second, tzinfo=zone))
        except ValueError:
            continue
    nearest = min(candidates, key=lambda moment: abs(moment - now), default=None)
    return nearest.isoformat() if nearest else None


def _state(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    state = _decode(row)
    return {**state, "open_time": get_open_time(state["open_time"], state["market"], now)}
