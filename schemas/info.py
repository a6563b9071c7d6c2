"""Requests of the company info category."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from marshmallow.validate import Length

from app.tiger.symbols import get_zone
from app.tiger.vocabulary import INDUSTRY_LEVELS, MARKETS
from schemas.fields import Choice, Listed, Stocks, Symbol, Symbols, Text, is_stock
from schemas.moments import Moment, MomentField
from schemas.requests import get_error, optional, required

ACTION_TYPES = ("dividend", "split", "merge", "symbol_change", "delisting", "ipo")
PERIOD_TYPES = ("Annual", "Quarterly", "LTM")


class FigureName(Text):
    """The name of a figure, as documented or as Tiger has it."""


@dataclass(frozen=True, slots=True)
class RangeRequest:
    """A request for some symbols and a range of days, both ends included, as the first symbol's market counts days."""

    symbols: Sequence[str] = required(Symbols())
    begin_date: Moment | None = optional(MomentField(), None, "The first day wanted.")
    end_date: Moment | None = optional(MomentField(), None, "The last day wanted.")

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins."""
        if self.begin and self.end and self.begin > self.end:
            raise get_error("Send a begin_date that is not after the end_date.", "begin_date")

    @property
    def begin(self) -> dt.date | None:
        """Return the first day wanted; None where the range is open."""
        return self.begin_date.date(get_zone(self.symbols[0])) if self.begin_date else None

    @property
    def end(self) -> dt.date | None:
        """Return the last day wanted; None where the range is open."""
        return self.end_date.date(get_zone(self.symbols[0])) if self.end_date else None


@dataclass(frozen=True, slots=True)
class FinancialsRequest(RangeRequest):
    """Ask for figures of financial reports."""

    fields: Sequence[str] | None = optional(
        Listed(FigureName(), validate=Length(min=1)), None, "Names of figures; three by default."
    )
    period_type: str = optional(
        Choice(PERIOD_TYPES), "Annual", "The length of a period; LTM is the last twelve months."
    )


@dataclass(frozen=True, slots=True)
class ActionsRequest(RangeRequest):
    """Ask for corporate actions."""

    action_type: str | None = optional(Choice(ACTION_TYPES), None, "One kind; all where it is left out.")


@dataclass(frozen=True, slots=True)
class EarningsRequest(RangeRequest):
    """Ask for the earnings calendar of at most two years; by default of three months back and three months ahead.

    Tiger answers for a month of a market at once: each four weeks that are not kept yet cost a call, seven or eight by
    default, and serve every symbol of the market for ``cache.earnings_seconds``.
    """


@dataclass(frozen=True, slots=True)
class FundamentalsRequest:
    """Ask for what stocks are valued at."""

    symbols: Sequence[str] = required(Stocks())


@dataclass(frozen=True, slots=True)
class IndustriesRequest:
    """Ask for the industries of a level, for the stocks of an industry, or for the industries of a stock."""

    level: str | None = optional(
        Choice(INDUSTRY_LEVELS), None, "The level to list, the widest first; GGROUP where nothing is named."
    )
    industry: str | None = optional(Text(longest=16), None, "The id of an industry, to list its stocks.")
    market: str | None = optional(Choice(MARKETS), None, "The market of an industry's stocks; US by default.")
    symbol: str | None = optional(Symbol(), None, "A stock, to list its industries.")

    def __post_init__(self) -> None:
        """Refuse more than one question at once."""
        asked = [name for name in ("level", "industry", "symbol") if getattr(self, name) is not None]
        if len(asked) > 1:
            raise get_error("Send one of level, industry and symbol.", asked[1])
        if self.market is not None and self.industry is None:
            raise get_error("Send a market with an industry only, whose stocks in that market are listed.", "market")
        if self.symbol is not None and not is_stock(self.symbol):
            raise get_error("Send a stock: nothing else belongs to an industry.", "symbol")
