"""Quotes of futures: one path for each product, a premium for each month, and a settlement price for each day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.market.derivatives import Derivatives, FutureContract
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import Instrument
from app.simulator.market.prices import PriceSeries
from app.simulator.market.quotes import Quote, get_quote
from app.simulator.market.ticks import TickTable

_SCALE = 10_000
_CARRY = 0.035
"""What a contract costs more for each year to its last trading day."""
_LIMIT = Decimal("0.07")
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_PAUSE_STARTS, _PAUSE_ENDS = 17, 18
_MONTHS_AHEAD = 18
_SHARES = 100
"""Quotes of American stocks count sizes in round lots of these."""


@dataclass(frozen=True, slots=True)
class _Level:
    """Hold about where a product's price wanders, its annual volatility, and its margins as parts of its value."""

    price: float
    volatility: float
    initial: Decimal
    maintenance: Decimal


_LEVELS = {
    "ES": _Level(6450, 0.18, Decimal("0.055"), Decimal("0.05")),
    "MES": _Level(6450, 0.18, Decimal("0.055"), Decimal("0.05")),
    "NQ": _Level(23600, 0.23, Decimal("0.07"), Decimal("0.064")),
    "CL": _Level(64, 0.34, Decimal("0.10"), Decimal("0.09")),
    "GC": _Level(3400, 0.17, Decimal("0.06"), Decimal("0.055")),
}
_SAME_PATH = {"MES": "ES"}


@dataclass(frozen=True, slots=True)
class FutureQuote:
    """Hold a future's quote with the latest settlement price and the limits of the day that it sets."""

    quote: Quote
    settlement: Decimal
    limit_up: Decimal
    limit_down: Decimal


