"""Quotes of Hong Kong warrants and bull/bear contracts, which follow their underlying from second to second."""

from datetime import datetime

from app.simulator.market.calendars import calendar_of
from app.simulator.market.derivatives import Warrant
from app.simulator.market.exchange import Exchange
from app.simulator.market.listings import LISTINGS
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.quotes import Quote
from app.simulator.market.valuation import YEAR_MS, get_smile, get_values

_RATIOS = ((50, 10), (200, 50))
_LARGEST_RATIO = 100
_FUNDING = 0.04
"""What a bull/bear contract costs above its inner value, as a part of the strike for each year to its end."""
_VOLUME = 40_000_000


class Warrants:
    """Quote warrants and bull/bear contracts per unit, in Hong Kong dollars."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def quote(self, warrant: Warrant, at_ms: int | None = None) -> Quote:
        """Return a quote, now or as of a moment; after the end, what the contract was worth then."""
        moment = min(self._exchange.now_ms() if at_ms is None else at_ms, expires_ms(warrant))
        plain = self._exchange.quote(warrant.underlying, moment)
        ticks = warrant.ticks

        def units(spot: float) -> int:
            return ticks.rounded(ticks.units(self._value(warrant, spot, moment)))

        latest = units(plain.latest)
        traded = [latest, *(units(spot) for spot in (plain.open, plain.high, plain.low))]
        lot = warrant.shares_per_lot
        return Quote(
            symbol=warrant.symbol,
            latest=latest / ticks.scale,
            bid=ticks.moved(latest, -1) / ticks.scale if latest > ticks.ticks[0] else latest / ticks.scale,
            ask=ticks.moved(latest, 1) / ticks.scale,
            bid_size=plain.bid_size // LISTINGS[warrant.underlying].lot_size * lot,
            ask_size=plain.ask_size // LISTINGS[warrant.underlying].lot_size * lot,
            open=traded[1] / ticks.scale,
            high=max(traded) / ticks.scale,
            low=min(traded) / ticks.scale,
            pre_close=units(plain.pre_close) / ticks.scale,
            volume=self._traded(warrant, moment, plain.volume) // lot * lot,
            latest_ms=plain.latest_ms,
        )

    def value(self, warrant: Warrant, at_ms: int) -> tuple[float, float, float]:
        """Return what a unit is worth now, its implied volatility (0 for a bull/bear contract), and its delta."""
        spot = self._exchange.quote(warrant.underlying, min(at_ms, expires_ms(warrant))).latest
        price = self._value(warrant, spot, at_ms)
        if warrant.sec_type == "IOPT":
            return price, 0.0, 1.0 if warrant.right == "CALL" else -1.0
        years, strike = max(0.0, (expires_ms(warrant) - at_ms) / YEAR_MS), float(warrant.strike)
        volatility = get_smile(LISTINGS[warrant.underlying].volatility, spot, strike, years)
        call, put = get_values(spot, strike, years, volatility)
        return price, volatility, (call if warrant.right == "CALL" else put).delta

    def _traded(self, warrant: Warrant, at_ms: int, shares: int) -> int:
        """Return the day's volume by the time that so many shares of the underlying were traded."""
        series = self._exchange.series(warrant.underlying)
        day = series.calendar.current(at_ms).index
        whole = int(_VOLUME * uniform(seed_of(self._exchange.seed, warrant.symbol), day))
        return whole * shares // max(series.whole_day(day).volume, 1)

    def inner_value(self, warrant: Warrant, at_ms: int) -> float:
        """Return what a unit is settled at when the contract ends at a moment."""
        spot = self._exchange.quote(warrant.underlying, min(at_ms, expires_ms(warrant))).latest
        return max(0.0, _gain(warrant, spot)) / ratio_of(warrant)

    def is_knocked_out(self, warrant: Warrant, at_ms: int) -> bool:
        """Say whether the underlying stands at or beyond the call price of a bull/bear contract."""
        spot = self._exchange.quote(warrant.underlying, min(at_ms, expires_ms(warrant))).latest
        return warrant.sec_type == "IOPT" and _gain(warrant, spot) <= 0

    def _value(self, warrant: Warrant, spot: float, at_ms: int) -> float:
        years = max(0.0, (expires_ms(warrant) - at_ms) / YEAR_MS)
        strike = float(warrant.strike)
        if warrant.sec_type == "IOPT":
            return max(0.0, _gain(warrant, spot) + strike * _FUNDING * years) / ratio_of(warrant)
        own = LISTINGS[warrant.underlying].volatility
        call, put = get_values(spot, strike, years, get_smile(own, spot, strike, years))
        return (call if warrant.right == "CALL" else put).price / ratio_of(warrant)


def ratio_of(warrant: Warrant) -> int:
    """Return how many units stand for one share of the underlying."""
    reference = LISTINGS[warrant.underlying].reference_price
    return next((ratio for below, ratio in _RATIOS if reference < below), _LARGEST_RATIO)


def expires_ms(warrant: Warrant) -> int:
    """Return the close of a contract's last day."""
    calendar = calendar_of("HK")
    on = datetime.strptime(warrant.expiry, "%Y%m%d").date()  # noqa: DTZ007 - a date without a time.
    return calendar.day(calendar.index_from(on)).close_ms


def _gain(warrant: Warrant, spot: float) -> float:
    return (spot - float(warrant.strike)) * (1 if warrant.right == "CALL" else -1)
