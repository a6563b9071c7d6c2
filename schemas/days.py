"""A range of days in requests for what there is once a day."""

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from app.tiger.symbols import MARKET_ZONES
from schemas.moments import Moment, MomentField
from schemas.requests import get_error, optional

MOST_DAYS = 366
"""No source says how much Tiger gives at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysRequest:
    """What every request has for at most 366 days, both ends included, up to today by default.

    Tiger stamps values of funds and exchange rates with the midnight in China [docs: get_fund_quote, SDK], so that days
    are counted there unless a request says otherwise.
    """

    zone: ClassVar[ZoneInfo] = MARKET_ZONES["CN"]

    begin_date: Moment | None = optional(MomentField(), None, "The first day wanted.", example="2026-01-01")
    end_date: Moment | None = optional(MomentField(), None, "The last day wanted; today by default.")

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins, and one that is too long."""
        begin, end = self.begin, self.end or dt.datetime.now(self.zone).date()
        if begin is not None and begin > end:
            raise get_error("Send a begin_date that is not after the end_date, or after today.", "begin_date")
        if begin is not None and (end - begin).days >= MOST_DAYS:
            raise get_error(f"Ask for at most {MOST_DAYS} days.", "begin_date")

    @property
    def begin(self) -> dt.date | None:
        """Return the first day wanted; None where the range is open."""
        return self.begin_date.date(self.zone) if self.begin_date else None

    @property
    def end(self) -> dt.date | None:
        """Return the last day wanted; None where the range is open."""
        return self.end_date.date(self.zone) if self.end_date else None
