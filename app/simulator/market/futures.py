"""Quotes of futures, and the settlement price of each day."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.market.derivatives import Derivatives
from app.simulator.market.exchange import Exchange
from app.simulator.market.future_contracts import PRODUCTS, FutureContract, get_main
from app.simulator.market.future_days import FutureDays
from app.simulator.market.quotes import Quote, get_quote

_LIMIT = Decimal("0.07")


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
        self._pinned: dict[str, Decimal] = {}

    def contract(self, code: str, at_ms: int) -> FutureContract | None:
        """Return a contract that trades at a moment, by its code; the last day counts until the close."""
        found = self._derivatives.future(code, at_ms)
        if found is None or found.is_continuous or at_ms < self.expires_ms(found):
            return found
        return None

    def front(self, product: str, at_ms: int) -> FutureContract:
        """Return the month that ``main`` stands for at a moment: the first that is not about to end."""
        return get_main(PRODUCTS[product], calendar_of("FUT").current(at_ms).date)

    def month(self, contract: FutureContract, at_ms: int) -> FutureContract:
        """Return the month contract that is traded under a contract's code."""
        return self.front(contract.product, at_ms) if contract.is_continuous else contract

    def expires_ms(self, contract: FutureContract) -> int:
        """Return the close of a month contract's last trading day."""
        return self._day_of(contract).close_ms

    def days(self, contract: FutureContract) -> FutureDays:
        """Return the prices of a contract, day by day."""
        return FutureDays(self._exchange, contract, self._pinned)

    def quote(self, contract: FutureContract, at_ms: int | None = None) -> FutureQuote:
        """Return a future's quote, now or as of a moment."""
        moment = self._exchange.now_ms() if at_ms is None else at_ms
        month = self.month(contract, moment)
        settlement = self.settlement(month, moment)
        plain = get_quote(self.days(month), min(moment, self.expires_ms(month)))
        up, down = (
            (settlement * (1 + limit) / contract.tick).to_integral_value() * contract.tick
            for limit in (_LIMIT, -_LIMIT)
        )
        return FutureQuote(replace(plain, symbol=contract.code, pre_close=float(settlement)), settlement, up, down)

    def settlement(self, contract: FutureContract, at_ms: int) -> Decimal:
        """Return the settlement price of the last trading day that has closed by a moment."""
        return self.settlement_of(contract, last_closed_day(at_ms))

    def settlement_of(self, contract: FutureContract, day: TradingDay) -> Decimal:
        """Return the settlement price of a trading day; a price that is held is settled at."""
        if contract.code in self._pinned:
            return self._pinned[contract.code]
        days = self.days(contract)
        return Decimal(str(days.instrument.ticks.price(days.whole_day(day.index).close)))

    def margins(self, contract: FutureContract) -> tuple[Decimal, Decimal]:
        """Return initial and maintenance margin as parts of a contract's value."""
        return PRODUCTS[contract.product].margins

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
        """Say whether futures trade: in real hours while a session runs."""
        return not self._exchange.real_hours or at_ms < calendar_of("FUT").current(at_ms).close_ms

    def _day_of(self, contract: FutureContract) -> TradingDay:
        return _last_day(contract.last_trading_day)


def last_closed_day(at_ms: int) -> TradingDay:
    """Return the last United States trading day whose session has closed by a moment."""
    calendar = calendar_of("US")
    day = calendar.current(at_ms)
    return day if at_ms >= day.close_ms else calendar.day(day.index - 1)


@lru_cache(maxsize=256)
def _last_day(code: str) -> TradingDay:
    """Return the trading day of a date written YYYYMMDD."""
    calendar = calendar_of("US")
    on = datetime.strptime(code, "%Y%m%d").date()  # noqa: DTZ007 - a date without a time.
    return calendar.day(calendar.index_from(on))
