"""What the scanner may ask of one listing, computed when it is asked: nothing for most fields of most scans."""

from collections.abc import Mapping
from functools import cached_property

from app.simulator.market.accounts import figures_of
from app.simulator.market.bars import newest_bars
from app.simulator.market.companies import Companies
from app.simulator.market.exchange import Exchange
from app.simulator.market.expirations import is_optionable
from app.simulator.market.industries import list_industries
from app.simulator.market.instruments import Instrument
from app.simulator.market.quotes import Quote
from app.simulator.market.ratios import get_ratios
from app.simulator.market.sessions import ExtendedQuote, Session, get_extended_quote, has_sessions
from app.simulator.market.volatility import get_percentile, get_volatility_days

Value = float | int | str | None

_DAYS_BACK = {
    "Five_Days": 5, "Ten_Days": 10, "Twenty_Days": 20, "Half_Year": 126, "Last_Year": 252, "Last_Two_Year": 504,
    "Last_Five_Year": 1260,
}  # fmt: skip
_YEAR_TO_DATE = "Beginning_Of_The_Year_To_Now"
_VOLATILITY_DAYS = 252


class ScanFacts:
    """Answer for one listing at one moment; what it does not have is None."""

    def __init__(self, instrument: Instrument, exchange: Exchange, companies: Companies, now_ms: int) -> None:
        self.instrument = instrument
        self.now_ms = now_ms
        self._exchange = exchange
        self._companies = companies
        self._series = exchange.series(instrument.symbol)

    @cached_property
    def quote(self) -> Quote:
        """Return its quote."""
        return self._exchange.quote(self.instrument.symbol, self.now_ms)

    @cached_property
    def ratios(self) -> Mapping[str, float]:
        """Return its ratios, as ``stock_fundamental`` names them."""
        return get_ratios(self._companies, self._series, self.now_ms)

    @cached_property
    def volatility(self) -> tuple[float, float, float] | None:
        """Return implied volatility, its percentile within a year, and historical volatility; None without options."""
        if not is_optionable(self.instrument):
            return None
        today = self._series.calendar.current(self.now_ms).index
        days = get_volatility_days(self._series, self._exchange.seed, today, _VOLATILITY_DAYS)
        ordered = sorted(day.implied for day in days)
        return days[-1].implied, get_percentile(ordered, days[-1].implied), days[-1].historical

    def extended(self, session: Session) -> ExtendedQuote | None:
        """Return the quote outside the regular session, if the newest one is of this session."""
        if not has_sessions(self.instrument):
            return None
        quote = get_extended_quote(self._series, self.now_ms)
        return quote if quote.session is session else None

    def listed_ms(self) -> int:
        """Return since when it is listed."""
        return self._series.calendar.midnight_ms(self.instrument.listed_on)

    def account(self, name: str, period: str) -> Value:
        """Return a line of its accounts, by Tiger's field name, of the last Annual, Quarterly or LTM period."""
        today = self._series.calendar.local_date(self.now_ms)
        filed = self._companies.periods(self.instrument.symbol, period, today)
        return figures_of(self.instrument, filed[-1]).get(name) if filed else None

    def growth(self, name: str, period: str) -> Value:
        """Return by which part a line of its accounts has grown within a year."""
        today = self._series.calendar.local_date(self.now_ms)
        filed = self._companies.periods(self.instrument.symbol, period, today)
        back = 1 if period == "Annual" else 4
        if len(filed) <= back:
            return None
        now, before = (figures_of(self.instrument, filed[index])[name] for index in (-1, -1 - back))
        return round(now / before - 1, 6) if before > 0 else None

    def change(self, period: str | None) -> tuple[float, float] | None:
        """Return the change of the price as a part and in currency, since yesterday unless a period is named."""
        if period is None:
            before = self.quote.pre_close
        else:
            days = self._days_back(period)
            if days is None:
                return None
            bars = newest_bars(self._series, "day", days + 1, None, self.now_ms + 1, self.now_ms)
            before = bars[0].close
        return round(self.quote.latest / before - 1, 6), round(self.quote.latest - before, 4)

    def _days_back(self, period: str) -> int | None:
        today = self._series.calendar.current(self.now_ms)
        if period == _YEAR_TO_DATE:
            first = self._series.calendar.index_from(today.date.replace(month=1, day=1))
            return today.index - first + 1
        return _DAYS_BACK.get(period)

    def sector(self, level: int) -> Value:
        """Return the code of one of its industries, 0 for the widest."""
        chain = list_industries(self.instrument.symbol)
        return chain[level].code if chain else None