class Futures:
    """Quote futures by their contracts; a continuous contract is quoted as the month that it stands for."""

    def __init__(self, exchange: Exchange, derivatives: Derivatives) -> None:
        self._exchange = exchange
        self._derivatives = derivatives
        self._series: dict[str, PriceSeries] = {}
        self._pinned: dict[str, Decimal] = {}

    def contract(self, code: str, at_ms: int) -> FutureContract | None:
        """Return a contract that trades at a moment, by its code; the last day counts until the close."""
        found = self._derivatives.future(code, at_ms)
        if found is None or found.is_continuous or at_ms < self.expires_ms(found):
            return found
        return None

    def front(self, product: str, at_ms: int) -> FutureContract:
        """Return the month that ``main`` stands for at a moment: the first that does not end within three days."""
        soon = at_ms + 3 * 86_400_000
        today = calendar_of("US").local_date(at_ms)
        for ahead in range(_MONTHS_AHEAD):
            year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
            found = self._derivatives.future(f"{product}{year % 100:02d}{month + 1:02d}", at_ms)
            if found is not None and soon < self.expires_ms(found):
                return found
        message = f"{product} has no contract that trades"
        raise LookupError(message)

    def month(self, contract: FutureContract, at_ms: int) -> FutureContract:
        """Return the month contract that is traded under a contract's code."""
        return self.front(contract.product, at_ms) if contract.is_continuous else contract

    def expires_ms(self, contract: FutureContract) -> int:
        """Return the close of a month contract's last trading day."""
        return self._day_of(contract).close_ms

    def quote(self, contract: FutureContract, at_ms: int | None = None) -> FutureQuote:
        """Return a future's quote, now or as of a moment."""
        moment = self._exchange.now_ms() if at_ms is None else at_ms
        month = self.month(contract, moment)
        series = self._series_of(month.product)
        settlement = self.settlement(month, moment)
        plain = get_quote(series, min(moment, self.expires_ms(month)))
        quote = self._at_level(contract.code, month, plain, moment)
        tick = contract.tick
        up = (settlement * (1 + _LIMIT) / tick).to_integral_value() * tick
        down = (settlement * (1 - _LIMIT) / tick).to_integral_value() * tick
        return FutureQuote(replace(quote, pre_close=float(settlement)), settlement, up, down)

    def settlement(self, contract: FutureContract, at_ms: int) -> Decimal:
        """Return the settlement price of the last trading day that has closed by a moment."""
        return self.settlement_of(contract, last_closed_day(at_ms))

    def settlement_of(self, contract: FutureContract, day: TradingDay) -> Decimal:
        """Return the settlement price of a trading day; a price that is held is settled at."""
        if contract.code in self._pinned:
            return self._pinned[contract.code]
        series = self._series_of(contract.product)
        return self._carried(contract, series.close_units(day.index) / _SCALE, day.date)

    def margins(self, contract: FutureContract) -> tuple[Decimal, Decimal]:
        """Return initial and maintenance margin as parts of a contract's value."""
        level = _LEVELS[contract.product]
        return level.initial, level.maintenance

    def set_price(self, code: str, price: Decimal | None) -> None:
        """Hold a contract's price from now on, rounded to its tick; None lets it follow its path again."""
        contract = self._derivatives.future(code, self._exchange.now_ms())
        if contract is None:
            raise KeyError(code)
        codes = {code, self.month(contract, self._exchange.now_ms()).code}
        for name in codes:
            self._pinned.pop(name, None)
            if price is not None:
                self._pinned[name] = (price / contract.tick).to_integral_value() * contract.tick

    def is_open(self, at_ms: int) -> bool:
        """Say whether futures trade: from Sunday evening to Friday evening but for an hour a day, in real hours."""
        if not self._exchange.real_hours:
            return True
        local = calendar_of("US").local(at_ms)
        if local.weekday() == _SATURDAY or _PAUSE_STARTS <= local.hour < _PAUSE_ENDS:
            return False
        if local.weekday() == _SUNDAY:
            return local.hour >= _PAUSE_ENDS
        return local.weekday() != _FRIDAY or local.hour < _PAUSE_STARTS

    def _at_level(self, code: str, month: FutureContract, plain: Quote, at_ms: int) -> Quote:
        on = calendar_of("US").local_date(at_ms)
        pinned = self._pinned.get(code, self._pinned.get(month.code))

        def move(price: float) -> Decimal:
            return self._carried(month, price, on)

        latest = pinned or move(plain.latest)
        bid = pinned or min(move(plain.bid), latest)
        ask = max(bid + month.tick, move(plain.ask) if pinned is None else bid)
        traded = [latest, *(move(price) for price in (plain.open, plain.high, plain.low))]
        return replace(
            plain,
            symbol=code,
            latest=float(latest),
            bid=float(bid),
            ask=float(ask),
            bid_size=plain.bid_size // _SHARES,
            ask_size=plain.ask_size // _SHARES,
            open=float(traded[1]),
            high=float(max(traded)),
            low=float(min(traded)),
        )

    def _carried(self, contract: FutureContract, price: float, on: date) -> Decimal:
        years = max(0, (self._day_of(contract).date - on).days) / 365
        ticks = round(price * (1 + _CARRY * years) / float(contract.tick))
        return max(1, ticks) * contract.tick

    def _day_of(self, contract: FutureContract) -> TradingDay:
        return _last_day(contract.last_trading_day)

    def _series_of(self, product: str) -> PriceSeries:
        path = _SAME_PATH.get(product, product)
        if path not in self._series:
            level = _LEVELS[path]
            ticks = TickTable(_SCALE, (), (int(self._tick_of(path) * _SCALE),))
            instrument = Instrument(
                path, path, path, "US", "", level.price, level.volatility, 60_000_000, "FUT", own_ticks=ticks
            )
            real_hours = False
            self._series[path] = PriceSeries(instrument, self._exchange.seed, real_hours)
        return self._series[path]

    def _tick_of(self, product: str) -> Decimal:
        contract = self._derivatives.future(f"{product}main", self._exchange.now_ms())
        if contract is None:
            raise KeyError(product)
        return contract.tick


def last_closed_day(at_ms: int) -> TradingDay:
    """Return the last United States trading day whose session has closed by a moment."""
    calendar = calendar_of("US")
    day = calendar.current(at_ms)
    return day if at_ms >= day.close_ms else calendar.day(day.index - 1)


@lru_cache(maxsize=256)
def _last_day(code: str) -> TradingDay:
    """Return the trading day on, else before, a date written YYYYMMDD."""
    calendar = calendar_of("US")
    on = datetime.strptime(code, "%Y%m%d").date()  # noqa: DTZ007 - a date without a time.
    index = calendar.index_from(on)
    return calendar.day(index if calendar.dates[index] == on else calendar.index_from(on - timedelta(days=6)))
