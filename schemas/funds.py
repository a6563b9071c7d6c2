"""Requests about mutual funds."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.tiger.symbols import MARKET_ZONES
from schemas.fields import Funds, Whole
from schemas.moments import Moment, MomentField
from schemas.requests import get_error, optional, required

MOST_DAYS = 366
"""No source says how many values Tiger gives at once."""


@dataclass(frozen=True, slots=True)
class FundsRequest:
    """Ask for some funds, or for the symbols of all."""

    symbols: Sequence[str] | None = optional(Funds(), None)


@dataclass(frozen=True, slots=True)
class FundHistoryRequest:
    """Ask for the net asset values of funds over at most 366 days, both ends included; the last year by default."""

    symbols: Sequence[str] = required(Funds())
    begin_date: Moment | None = optional(MomentField(), None, "The first day wanted.", example="2026-01-01")
    end_date: Moment | None = optional(MomentField(), None, "The last day wanted; today by default.")
    limit: int = optional(Whole(1, MOST_DAYS), 100, "At most so many values of each fund, the newest.")

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins, and one that is too long."""
        begin, end = self.begin, self.end or dt.datetime.now(MARKET_ZONES["CN"]).date()
        if begin is None:
            return
        if begin > end:
            raise get_error("Send a begin_date that is not after the end_date, or after today.", "begin_date")
        if (end - begin).days >= MOST_DAYS:
            raise get_error(f"Ask for at most {MOST_DAYS} days.", "begin_date")

    @property
    def begin(self) -> dt.date | None:
        """Return the first day wanted; None where the range is open."""
        return self.begin_date.date(MARKET_ZONES["CN"]) if self.begin_date else None

    @property
    def end(self) -> dt.date | None:
        """Return the last day wanted; None where the range is open."""
        return self.end_date.date(MARKET_ZONES["CN"]) if self.end_date else None
