"""Requests for what was traded this day: single trades, and minutes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.tiger.instrument import STOCK
from app.tiger.vocabulary import REGULAR, SESSIONS
from schemas.fields import Choice, Whole, Words
from schemas.instruments import InstrumentRequest, refuse_other_sessions
from schemas.moments import DayField, Moment, MomentField
from schemas.requests import get_error, optional

MOST_TICKS = 999
"""Tiger gives 1000 of a future at once, of which one is known already where others follow on it."""
LARGEST_INDEX = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TicksRequest(InstrumentRequest):
    """Ask for the newest trades of an instrument, or for those that follow on one."""

    limit: int = optional(
        Whole(1, MOST_TICKS), 200, "At most so many: the newest, or with ``after`` the first ones that follow."
    )
    after: int | None = optional(
        Whole(-1, LARGEST_INDEX),
        None,
        "The index of the last trade that you have: those that follow are given, none left out and none twice. "
        "-1 begins with the first one of the session.",
    )
    after_time: Moment | None = optional(
        MomentField(),
        None,
        "The time of that trade. Send it, too: Tiger counts from 0 in each session, and this shows a new one.",
        example=1780000000000,
    )
    session: str = optional(
        Choice(SESSIONS), REGULAR, "The part of the trading day; others than regular for United States stocks alone."
    )

    def __post_init__(self) -> None:
        """Refuse a session that an instrument has not, and a time without its index."""
        InstrumentRequest.__post_init__(self)
        refuse_other_sessions(self, [self.session], "session")
        if self.after_time is not None and self.after is None:
            raise get_error("Send it with after, the index of the same trade.", "after_time")

    @property
    def after_ms(self) -> int | None:
        """Return the time of the last trade known, in epoch milliseconds."""
        return self.after_time.start_ms(self.instrument.zone) if self.after_time else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRequest(InstrumentRequest):
    """Ask for the minutes of the current trading day, or of a past one."""

    date: dt.date | None = optional(
        DayField(), None, "A past day, of a stock; the current or last one where it is left out.", example="2026-04-01"
    )
    sessions: Sequence[str] = optional(
        Words(SESSIONS), (REGULAR,), "The parts of the day; others than regular for United States stocks alone."
    )

    def __post_init__(self) -> None:
        """Refuse days and sessions that Tiger does not tell of."""
        InstrumentRequest.__post_init__(self)
        refuse_other_sessions(self, self.sessions, "sessions")
        if self.date is not None and self.instrument.sec_type != STOCK:
            reason = "Leave it out: Tiger gives past days of stocks alone. Ask kline for bars of 1min."
            raise get_error(reason, "date")
