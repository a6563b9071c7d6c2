"""Ratios of a listing's price to its company's accounts, and what its last year was like."""

from dataclasses import dataclass
from functools import lru_cache

from app.simulator.market.accounts import figures_of
from app.simulator.market.companies import Companies, company
from app.simulator.market.prices import PriceSeries

YEAR_DAYS = 252
_FLOAT_PART = 0.98
_RECENT_DAYS = 5


@dataclass(frozen=True, slots=True)
class Year:
    """Hold the extremes of the last 252 trading days, today's included, and the mean daily volumes before today."""

    high: float
    low: float
    mean_volume: int
    recent_volume: int


def float_shares(shares: int) -> int:
    """Return how many of the outstanding shares trade freely."""
    return int(shares * _FLOAT_PART)


def get_year(series: PriceSeries, now_ms: int) -> Year:
    """Return what the last year of a listing was like, at a moment."""
    today = series.calendar.current(now_ms)
    running = series.day_so_far(today, now_ms)
    past = _get_past(series, today.index)
    price = series.instrument.ticks.price
    if past is None:
        return Year(price(running.high), price(running.low), running.volume, running.volume)
    high, low, mean_volume, recent_volume = past
    return Year(price(max(high, running.high)), price(min(low, running.low)), mean_volume, recent_volume)


@lru_cache(maxsize=512)
def _get_past(series: PriceSeries, today: int) -> tuple[int, int, int, int] | None:
    """Return high, low and mean volumes of the year before a trading day; None on the first day of a listing."""
    days = [series.whole_day(index) for index in range(max(today - YEAR_DAYS + 1, series.first_day), today)]
    if not days:
        return None
    volumes = [day.volume for day in days]
    recent = volumes[-_RECENT_DAYS:]
    high, low = max(day.high for day in days), min(day.low for day in days)
    return high, low, sum(volumes) // len(volumes), sum(recent) // len(recent)


def get_ratios(companies: Companies, series: PriceSeries, now_ms: int) -> dict[str, float]:
    """Return Tiger's fundamental figures by their wire names; what a listing does not have is left out."""
    instrument = series.instrument
    today = series.calendar.current(now_ms)
    span = series.day_so_far(today, now_ms)
    latest = instrument.ticks.price(span.close)
    year = get_year(series, now_ms)
    figures: dict[str, float] = {"week52High": year.high, "week52Low": year.low}
    passed = max((min(now_ms, today.close_ms) - today.open_ms) / (today.close_ms - today.open_ms), 0.01)
    figures["volumeRatio"] = round(span.volume / passed / max(year.recent_volume, 1), 6)
    if not instrument.shares:
        return figures
    value = latest * instrument.shares
    figures |= {
        "turnoverRate": round(span.volume / float_shares(instrument.shares), 6),
        "marketCap": round(value, 2),
        "floatMarketCap": round(latest * float_shares(instrument.shares), 2),
    }
    if company(instrument.symbol) is None:
        return figures
    on = series.calendar.local_date(now_ms)
    trailing, annual = (companies.periods(instrument.symbol, kind, on) for kind in ("LTM", "Annual"))
    if trailing and annual:
        accounts = figures_of(instrument, trailing[-1])
        figures |= {
            "roe": round(accounts["return_on_equity"] / 100, 6),
            "roa": round(accounts["return_on_assets"] / 100, 6),
            "pbRate": round(value / accounts["total_equity"], 4),
            "psRate": round(value / accounts["total_revenue"], 4),
            "divideRate": round(accounts["dividends_per_share"] / latest, 6),
            "ttmEps": round(trailing[-1].net_income / instrument.shares, 4),
            "lyrEps": round(annual[-1].net_income / instrument.shares, 4),
        }
        for name, period in (("ttmPeRate", trailing[-1]), ("lyrPeRate", annual[-1])):
            if period.net_income > 0:
                figures[name] = round(value / period.net_income, 6)
    return figures
