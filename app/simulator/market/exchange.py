"""All that has a price, under one clock: what every wire method looks things up in."""

from decimal import Decimal

from app.simulator.clock import Clock
from app.simulator.market.calendars import Calendar, calendar_of
from app.simulator.market.digital import DIGITAL_ASSETS, find_coin
from app.simulator.market.instruments import DIGITAL, STOCK, Instrument
from app.simulator.market.listings import LISTINGS
from app.simulator.market.phases import Phase, next_close_ms, next_midnight_ms, phase_of
from app.simulator.market.prices import PriceSeries
from app.simulator.market.quotes import Quote, get_quote

SHORTEST_DAY_MS = 3_600_000


class Exchange:
    """Quote every listing; touched by one thread only.

    With ``real_hours`` off the markets never close (``prices`` states the rule).
    """

    def __init__(self, seed: int, clock: Clock, real_hours: bool = False) -> None:
        self.seed = seed
        self.real_hours = real_hours
        self._clock = clock
        self._series: dict[str, PriceSeries] = {}
        self._quotes: dict[str, tuple[int, Quote]] = {}

    def now_ms(self) -> int:
        """Return the simulated epoch milliseconds."""
        return self._clock.now_ms()

    def listing(self, symbol: str) -> Instrument | None:
        """Return what is listed under a symbol, indices too."""
        return LISTINGS.get(symbol)

    def listed_as(self, symbol: str, sec_type: str | None) -> Instrument | None:
        """Return what is listed under a symbol with a type that is quoted as stocks are: STK (the default) or CC."""
        if sec_type == DIGITAL:
            coin = find_coin(symbol)
            return None if coin is None else DIGITAL_ASSETS[coin.symbol]
        return LISTINGS.get(symbol) if sec_type in {None, "", STOCK} else None

    def stock(self, symbol: str) -> Instrument | None:
        """Return a stock or fund, which can be traded; None for everything else."""
        instrument = LISTINGS.get(symbol)
        return instrument if instrument is not None and instrument.sec_type == STOCK else None

    def series(self, symbol: str) -> PriceSeries:
        """Return the prices of a listing or digital asset; raises KeyError for an unknown symbol."""
        series = self._series.get(symbol)
        return self.series_of(LISTINGS.get(symbol) or DIGITAL_ASSETS[symbol]) if series is None else series

    def series_of(self, instrument: Instrument) -> PriceSeries:
        """Return the prices of an instrument."""
        series = self._series.get(instrument.symbol)
        if series is None:
            series = self._series[instrument.symbol] = PriceSeries(instrument, self.seed, self.real_hours)
        return series

    def quote(self, symbol: str, at_ms: int | None = None) -> Quote:
        """Return the quote of a listing or digital asset, now or as of a moment.

        Raises KeyError for an unknown symbol.
        """
        moment = self.now_ms() if at_ms is None else at_ms
        known = self._quotes.get(symbol)
        second = moment // 1000
        if known is not None and known[0] == second:
            return known[1]
        quote = get_quote(self.series(symbol), moment)
        self._quotes[symbol] = (second, quote)
        return quote

    def set_price(self, symbol: str, price: float | Decimal | None) -> None:
        """Hold a price from now on, rounded to its grid; None lets it follow its path again.

        Raises KeyError for an unknown symbol and ValueError for a price that is not above zero.
        """
        if price is not None and not price > 0:
            message = "a price must be above zero"
            raise ValueError(message)
        self.series(symbol).pin(None if price is None else float(price))
        self._quotes.pop(symbol, None)

    def calendar(self, market: str) -> Calendar:
        """Return the trading days of US, HK, CN, FUT or CC."""
        return calendar_of(market)

    def phase(self, market: str, at_ms: int) -> Phase:
        """Return what a market is doing; always trading unless real hours are kept."""
        return phase_of(calendar_of(market), at_ms) if self.real_hours else Phase.TRADING

    def is_open(self, market: str, at_ms: int) -> bool:
        """Say whether the regular session of a market is open."""
        return self.phase(market, at_ms) is Phase.TRADING

    def is_extended(self, market: str, at_ms: int) -> bool:
        """Say whether a market trades before or after its regular session."""
        return self.phase(market, at_ms) in {Phase.PRE_HOUR_TRADING, Phase.POST_HOUR_TRADING}

    def day_end_ms(self, market: str, at_ms: int) -> int:
        """Return when a DAY order placed at a moment expires.

        With real hours that is the close of the session that is open, or else of the next one. Otherwise it
        is midnight at the exchange, the next one that leaves an order at least an hour.
        """
        calendar = calendar_of(market)
        if self.real_hours:
            return next_close_ms(calendar, at_ms)
        return next_midnight_ms(calendar, at_ms, SHORTEST_DAY_MS)
