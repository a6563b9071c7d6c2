"""Option contracts and their quotes, which follow the underlying's price from second to second."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import exp, log

from app.simulator.market.exchange import Exchange
from app.simulator.market.expirations import (
    HK_CLASSES,
    HK_UNDERLYINGS,
    Expiration,
    expirations_of,
    is_strike,
    strikes_about,
)
from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import seed_of, uniform
from app.simulator.market.ticks import OPTION_TICKS, TickTable
from app.simulator.market.valuation import YEAR_MS, Value, get_smile, get_values

US_MULTIPLIER = 100
_SMALLEST_GREEK_PRICE = 0.005
_NARROWEST_HALF_SPREAD = 0.01
_HALF_SPREAD = 0.012
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class OptionContract:
    """Name one option.

    ``symbol`` is the option class (AAPL, TCH.HK) and ``underlying`` the listing (AAPL, 00700). ``expires_ms``
    is the close of trading on the expiry, ``expiry_ms`` midnight before it: Tiger's number for the date.
    """

    symbol: str
    underlying: str
    market: str
    currency: str
    expiry: str
    expiry_ms: int
    expires_ms: int
    strike: Decimal
    right: str
    multiplier: int

    @property
    def identifier(self) -> str:
        """Return the 21 characters of the Options Symbology Initiative: class, date, right, strike × 1000."""
        return f"{self.symbol:<6}{self.expiry[2:]}{self.right[0]}{int(self.strike * 1000):08d}"

    @property
    def ticks(self) -> TickTable:
        """Return the tick table of its price."""
        return OPTION_TICKS


@dataclass(frozen=True, slots=True)
class OptionQuote:
    """Hold an option's quote per share of the underlying; sizes and volume in contracts.

    Far from the money there is no bid, and no ``value`` where it is too small to have greeks.
    ``latest_ms`` is the moment of the last trade.
    """

    latest: float
    bid: float | None
    ask: float
    bid_size: int
    ask_size: int
    open: float
    high: float
    low: float
    pre_close: float
    volume: int
    open_interest: int
    latest_ms: int
    implied_volatility: float
    value: Value | None


class Options:
    """List and quote the options of the exchange's listings."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def underlying(self, symbol: str) -> Instrument | None:
        """Return what an option class is about; accepts the underlying's own symbol too."""
        return self._exchange.stock(HK_UNDERLYINGS.get(symbol, symbol))

    def expirations(self, symbol: str, at_ms: int) -> tuple[Expiration, ...]:
        """Return the expirations of a class that have not passed at a moment, soonest first."""
        instrument = self.underlying(symbol)
        if instrument is None:
            return ()
        listed = expirations_of(instrument, self._exchange.calendar(instrument.market).local_date(at_ms))
        return tuple(expiration for expiration in listed if self._expires_ms(instrument, expiration.on) > at_ms)

    def contract(self, symbol: str, expiry: str, strike: Decimal, right: str) -> OptionContract | None:
        """Return an option that is listed now; ``expiry`` as YYYYMMDD, ``right`` CALL or PUT."""
        instrument = self.underlying(symbol)
        if instrument is None or right not in {"CALL", "PUT"} or not is_strike(instrument, strike):
            return None
        for expiration in self.expirations(symbol, self._exchange.now_ms()):
            if expiration.code == expiry:
                return self._contract(instrument, expiration, strike, right)
        return None

    def contracts(self, symbol: str, expiry: str, at_ms: int) -> list[OptionContract]:
        """Return the listed options of one expiry (YYYYMMDD), by strike, the put before the call."""
        instrument = self.underlying(symbol)
        expiration = next((found for found in self.expirations(symbol, at_ms) if found.code == expiry), None)
        if instrument is None or expiration is None:
            return []
        calendar = self._exchange.calendar(instrument.market)
        today = calendar.local_date(at_ms)
        month_start = calendar.index_from(date(today.year, today.month, 1))
        series = self._exchange.series(instrument.symbol)
        centre = series.close_units(month_start - 1) / instrument.ticks.scale
        years = max((expiration.on - today).days, 1) / 365
        return [
            self._contract(instrument, expiration, strike, right)
            for strike in strikes_about(instrument, centre, years)
            for right in ("PUT", "CALL")
        ]

    def quote(self, contract: OptionContract, at_ms: int | None = None) -> OptionQuote:
        """Return an option's quote, now or as of a moment; after the expiry, what it was worth in the end."""
        moment = self._exchange.now_ms() if at_ms is None else at_ms
        underlying = self._exchange.quote(contract.underlying, min(moment, contract.expires_ms))
        latest, volatility = self._value(contract, underlying.latest, moment)
        at_high, _ = self._value(contract, underlying.high, moment)
        at_low, _ = self._value(contract, underlying.low, moment)
        at_open, _ = self._value(contract, underlying.open, moment)
        before, _ = self._value(contract, underlying.pre_close, moment - _DAY_MS)
        ticks = contract.ticks
        half = max(_NARROWEST_HALF_SPREAD / 2, latest.price * _HALF_SPREAD)
        bid = ticks.floor(int((latest.price - half) * ticks.scale)) if latest.price > half else 0
        ask = ticks.ceiling(int((latest.price + half) * ticks.scale) + 1)
        price = min(ticks.rounded(ticks.units(latest.price)), ask)
        traded = (
            price,
            _units(ticks, at_high.price),
            _units(ticks, at_low.price),
            _units(ticks, at_open.price),
        )
        open_interest, volume, last_ms = self._activity(contract, moment, volatility, underlying.latest)
        second = moment // 1000
        seed = seed_of(self._exchange.seed, contract.identifier)
        return OptionQuote(
            latest=price / ticks.scale,
            bid=bid / ticks.scale if bid else None,
            ask=ask / ticks.scale,
            bid_size=1 + int(uniform(seed, second) * 120),
            ask_size=1 + int(uniform(seed, -second) * 120),
            open=traded[3] / ticks.scale,
            high=max(traded) / ticks.scale,
            low=min(traded) / ticks.scale,
            pre_close=_units(ticks, before.price) / ticks.scale,
            volume=volume,
            open_interest=open_interest,
            latest_ms=last_ms,
            implied_volatility=volatility,
            value=latest if latest.price >= _SMALLEST_GREEK_PRICE else None,
        )

    def _value(self, contract: OptionContract, spot: float, at_ms: int) -> tuple[Value, float]:
        years = (contract.expires_ms - at_ms) / YEAR_MS
        strike = float(contract.strike)
        own = self._exchange.series(contract.underlying).instrument.volatility
        volatility = get_smile(own, spot, strike, max(years, 0.0))
        call, put = get_values(spot, strike, years, volatility)
        return (call if contract.right == "CALL" else put), volatility

    def _activity(self, contract: OptionContract, at_ms: int, volatility: float, spot: float) -> tuple[int, int, int]:
        """Return open interest, today's volume and the moment of the last trade; less far from the money."""
        series = self._exchange.series(contract.underlying)
        day = series.calendar.current(at_ms)
        seed = seed_of(self._exchange.seed, contract.identifier, day.index)
        years = max(contract.expires_ms - at_ms, _DAY_MS) / YEAR_MS
        distance = log(float(contract.strike) / spot) / (volatility * years**0.5)
        interest = int(9_000 * uniform(seed_of(contract.identifier), 1) * exp(-distance * distance / 5))
        passed = min(1.0, (at_ms - day.open_ms) / (day.next_open_ms - day.open_ms))
        volume = int(interest * 0.6 * uniform(seed, 2) * passed)
        if volume:
            return interest, volume, at_ms - int(uniform(seed, at_ms // 60_000) * 30_000)
        return interest, 0, series.calendar.day(day.index - 1).close_ms - int(uniform(seed, 3) * 3_600_000)

    def _contract(self, instrument: Instrument, expiration: Expiration, strike: Decimal, right: str) -> OptionContract:
        return OptionContract(
            symbol=HK_CLASSES.get(instrument.symbol, instrument.symbol),
            underlying=instrument.symbol,
            market=instrument.market,
            currency=instrument.currency,
            expiry=expiration.code,
            expiry_ms=expiration.at_ms,
            expires_ms=self._expires_ms(instrument, expiration.on),
            strike=strike,
            right=right,
            multiplier=US_MULTIPLIER if instrument.market == "US" else instrument.lot_size,
        )

    def _expires_ms(self, instrument: Instrument, on: date) -> int:
        calendar = self._exchange.calendar(instrument.market)
        return calendar.day(calendar.index_from(on)).close_ms


def _units(ticks: TickTable, price: float) -> int:
    return ticks.rounded(ticks.units(price))
