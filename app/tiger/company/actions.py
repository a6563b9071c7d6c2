"""Corporate actions: dividends, splits, changes of symbol, delistings, listings."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from tigeropen.common.consts import CorporateActionType
from tigeropen.common.consts.service_types import CORPORATE_ACTION
from tigeropen.fundamental.request.model import CorporateActionParams

from app.errors import TigerError
from app.tiger.sessions import Session
from app.tiger.symbols import MARKET_ZONES
from app.tiger.wire.dates import (
    get_day,
    get_day_end_ms,
    get_day_start_ms,
    get_day_text,
    get_symbols_by_market,
    get_today,
)
from app.tiger.wire.fields import Decode, fill, get_decoder
from app.tiger.wire.values import number, rows, text

DEFAULT_RANGE: Final = timedelta(days=365)
"""How far the range reaches back and ahead of today where no dates are given."""

KINDS: Final[Mapping[str | None, tuple[str, ...]]] = {
    "dividend": ("dividend",),
    "split": ("split",),
    "symbol_change": ("symbol_change",),
    "delisting": ("delisting",),
    "ipo": ("ipo",),
    # Tiger publishes no mergers: what is left of one is the symbol that changed or went.
    "merge": ("symbol_change", "delisting"),
    None: ("dividend", "split", "symbol_change", "delisting", "ipo"),
}
"""The type a client asks for (None: all) → the feeds of Tiger that answer it."""


def fetch_corporate_actions(
    session: Session,
    symbols: Sequence[str],
    action_type: str | None = None,
    begin_date: date | None = None,
    end_date: date | None = None,
) -> dict[str, Any]:
    """Return the actions of some symbols, newest first; dates are days of their exchange, both inclusive.

    Raises:
        GatewayError: Tiger could not be asked.
    """
    deadline = session.read_deadline()
    found: list[dict[str, Any]] = []
    for market, names in get_symbols_by_market(symbols).items():
        zone = MARKET_ZONES[market]
        today = get_today(zone)
        begin = begin_date or min(today, end_date or today) - DEFAULT_RANGE
        end = end_date or max(today, begin) + DEFAULT_RANGE
        for kind in KINDS[action_type]:
            params = get_feed_params(kind, market, names, begin, end)
            items = session.read(CORPORATE_ACTION, params, deadline, decode=get_feed)
            found += [get_action(kind, item, zone) for item in items if is_within(item, begin, end, zone)]
    found.sort(key=lambda action: action["ex_date"] or "", reverse=True)
    return {"corporate_actions": found}


def is_within(item: Mapping[str, Any], begin: date, end: date, zone: ZoneInfo) -> bool:
    """Tell whether an action takes effect on one of the days; one that tells no day is not left out."""
    day = get_day(item.get("executeDate"), zone)
    return day is None or begin <= day <= end


def get_feed_params(
    kind: str, market: str, symbols: Sequence[str] | None, begin: date, end: date
) -> CorporateActionParams:
    """Return what asks for one feed of ``corporate_action``, of the whole market where no symbols are named."""
    zone = MARKET_ZONES[market]
    return fill(
        CorporateActionParams(),
        symbols=None if symbols is None else list(symbols),
        market=market,
        action_type=CorporateActionType(kind).value,
        begin_date=get_day_start_ms(begin, zone),
        end_date=get_day_end_ms(end, zone),
    )


def get_feed(data: Any) -> list[Mapping[str, Any]]:
    """Return the raw entries of an answer.

    Raises:
        TigerError: It is not keyed by symbol.
    """
    if not data:
        return []
    if not isinstance(data, dict):
        raise TigerError("Tiger's list of corporate actions cannot be read.")
    return [{"symbol": symbol, **item} for symbol, items in data.items() for item in rows(items)]


def get_action(kind: str, item: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return one action; the fields of other types are null.

    Tiger's own ratio of a split is not told: that of five shares that became one was 5 [SDK: get_corporate_split], and
    which way round it is of others nobody says.
    """
    decoded = _get_decoder(zone)(item)
    before, after = decoded["from_factor"], decoded["to_factor"]
    return {**decoded, "ratio": after / before if after and before else None, "action_type": kind}


@cache
def _get_decoder(zone: ZoneInfo) -> Decode:
    day = partial(get_day_text, zone=zone)
    return get_decoder(
        (text, "symbol action_type"),
        (number, "amount"),
        (text, "currency"),
        (day, "ex_date=executeDate pay_date record_date announced_date"),
        (number, "ratio from_factor to_factor"),
        (text, "old_symbol new_symbol reason name=ipoName"),
        (day, "listing_date"),
        (number, "listing_price"),
        (text, "market exchange"),
    )
