"""Requests about mutual funds."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.days import MOST_DAYS, DaysRequest
from schemas.fields import Funds, Whole
from schemas.requests import optional, required


@dataclass(frozen=True, slots=True)
class FundsRequest:
    """Ask for some funds, or for the symbols of all."""

    symbols: Sequence[str] | None = optional(Funds(), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundHistoryRequest(DaysRequest):
    """Ask for the net asset values of funds over at most 366 days, both ends included; the last year by default."""

    symbols: Sequence[str] = required(Funds())
    limit: int = optional(Whole(1, MOST_DAYS), 100, "At most so many values of each fund, the newest.")
