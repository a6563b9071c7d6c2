"""Requests of the market analysis category."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.tiger.symbols import get_zone
from app.tiger.vocabulary import ANALYSIS_PERIODS, FLOW_PERIODS, MARKETS
from schemas.fields import Choice, Flag, Stock, Stocks, Whole
from schemas.requests import optional, required
from schemas.spans import TimesRequest


@dataclass(frozen=True, slots=True)
class OptionAnalysisRequest:
    """Ask how volatile underlyings of options are, and are taken to be."""

    symbols: Sequence[str] = required(Stocks())
    period: str = optional(Choice(ANALYSIS_PERIODS), "52week", "What the implied volatility is compared with.")
    days: bool = optional(Flag(), False, "Whether to add the volatilities of each day of the period.")


@dataclass(frozen=True, slots=True)
class DetailsRequest:
    """Ask what is known of stocks beside their prices."""

    symbols: Sequence[str] = required(Stocks())


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalFlowRequest(TimesRequest):
    """Ask for flows of capital; times without a zone are in the zone of the symbol's market."""

    symbol: str = required(Stock(MARKETS))
    period: str = optional(Choice(FLOW_PERIODS), "day", "The span of one flow; intraday is minute by minute of today.")
    limit: int = optional(Whole(1, 1_200), 200, "At most so many flows, the newest.")

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the symbol's market."""
        return get_zone(self.symbol)


@dataclass(frozen=True, slots=True)
class CapitalDistributionRequest:
    """Ask for the flow of capital of today by the size of orders."""

    symbol: str = required(Stock(MARKETS))


@dataclass(frozen=True, slots=True)
class BrokersRequest:
    """Ask who queues in the book of a Hong Kong stock."""

    symbol: str = required(Stock(("HK",)), example="00700")
    levels: int | None = optional(
        Whole(1, 100), None, "At most so many prices of each side, the best; all that Tiger gives where it is left out."
    )


@dataclass(frozen=True, slots=True)
class ShortInterestRequest:
    """Ask what is sold short of United States stocks."""

    symbols: Sequence[str] = required(Stocks(markets=("US",)), example=["AAPL"])


@dataclass(frozen=True, slots=True)
class RankRequest:
    """Ask for the stocks of a market that are traded most."""

    market: str = optional(Choice(MARKETS), "US", "The market.")
