"""Finds the contract that a request or the state file names, of whatever type; those that ended are still known."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from app.simulator.market.calendars import calendar_of
from app.simulator.market.coins import COIN_GRAIN
from app.simulator.market.derivatives import FutureContract, Warrant
from app.simulator.market.expirations import HK_UNDERLYINGS
from app.simulator.market.funds import FUNDS
from app.simulator.market.warrants import expires_ms
from app.simulator.methods.market import Market
from app.simulator.trading.combinations import combine
from app.simulator.trading.contracts import (
    BULL_BEAR,
    COIN,
    COMBINATION,
    FUND,
    FUTURE,
    OPTION,
    OPTION_SHARES,
    STOCK,
    WARRANT,
    WARRANTS,
    Contract,
    Leg,
    get_key,
)

SIXTY_DAYS_MS = 60 * 86_400_000
"""So long before its month every future trades that ever does."""


class ContractFinder:
    """Describe what the market lists as contracts."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._contracts: dict[str, Contract] = {}
        self._finders: dict[str, Callable[[str], Contract | None]] = {
            STOCK: self._find_stock,
            FUTURE: self._find_future,
            FUND: self._find_fund,
            COIN: self._find_coin,
            WARRANT: self._find_warrant,
            BULL_BEAR: self._find_bull_bear,
        }

    def find_key(self, key: str) -> Contract | None:
        """Return the contract that ``Contract.key`` names."""
        if key in self._contracts:
            return self._contracts[key]
        if key.startswith(f"{COMBINATION}~"):
            return self._find_combination(key)
        sec_type, symbol, *rest = key.split("|")
        expiry, strike, right = rest or (None, None, None)
        found = self.find(sec_type, symbol, expiry, None if strike is None else Decimal(strike), right)
        if found is None and expiry and strike and right:
            found = self._rebuild_expired(sec_type, symbol, expiry, Decimal(strike), right)
        if found is None and sec_type == FUTURE:
            found = self._rebuild_future(symbol)
        return found

    def find(
        self,
        sec_type: str,
        symbol: str,
        expiry: str | None = None,
        strike: Decimal | None = None,
        right: str | None = None,
    ) -> Contract | None:
        """Return what can be traded under these names; None for everything else."""
        if sec_type == FUTURE:
            # A continuous future stands for another month every few weeks.
            return self._find_future(symbol)
        key = get_key(sec_type, symbol, expiry, strike, right)
        if key not in self._contracts:
            finder = self._finders.get(sec_type)
            found = finder(symbol) if finder else None
            if sec_type == OPTION and expiry and strike is not None and right:
                found = self._find_option(symbol, expiry, strike, right)
            if found is None or not _agrees(found, expiry, strike, right):
                # Wrong names are not remembered: a client could make up any number of them.
                return None
            key = found.key
            self._contracts.setdefault(key, found)
        return self._contracts[key]

    def find_combination(self, legs: tuple[Leg, ...]) -> Contract:
        """Return the combination of some legs."""
        found = combine(legs)
        return self._contracts.setdefault(found.key, found)

    def _find_combination(self, key: str) -> Contract | None:
        legs = []
        for text in key.split("~")[1:]:
            action, ratio, name = text.split("*")
            contract = self.find_key(name)
            if contract is None:
                return None
            legs.append(Leg(contract, action, int(ratio)))
        return self.find_combination(tuple(legs))

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

    def _rebuild_expired(self, sec_type: str, symbol: str, expiry: str, strike: Decimal, right: str) -> Contract:
        """Return a contract that has expired since it was traded: its orders and position are still there."""
        is_asian = sec_type in WARRANTS or symbol.endswith(".HK")
        market, currency = ("HK", "HKD") if is_asian else ("US", "USD")
        underlying = self.market.instrument(HK_UNDERLYINGS.get(symbol, symbol))
        shares = underlying.lot_size if is_asian and underlying else OPTION_SHARES
        calendar = calendar_of(market)
        # A date without a time names a day of the calendar.
        day = calendar.day(calendar.index_from(datetime.strptime(expiry, "%Y%m%d").date()))  # noqa: DTZ007
        return Contract(
            sec_type=sec_type,
            symbol=symbol,
            market=market,
            currency=currency,
            exchange=market,
            name=f"{symbol} {expiry} {strike.normalize():f} {right}",
            identifier=f"{symbol:<6}{expiry[2:]}{right[0]}{int(strike * 1000):08d}" if sec_type == OPTION else symbol,
            multiplier=shares if sec_type == OPTION else 1,
            expiry=expiry,
            strike=strike,
            right=right,
            underlying=HK_UNDERLYINGS.get(symbol, symbol),
            expires_ms=day.close_ms,
        )

    def _find_future(self, code: str) -> Contract | None:
        now_ms = self.market.now_ms()
        future = self.market.futures.contract(code, now_ms)
        if future is None:
            return None
        booked = self._describe_future(self.market.futures.month(future, now_ms)) if future.is_continuous else None
        return self._describe_future(future, booked)

    def _rebuild_future(self, code: str) -> Contract | None:
        midnight = calendar_of("US").midnight_ms(datetime.strptime(code[-4:], "%y%m").date())  # noqa: DTZ007
        future = self.market.derivatives.future(code, midnight - SIXTY_DAYS_MS)
        return None if future is None else self._describe_future(future)

    def _describe_future(self, future: FutureContract, booked: Contract | None = None) -> Contract:
        return Contract(
            sec_type=FUTURE,
            symbol=future.code,
            market="US",
            currency="USD",
            exchange=future.exchange,
            name=future.name,
            identifier=future.code,
            multiplier=int(future.multiplier),
            expiry=future.last_trading_day or None,
            underlying=future.product,
            expires_ms=None if future.is_continuous else self.market.futures.expires_ms(future),
            contract_month=future.month,
            booked=booked,
            margins=self.market.futures.margins(future),
        )

    def _find_fund(self, symbol: str) -> Contract | None:
        fund = FUNDS.get(symbol)
        if fund is None:
            return None
        return Contract(
            FUND, symbol, "US", fund.currency, "", fund.name, symbol,
            is_fractional=True, is_shortable=False, grain=Decimal("0.0001"), smallest_amount=fund.smallest,
        )  # fmt: skip

    def _find_coin(self, symbol: str) -> Contract | None:
        coin = self.market.coins.coin(symbol)
        if coin is None:
            return None
        return Contract(
            COIN, coin.symbol, "US", "USD", "", coin.name, coin.symbol,
            is_fractional=True, is_shortable=False, grain=COIN_GRAIN, smallest_amount=coin.smallest,
        )  # fmt: skip

    def _find_warrant(self, symbol: str) -> Contract | None:
        found = self.market.derivatives.warrant(symbol, self.market.now_ms())
        return None if found is None or found.sec_type != WARRANT else _describe_warrant(found)

    def _find_bull_bear(self, symbol: str) -> Contract | None:
        found = self.market.derivatives.warrant(symbol, self.market.now_ms())
        return None if found is None or found.sec_type != BULL_BEAR else _describe_warrant(found)


def _agrees(found: Contract, expiry: str | None, strike: Decimal | None, right: str | None) -> bool:
    """Say whether a contract found by its symbol is the one that was described besides."""
    return (
        expiry in (None, found.expiry) and (strike is None or strike == found.strike) and right in (None, found.right)
    )


def _describe_warrant(warrant: Warrant) -> Contract:
    return Contract(
        sec_type=warrant.sec_type,
        symbol=warrant.symbol,
        market="HK",
        currency="HKD",
        exchange="SEHK",
        name=warrant.name,
        identifier=warrant.symbol,
        lot_size=warrant.shares_per_lot,
        is_shortable=False,
        expiry=warrant.expiry,
        strike=warrant.strike,
        right=warrant.right,
        underlying=warrant.underlying,
        expires_ms=expires_ms(warrant),
    )
