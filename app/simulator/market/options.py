"""Option contracts and their quotes, which follow the underlying's price from second to second."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
from app.simulator.market.option_days import OptionContract, OptionDay, get_option_day
from app.simulator.market.valuation import YEAR_MS, Value
from app.simulator.market.volatility import get_level

__all__ = ["OptionContract", "OptionQuote", "Options"]

US_MULTIPLIER = 100
_SMALLEST_GREEK_PRICE = 0.005
_NARROWEST_HALF_SPREAD = 0.01
_HALF_SPREAD = 0.012


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
        pricing = self.pricing(contract, moment)
        latest, volatility = pricing.value(underlying.latest)
        ticks = contract.ticks
        half = max(_NARROWEST_HALF_SPREAD / 2, latest.price * _HALF_SPREAD)
        bid = ticks.floor(int((latest.price - half) * ticks.scale)) if latest.price > half else 0
        ask = ticks.ceiling(int((latest.price + half) * ticks.scale) + 1)
        high, low = pricing.extremes(underlying.high, underlying.low)
        before = self.pricing_on(contract, pricing.day - 1)
        series = self._exchange.series(contract.underlying)
        volume = pricing.traded(series.whole_day(pricing.day).volume, underlying.volume)
        second = moment // 1000
        seed = seed_of(self._exchange.seed, contract.identifier)
        return OptionQuote(
            latest=pricing.price(underlying.latest),
            bid=bid / ticks.scale if bid else None,
            ask=ask / ticks.scale,
            bid_size=1 + int(uniform(seed, second) * 120),
            ask_size=1 + int(uniform(seed, -second) * 120),
            open=pricing.price(underlying.open),
            high=high,
            low=low,
            pre_close=before.price(underlying.pre_close),
            volume=volume,
            open_interest=pricing.open_interest,
            latest_ms=self._last_trade_ms(contract, pricing, moment, volume),
            implied_volatility=volatility,
            value=latest if latest.price >= _SMALLEST_GREEK_PRICE else None,
        )

    def pricing(self, contract: OptionContract, at_ms: int) -> OptionDay:
        """Return how an option is priced at a moment: as on the trading day that holds it, in the end as settled."""
        series = self._exchange.series(contract.underlying)
        day = series.calendar.current(min(at_ms, contract.expires_ms)).index
        return self.pricing_on(contract, day, is_settled=at_ms >= contract.expires_ms)

    def pricing_on(self, contract: OptionContract, day: int, *, is_settled: bool = False) -> OptionDay:
        """Return how an option is priced on a trading day."""
        series = self._exchange.series(contract.underlying)
        years = 0.0 if is_settled else max(contract.expires_ms - series.calendar.day(day).open_ms, 0) / YEAR_MS
        close = series.instrument.ticks.price(series.whole_day(day - 1).close)
        return get_option_day(
            contract, day, years, get_level(series, self._exchange.seed, day), close, self._exchange.seed
        )

    def _last_trade_ms(self, contract: OptionContract, pricing: OptionDay, at_ms: int, volume: int) -> int:
        calendar = self._exchange.series(contract.underlying).calendar
        seed = seed_of(self._exchange.seed, contract.identifier, pricing.day)
        if volume:
            return max(at_ms - int(uniform(seed, at_ms // 60_000) * 30_000), calendar.day(pricing.day).open_ms)
        return calendar.day(pricing.day - 1).close_ms - int(uniform(seed, 3) * 3_600_000)

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
