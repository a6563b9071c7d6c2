"""What can be traded and at what price: the trading side's view of the market."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from app.simulator.market.expirations import HK_UNDERLYINGS
from app.simulator.market.ticks import OPTION_TICKS
from app.simulator.methods.market import Market
from app.simulator.trading.decimals import ZERO

STOCK = "STK"
OPTION = "OPT"
FUTURE = "FUT"
BOOK_LIFE_MS = 100
OPTION_SHARES = 100
FUTURE_TICK = Decimal("0.01")
ZONES = {"US": ZoneInfo("America/New_York"), "HK": ZoneInfo("Asia/Hong_Kong")}

DOLLARS_PER_UNIT = {
    "USD": Decimal(1),
    "HKD": Decimal("0.128"),
    "CNH": Decimal("0.14"),
    "SGD": Decimal("0.74"),
}
"""Fixed exchange rates: money has to add up over years, so they never move."""


@dataclass(frozen=True, slots=True)
class Contract:
    """Describe one thing that an order can trade; ``expiry`` is ``YYYYMMDD``, ``right`` CALL or PUT."""

    sec_type: str
    symbol: str
    market: str
    currency: str
    exchange: str
    name: str
    identifier: str
    multiplier: int = 1
    lot_size: int = 1
    is_fractional: bool = False
    sells_odd_lots: bool = False
    is_shortable: bool = True
    expiry: str | None = None
    strike: Decimal | None = None
    right: str | None = None
    underlying: str | None = None
    expires_ms: int | None = None

    def has_expired(self, now_ms: int) -> bool:
        """Say whether trading in this option is over for good."""
        return self.expires_ms is not None and now_ms >= self.expires_ms

    @property
    def key(self) -> str:
        """Return the text that names this contract in the state file."""
        return get_key(self.sec_type, self.symbol, self.expiry, self.strike, self.right)


@dataclass(frozen=True, slots=True)
class Book:
    """Hold the top of the book; a side without an offer has no price."""

    bid: Decimal | None
    ask: Decimal | None
    bid_size: int
    ask_size: int
    latest: Decimal
    previous_close: Decimal


def get_key(sec_type: str, symbol: str, expiry: str | None, strike: Decimal | None, right: str | None) -> str:
    """Return the text that names a contract: its type and symbol, for options also what sets them apart."""
    if sec_type != OPTION:
        return f"{sec_type}|{symbol}"
    return f"{sec_type}|{symbol}|{expiry}|{(strike or ZERO).normalize():f}|{right}"


class Prices:
    """Find contracts and their books; a stock's price can be pinned so that tests force what they need."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._contracts: dict[str, Contract | None] = {}
        self._books: dict[str, tuple[int, Book]] = {}

    def find_key(self, key: str) -> Contract | None:
        """Return the contract that ``Contract.key`` names."""
        if key in self._contracts:
            return self._contracts[key]
        sec_type, symbol, *rest = key.split("|")
        if sec_type == FUTURE:
            return self._describe_future(symbol)
        if not rest:
            return self.find(sec_type, symbol)
        expiry, strike, right = rest
        found = self.find(sec_type, symbol, expiry, Decimal(strike), right)
        return found or self._rebuild_option(symbol, expiry, Decimal(strike), right)

    def _rebuild_option(self, symbol: str, expiry: str, strike: Decimal, right: str) -> Contract:
        """Return an option that has expired since it was traded: its orders and position are still there."""
        market, currency = ("HK", "HKD") if symbol.endswith(".HK") else ("US", "USD")
        return Contract(
            sec_type=OPTION,
            symbol=symbol,
            market=market,
            currency=currency,
            exchange=market,
            name=f"{symbol} {expiry} {strike.normalize():f} {right}",
            identifier=f"{symbol:<6}{expiry[2:]}{right[0]}{int(strike * 1000):08d}",
            multiplier=OPTION_SHARES,
            expiry=expiry,
            strike=strike,
            right=right,
            underlying=HK_UNDERLYINGS.get(symbol, symbol),
            expires_ms=_get_day_end_ms(expiry, market),
        )

    def find(
        self,
        sec_type: str,
        symbol: str,
        expiry: str | None = None,
        strike: Decimal | None = None,
        right: str | None = None,
    ) -> Contract | None:
        """Return a stock, fund, option or future that can be traded; None for everything else."""
        key = get_key(sec_type, symbol, expiry, strike, right)
        if key not in self._contracts:
            found = self._find_stock(symbol) if sec_type == STOCK else None
            if sec_type == FUTURE and self.market.future(symbol):
                found = self._describe_future(symbol)
            if sec_type == OPTION and expiry and strike is not None and right:
                found = self._find_option(symbol, expiry, strike, right)
            if found is None:
                # Wrong names are not remembered: a client could make up any number of them.
                return None
            self._contracts[key] = found
        return self._contracts[key]

    def _find_stock(self, symbol: str) -> Contract | None:
        instrument = self.market.instrument(symbol)
        if instrument is None or instrument.sec_type != STOCK:
            return None
        return Contract(
            sec_type=STOCK,
            symbol=instrument.symbol,
            market=instrument.market,
            currency=instrument.currency,
            exchange=instrument.exchange,
            name=instrument.name,
            identifier=instrument.symbol,
            lot_size=instrument.lot_size,
            is_fractional=instrument.fractional,
            sells_odd_lots=instrument.sells_odd_lots,
            is_shortable=instrument.shortable,
        )

    def _describe_future(self, symbol: str) -> Contract:
        """Return a future, which orders may wait for and none is filled in: there are no quotes of futures here."""
        return Contract(FUTURE, symbol, "US", "USD", "US", symbol, symbol)

    def _find_option(self, symbol: str, expiry: str, strike: Decimal, right: str) -> Contract | None:
        option = self.market.option(symbol, expiry, strike, right)
        if option is None:
            return None
        return Contract(
            sec_type=OPTION,
            symbol=option.symbol,
            market=option.market,
            currency=option.currency,
            exchange=option.market,
            name=f"{symbol} {expiry} {strike.normalize():f} {right}",
            identifier=option.identifier,
            multiplier=option.multiplier,
            expiry=expiry,
            strike=strike,
            right=right,
            underlying=option.underlying,
            expires_ms=option.expires_ms,
        )

    def get_book(self, contract: Contract, now_ms: int) -> Book:
        """Return the top of the book at ``now_ms``; good for a tenth of a second."""
        kept = self._books.get(contract.key)
        if kept is not None and 0 <= now_ms - kept[0] < BOOK_LIFE_MS:
            return kept[1]
        book = self._read_book(contract, now_ms)
        self._books[contract.key] = (now_ms, book)
        return book

    def _read_book(self, contract: Contract, now_ms: int) -> Book:
        if contract.sec_type == FUTURE:
            return Book(None, None, 0, 0, ZERO, ZERO)
        if contract.sec_type == OPTION:
            option = self.market.option(
                contract.symbol, contract.expiry or "", contract.strike or ZERO, contract.right or ""
            )
            if option is None:
                return self._get_intrinsic_book(contract, now_ms)
            quote: Any = self.market.option_quote(option, now_ms)
        else:
            quote = self.market.quote(contract.symbol, now_ms)
        latest = _read_price(quote.latest)
        return Book(
            bid=_read_price(quote.bid),
            ask=_read_price(quote.ask),
            bid_size=int(quote.bid_size or 0),
            ask_size=int(quote.ask_size or 0),
            latest=latest or _read_price(quote.pre_close) or ZERO,
            previous_close=_read_price(quote.pre_close) or latest or ZERO,
        )

    def _get_intrinsic_book(self, contract: Contract, now_ms: int) -> Book:
        value = self.get_intrinsic_value(contract, now_ms)
        return Book(None, None, 0, 0, value, value)

    def get_intrinsic_value(self, contract: Contract, now_ms: int) -> Decimal:
        """Return what exercising an option on one share would bring at ``now_ms``."""
        underlying = self.find(STOCK, contract.underlying or contract.symbol)
        if underlying is None or contract.strike is None:
            return ZERO
        gain = self.get_book(underlying, now_ms).latest - contract.strike
        return max(ZERO, gain if contract.right == "CALL" else -gain)

    def is_tradable_now(self, contract: Contract, outside_rth: bool, now_ms: int) -> bool:
        """Say whether orders for a contract can be filled at ``now_ms``."""
        if self.market.is_open(contract.market, now_ms):
            return True
        return outside_rth and contract.sec_type == STOCK and self.market.is_extended(contract.market, now_ms)

    def get_tick_size(self, contract: Contract, price: Decimal) -> Decimal:
        """Return the smallest step of a price near ``price``."""
        if contract.sec_type == OPTION:
            return OPTION_TICKS.tick_size(price)
        if contract.sec_type == FUTURE:
            return FUTURE_TICK
        instrument = self.market.instrument(contract.symbol)
        if instrument is None:
            message = f"{contract.symbol} has left the market"
            raise LookupError(message)
        return self.market.tick_size(instrument, price)

    def set_price(self, symbol: str, price: Decimal | None) -> None:
        """Pin the price of a stock, for quotes and fills alike; None lets it move again.

        Raises LookupError for an unknown symbol and ValueError for a price that is not above zero.
        """
        self._books.clear()
        self.market.set_price(symbol, price)


def to_dollars(amount: Decimal, currency: str) -> Decimal:
    """Convert at the fixed rates."""
    return amount * DOLLARS_PER_UNIT[currency]


def _get_day_end_ms(expiry: str, market: str) -> int:
    # The zone is given in the same breath.
    day = datetime.strptime(expiry, "%Y%m%d").replace(tzinfo=ZONES[market])
    return int((day + timedelta(days=1)).timestamp() * 1000)


def _read_price(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price > 0 else None
