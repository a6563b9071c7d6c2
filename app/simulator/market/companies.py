"""Invented but coherent accounts of every listed company: quarters that add up to years, and eps that follow.

Earnings are set from the reference price by a price-earnings ratio of the company's own, grow steadily, and
vary with the season. A quarter exists for others once it has been filed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

from app.simulator.market.bars import Adjustments
from app.simulator.market.calendars import calendar_of
from app.simulator.market.events import SPLITS
from app.simulator.market.instruments import STOCK, Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of, uniform

_BASE_YEAR = 2025
_FIRST_YEAR = 2014
_QUARTERS = 4
_FISCAL_YEAR_ENDS = {
    "AAPL": 9, "ADBE": 11, "AVGO": 10, "BABA": 3, "COST": 8, "CRM": 1, "CSCO": 7, "DIS": 9, "HD": 1, "MSFT": 6,
    "MU": 8, "NKE": 5, "NVDA": 1, "ORCL": 5, "PG": 6, "QCOM": 9, "TLRY": 5, "V": 9, "WMT": 1, "09988": 3,
}  # fmt: skip
_NET_MARGINS = {
    "AAPL": 0.25, "AMZN": 0.10, "COST": 0.03, "GOOG": 0.30, "GOOGL": 0.30, "KO": 0.23, "META": 0.38, "MSFT": 0.36,
    "NIO": -0.32, "NVDA": 0.53, "RIVN": -0.75, "TLRY": -0.28, "TSLA": 0.08, "WMT": 0.03, "XOM": 0.10,
}  # fmt: skip
_PRICE_EARNINGS = {
    "AAPL": 33, "AMZN": 34, "GOOG": 22, "GOOGL": 22, "META": 27, "MSFT": 36, "NVDA": 52, "TSLA": 160, "00700": 24,
}  # fmt: skip
_SEASONS = (0.05, -0.03, -0.02, 0.0)
_REPORT_CURRENCY = {"US": "USD", "HK": "HKD", "CN": "CNY"}


@dataclass(frozen=True, slots=True)
class Quarter:
    """Hold one fiscal quarter's results in the report currency, and what was expected of it.

    ``number`` counts the quarters of the fiscal year from 1; ``filed_on`` is the report date too.
    """

    fiscal_year: int
    number: int
    ends_on: date
    filed_on: date
    revenue: int
    net_income: int
    expected_income: int


@dataclass(frozen=True, slots=True)
class Period:
    """Hold results over a quarter, four of them, or a fiscal year."""

    ends_on: date
    filed_on: date
    quarters: int
    revenue: int
    net_income: int


class Companies:
    """Tell the results of listed companies; funds and indices have none."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known = lru_cache(maxsize=None)(self._quarters)
        self._filed = lru_cache(maxsize=512)(self._periods)

    def quarters(self, symbol: str) -> tuple[Quarter, ...]:
        """Return all quarters of a company, future ones too, oldest first; none for what is no company."""
        return self._known(symbol)

    def _quarters(self, symbol: str) -> tuple[Quarter, ...]:
        instrument = company(symbol)
        if instrument is None:
            return ()
        seed = seed_of(self._seed, symbol, "accounts")
        margin = _NET_MARGINS.get(symbol, 0.05 + 0.22 * uniform(seed, 1))
        capitalisation = instrument.reference_price * instrument.shares
        ratio = _PRICE_EARNINGS.get(symbol, 13 + 20 * uniform(seed, 2))
        income = capitalisation / ratio if margin > 0 else capitalisation * 0.35 * margin
        growth = 1.03 + 0.09 * uniform(seed, 3)
        year_end = _FISCAL_YEAR_ENDS.get(symbol, 12)
        delay = 21 + int(20 * uniform(seed, 4))
        quarters = []
        for year in range(_FIRST_YEAR, calendar_of(instrument.market).dates[-1].year):
            for number in range(1, 5):
                ends_on = _quarter_end(year, year_end, number)
                chance = uniform(seed, 100 + year * 4 + number)
                season = 1 + _SEASONS[(ends_on.month // 3) % 4] + 0.06 * (chance - 0.5)
                scale = growth ** (ends_on.year + ends_on.month / 12 - _BASE_YEAR) * season / 4
                revenue = round(income / margin * scale, -6)
                surprise = 0.12 * (uniform(seed, 9_000 + year * 4 + number) - 0.42)
                net_income = round(revenue * margin * (1 + 0.1 * (chance - 0.5)), -6)
                filed_on = _weekday_from(instrument.market, ends_on + timedelta(days=delay))
                quarters.append(
                    Quarter(
                        year,
                        number,
                        ends_on,
                        filed_on,
                        int(revenue),
                        int(net_income),
                        round(net_income - abs(net_income) * surprise),
                    )
                )
        return tuple(quarters)

    def periods(self, symbol: str, kind: str, today: date) -> tuple[Period, ...]:
        """Return the filed periods of a kind (Annual, Quarterly, LTM), oldest first."""
        return self._filed(symbol, kind, today)

    def _periods(self, symbol: str, kind: str, today: date) -> tuple[Period, ...]:
        filed = [quarter for quarter in self.quarters(symbol) if quarter.filed_on <= today]
        if kind == "Quarterly":
            groups = [[quarter] for quarter in filed]
        else:
            groups = [
                filed[last - 3 : last + 1]
                for last in range(_QUARTERS - 1, len(filed))
                if kind == "LTM" or filed[last].number == _QUARTERS
            ]
        return tuple(
            Period(
                group[-1].ends_on,
                group[-1].filed_on,
                len(group),
                sum(quarter.revenue for quarter in group),
                sum(quarter.net_income for quarter in group),
            )
            for group in groups
        )

    def earnings_per_share(self, symbol: str, at_ms: int) -> float | None:
        """Return the earnings of a share over the last four filed quarters."""
        instrument = company(symbol)
        if instrument is None:
            return None
        today = calendar_of(instrument.market).local_date(at_ms)
        trailing = self.periods(symbol, "LTM", today)
        return round(trailing[-1].net_income / instrument.shares, 4) if trailing else None

    def valuation(self, instrument: Instrument, close: float, volume: int, at_ms: int) -> dict[str, Any]:
        """Return turnover and price-earnings ratios that go with a bar."""
        if not instrument.shares:
            return {}
        row: dict[str, Any] = {"turnoverRate": round(volume / instrument.shares, 6)}
        today = calendar_of(instrument.market).local_date(at_ms)
        for field, kind in (("ttmPe", "LTM"), ("lyrPe", "Annual")):
            filed = self.periods(instrument.symbol, kind, today)
            if filed and filed[-1].net_income > 0:
                row[field] = round(close * instrument.shares / filed[-1].net_income, 4)
        return row

    @staticmethod
    def adjustments(symbol: str) -> Adjustments:
        """Return the splits that separate raw prices from adjusted ones."""
        return _adjustments(symbol)


@cache
def _adjustments(symbol: str) -> Adjustments:
    calendar = calendar_of(LISTINGS[symbol].market)
    return Adjustments(
        tuple(
            (calendar.index_from(split.executes_on), split.to_factor / split.from_factor)
            for split in SPLITS.get(symbol, ())
        )
    )


def company(symbol: str) -> Instrument | None:
    """Return a listing that is a company, hence has accounts; None for funds, indices and unknown symbols."""
    instrument = LISTINGS.get(symbol)
    if instrument is None or instrument.is_etf or instrument.sec_type != STOCK:
        return None
    return instrument


def report_currency(instrument: Instrument) -> str:
    """Return the currency of a company's accounts."""
    return _REPORT_CURRENCY[instrument.market]


def _quarter_end(fiscal_year: int, year_end_month: int, number: int) -> date:
    """Return the last day of a fiscal quarter; a fiscal year is named for the calendar year in which it ends."""
    months = fiscal_year * 12 + year_end_month - 3 * (4 - number)
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def _weekday_from(market: str, on: date) -> date:
    dates = calendar_of(market).dates
    index = calendar_of(market).index_from(on)
    return dates[index] if 0 < index < len(dates) else on
