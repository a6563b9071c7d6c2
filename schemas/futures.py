"""Requests about futures."""

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from app.tiger.identification import FUTURE_CODE
from app.tiger.symbols import CONTINUOUS, MARKET_ZONES, get_future
from schemas.days import DaysRequest
from schemas.fields import Symbol
from schemas.moments import DayField, Moment, MomentField
from schemas.requests import get_error, optional


class FutureWord(Symbol):
    """An exchange, a type or a contract of futures."""

    def __init__(self, description: str, example: str) -> None:
        super().__init__()
        self.metadata = {"description": description, "example": example}


@dataclass(frozen=True, slots=True, kw_only=True)
class FuturesRequest(DaysRequest):
    """Ask for an exchange, for a type or for a contract of futures; for the exchanges where none is named."""

    zone: ClassVar[ZoneInfo] = MARKET_ZONES["US"]

    exchange: str | None = optional(FutureWord("An exchange, to list its contracts.", "CME"), None)
    type: str | None = optional(
        FutureWord("A type, to list its contracts, the current and continuous one.", "ES"), None
    )
    code: str | None = optional(FutureWord("A contract, for its particulars and its trading times.", "ESmain"), None)
    trading_date: dt.date | None = optional(
        DayField(), None, "The day of a contract's trading times; the one that runs or comes next by default."
    )
    begin_date: Moment | None = optional(
        MomentField(), None, "The first day for which to say what a continuous contract stood for; a month by default."
    )
    end_date: Moment | None = optional(MomentField(), None, "The last such day; today by default.")

    def __post_init__(self) -> None:
        """Refuse two questions at once, what is no contract, and days that belong to no question."""
        asked = [name for name in ("exchange", "type", "code") if getattr(self, name) is not None]
        if len(asked) > 1:
            raise get_error("Send one of exchange, type and code.", asked[1])
        if self.code is not None and not FUTURE_CODE.fullmatch(self.contract):
            raise get_error("Send a contract such as ES2603 or ESmain; a type such as ES belongs into type.", "code")
        if self.trading_date is not None and self.code is None:
            raise get_error("Send it with a code only, whose trading times it is about.", "trading_date")
        for name in ("begin_date", "end_date"):
            if getattr(self, name) is not None and not self.contract.endswith(CONTINUOUS):
                raise get_error("Send it with a continuous code only, such as ESmain.", name)
        DaysRequest.__post_init__(self)

    @property
    def contract(self) -> str:
        """Return the code as Tiger writes it; empty where none was sent."""
        return get_future(self.code or "")
