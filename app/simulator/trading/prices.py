"""What contracts cost and when they trade: the trading side's view of the market."""

from decimal import Decimal, InvalidOperation
from typing import Any

from app.simulator.market.funds import FUNDS, dealing_day
from app.simulator.market.futures import last_closed_day
from app.simulator.market.ticks import HK_TICKS, OPTION_TICKS
from app.simulator.methods.market import Market
from app.simulator.trading.combinations import get_combined_book
from app.simulator.trading.contracts import (
    COIN,
    COMBINATION,
    FUND,
    FUTURE,
    OPTION,
    STOCK,
    WARRANTS,
    Book,
    Contract,
    Leg,
)
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.finding import ContractFinder

BOOK_LIFE_MS = 100
FUND_TICK = Decimal("0.0001")
COIN_TICK = Decimal("0.01")
NO_BOOK = Book(None, None, 0, 0, ZERO, ZERO)


class Prices:
    """Find contracts and their books; a price can be pinned so that tests force what they need."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._finder = ContractFinder(market)
        self._books: dict[str, tuple[int, Book]] = {}
        self.find = self._finder.find
        self.find_key = self._finder.find_key

    def find_combination(self, legs: tuple[Leg, ...]) -> Contract:
        """Return the combination of some legs."""
        return self._finder.find_combination(legs)

    def get_book(self, contract: Contract, now_ms: int) -> Book:
        """Return the top of the book at ``now_ms``; good for a tenth of a second."""
        kept = self._books.get(contract.key)
        if kept is not None and 0 <= now_ms - kept[0] < BOOK_LIFE_MS:
            return kept[1]
        book = self._read_book(contract, now_ms)
        self._books[contract.key] = (now_ms, book)
        return book

    def _read_book(self, contract: Contract, now_ms: int) -> Book:
        if contract.sec_type == COMBINATION:
            return get_combined_book(contract, lambda leg: self.get_book(leg, now_ms))
        if contract.sec_type == FUND:
            return self._get_fund_book(contract, now_ms)
        quote = self._read_quote(contract, now_ms)
        if quote is None:
            value = self.get_final_value(contract, now_ms)
            return Book(None, None, 0, 0, value, value)
        latest = _read_price(quote.latest)
        return Book(
            bid=_read_price(quote.bid),
            ask=_read_price(quote.ask),
            bid_size=int(quote.bid_size or 0),
            ask_size=int(quote.ask_size or 0),
            latest=latest or _read_price(quote.pre_close) or ZERO,
            previous_close=_read_price(quote.pre_close) or latest or ZERO,
        )

    def _read_quote(self, contract: Contract, now_ms: int) -> Any:
        """Return the market's quote; None for what has ended."""
        market = self.market
        if contract.sec_type == STOCK:
            return market.quote(contract.symbol, now_ms)
        if contract.sec_type == OPTION:
            option = market.option(
                contract.symbol, contract.expiry or "", contract.strike or ZERO, contract.right or ""
            )
            return None if option is None else market.option_quote(option, now_ms)
        if contract.sec_type == FUTURE:
            future = market.futures.contract(contract.symbol, now_ms)
            return None if future is None else market.futures.quote(future, now_ms).quote
        if contract.sec_type == COIN:
            coin = market.coins.coin(contract.symbol)
            return None if coin is None else market.coins.quote(coin, now_ms)
        warrant = market.derivatives.warrant(contract.symbol, now_ms)
        if warrant is None or contract.has_expired(now_ms) or market.warrants.is_knocked_out(warrant, now_ms):
            return None
        return market.warrants.quote(warrant, now_ms)

    def _get_fund_book(self, contract: Contract, now_ms: int) -> Book:
        fund = FUNDS[contract.symbol]
        day = last_closed_day(now_ms)
        before = self.market.funds.net_asset_value(fund, last_closed_day(day.close_ms - 1))
        return Book(None, None, 0, 0, self.market.funds.net_asset_value(fund, day), before)

    def get_fund_price(self, contract: Contract, ordered_ms: int) -> tuple[int, Decimal]:
        """Return when an order of a moment is priced, and at which net asset value."""
        day = dealing_day(ordered_ms)
        return day.close_ms, self.market.funds.net_asset_value(FUNDS[contract.symbol], day)

    def get_final_value(self, contract: Contract, now_ms: int) -> Decimal:
        """Return what one unit of a contract that has ended is settled at: its inner value, or its last settlement."""
        moment = now_ms if contract.expires_ms is None else min(now_ms, contract.expires_ms)
        if contract.sec_type == FUTURE:
            return self.get_settlement(contract, moment)
        if contract.sec_type in WARRANTS:
            warrant = self.market.derivatives.warrant(contract.symbol, moment)
            return (
                ZERO if warrant is None else Decimal(str(round(self.market.warrants.inner_value(warrant, moment), 3)))
            )
        return self.get_intrinsic_value(contract, moment)

    def get_intrinsic_value(self, contract: Contract, at_ms: int) -> Decimal:
        """Return what exercising an option on one share would bring at a moment."""
        spot = self.get_spot(contract, at_ms)
        if spot is None or contract.strike is None:
            return ZERO
        gain = spot - contract.strike
        return max(ZERO, gain if contract.right == "CALL" else -gain)

    def get_spot(self, contract: Contract, at_ms: int) -> Decimal | None:
        """Return the price of what an option is about; None where that is listed no more."""
        underlying = self.find(STOCK, contract.underlying or contract.symbol)
        return None if underlying is None else self._read_book(underlying, at_ms).latest

    def get_past_price(self, contract: Contract, at_ms: int) -> Decimal | None:
        """Return the latest price as of a moment that has passed; None where there was none."""
        return self._read_book(contract, at_ms).latest or None

    def get_settlement(self, contract: Contract, at_ms: int) -> Decimal:
        """Return the settlement price of a future on the last day that has closed by a moment."""
        day = last_closed_day(at_ms)
        future = self.market.derivatives.future(contract.held_as.symbol, day.open_ms)
        if future is None:
            message = f"{contract.symbol} was not traded on {day.date}"
            raise LookupError(message)
        return self.market.futures.settlement_of(future, day)

    def is_knocked_out(self, contract: Contract, now_ms: int) -> bool:
        """Say whether a bull/bear contract has met its call price."""
        warrant = self.market.derivatives.warrant(contract.symbol, now_ms) if contract.sec_type in WARRANTS else None
        return warrant is not None and self.market.warrants.is_knocked_out(warrant, now_ms)

    def get_tick_size(self, contract: Contract, price: Decimal) -> Decimal:
        """Return the smallest step of a price near ``price``."""
        if contract.sec_type in {OPTION, COMBINATION}:
            return OPTION_TICKS.tick_size(price)
        if contract.sec_type in WARRANTS:
            return HK_TICKS.tick_size(price)
        if contract.sec_type == FUTURE:
            future = self.market.derivatives.future(contract.symbol, self.market.now_ms())
            return Decimal("0.01") if future is None else future.tick
        if contract.sec_type in {FUND, COIN}:
            return FUND_TICK if contract.sec_type == FUND else COIN_TICK
        instrument = self.market.instrument(contract.symbol)
        if instrument is None:
            message = f"{contract.symbol} has left the market"
            raise LookupError(message)
        return self.market.tick_size(instrument, price)

    def set_price(self, symbol: str, price: Decimal | None) -> None:
        """Pin a price, for quotes and fills alike; None lets it move again.

        Raises LookupError for an unknown symbol and ValueError for a price that is not above zero.
        """
        self._books.clear()
        if price is not None and price <= 0:
            message = "a price must be above zero"
            raise ValueError(message)
        if symbol in FUNDS:
            self.market.funds.set_price(symbol, price)
        elif self.market.coins.coin(symbol):
            self.market.coins.set_price(symbol, price)
        elif self.find(FUTURE, symbol):
            self.market.futures.set_price(symbol, price)
        else:
            self.market.set_price(symbol, price)


def _read_price(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price > 0 else None
