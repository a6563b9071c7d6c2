"""Requests of the market data category."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.tiger.symbols import MARKET_ZONES
from app.tiger.vocabulary import (
    BAR_PERIODS,
    MARKETS,
    MAXIMUM_BARS,
    REGULAR,
    SEARCHED_TYPES,
    SESSIONS,
    STATUS_MARKETS,
)
from schemas.fields import Choice, Flag, Symbol, Text, Whole
from schemas.instruments import InstrumentRequest, refuse_other_sessions
from schemas.moments import DayField, Moment, MomentField
from schemas.paging import PagedRequest
from schemas.requests import get_error, optional, required
from schemas.spans import TimesRequest

MAXIMUM_CALENDAR_DAYS = 366
"""No source says how many days Tiger gives at once."""


@dataclass(frozen=True, slots=True)
class BarsRequest(TimesRequest, PagedRequest, InstrumentRequest):
    """Ask for bars; a date as the end is included.

    Times without a zone are in the zone of the instrument's market; of a future in New York's, since its code does not
    tell where it trades.
    """

    period: str = optional(
        Choice(BAR_PERIODS),
        "day",
        "The length of a bar. Of options: day, 1min, 5min, 30min or 60min; of futures no 3min, 10min, 45min nor hours.",
    )
    limit: int = optional(
        Whole(1, MAXIMUM_BARS), 100, "At most so many bars, the newest; next_page_token leads to those before."
    )
    adjusted: bool = optional(
        Flag(), True, "Whether prices of a stock before a split are adjusted to those after it; of no use to others."
    )
    session: str = optional(
        Choice(SESSIONS), REGULAR, "The part of the trading day; others than regular for United States stocks alone."
    )

    def __post_init__(self) -> None:
        """Refuse what identifies no instrument, sessions that it has not, and a range that ends before it begins."""
        InstrumentRequest.__post_init__(self)
        refuse_other_sessions(self, [self.session], "session")
        TimesRequest.__post_init__(self)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the instrument's market."""
        return self.instrument.zone


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Ask which symbols match a word."""

    keyword: str = required(Text(longest=64), "A symbol or words of a name; case does not matter.")
    market: str = optional(Choice(MARKETS), "US", "The market of stocks and options; futures and funds are of none.")
    sec_type: str | None = optional(
        Choice(SEARCHED_TYPES), None, "One kind: STK, OPT (by the underlying), FUT or FUND; all where it is left out."
    )
    limit: int = optional(Whole(1, 100), 20, "At most so many results.")


@dataclass(frozen=True, slots=True)
class OptionChainRequest:
    """Ask for the expirations of an underlying, or for the chain of one of them."""

    symbol: str = required(Symbol())
    expiry: dt.date | None = optional(
        DayField(), None, 'An expiration, "YYYYMMDD" or "YYYY-MM-DD".', example="20251219"
    )


@dataclass(frozen=True, slots=True)
class PermissionsRequest:
    """Ask for the market data that the Tiger user behind an account may read."""


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Ask for the state of one market, or of all."""

    market: str = optional(Choice(STATUS_MARKETS), "US", "The market; ALL for every one.")


@dataclass(frozen=True, slots=True)
class TradingCalendarRequest:
    """Ask for the trading days of one market, of at most 366 days, both ends included, as the market counts days."""

    market: str = required(Choice(MARKETS), "The market.")
    begin_date: Moment = required(MomentField(), "The first day wanted.", example="2026-01-01")
    end_date: Moment = required(MomentField(), "The last day wanted.", example="2026-01-31")

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins, and one that is too long."""
        if self.begin > self.end:
            raise get_error("Send a begin_date that is not after the end_date.", "begin_date")
        if (self.end - self.begin).days >= MAXIMUM_CALENDAR_DAYS:
            raise get_error(f"Ask for at most {MAXIMUM_CALENDAR_DAYS} days.", "end_date")

    @property
    def begin(self) -> dt.date:
        """Return the first day wanted."""
        return self.begin_date.date(MARKET_ZONES[self.market])

    @property
    def end(self) -> dt.date:
        """Return the last day wanted."""
        return self.end_date.date(MARKET_ZONES[self.market])


@dataclass(frozen=True, slots=True)
class DepthRequest(InstrumentRequest):
    """Ask for the order book of a stock, an option or a future."""

    levels: int | None = optional(
        Whole(1, 100), None, "At most so many levels of each side, the best; all that Tiger gives where it is left out."
    )
