"""Mutual funds: what there is, and one net asset value for each trading day, known when the day has closed."""

from dataclasses import dataclass
from decimal import Decimal

from app.simulator.market.calendars import TradingDay, calendar_of
from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import Instrument
from app.simulator.market.prices import PriceSeries
from app.simulator.market.ticks import TickTable

_TICKS = TickTable(10_000, (), (1,))


@dataclass(frozen=True, slots=True)
class Fund:
    """Name a fund; ``level`` is about where its net asset value wanders, ``smallest`` the least amount to buy."""

    symbol: str
    name: str
    chinese_name: str
    currency: str
    level: float
    volatility: float
    smallest: Decimal


_ROWS = (
    ("IE00B464Q616.USD", "PIMCO GIS Income Fund", "品浩收益基金", "USD", 10.8, 0.05, "100"),
    ("LU0417517546.USD", "Allianz US Equity Fund", "安联美国股票基金", "USD", 21.4, 0.16, "100"),
    ("LU0320765059.USD", "FTIF Franklin US Opportunities", "富兰克林美国机会基金", "USD", 64.2, 0.19, "100"),
    ("HK0000500386.USD", "CSOP USD Money Market Fund", "南方东英美元货币市场基金", "USD", 110.0, 0.002, "1"),
    ("HK0000584737.HKD", "CSOP HKD Money Market Fund", "南方东英港元货币市场基金", "HKD", 1050.0, 0.002, "1"),
)
FUNDS = {row[0]: Fund(*row[:6], Decimal(row[6])) for row in _ROWS}
"""Every fund by its symbol: the international number and the currency."""


class Funds:
    """Value funds; nothing about them moves within a day."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._series: dict[str, PriceSeries] = {}
        self._pinned: dict[str, Decimal] = {}

    def net_asset_value(self, fund: Fund, day: TradingDay) -> Decimal:
        """Return the value of one unit at the close of a trading day, with four decimals."""
        if fund.symbol in self._pinned:
            return self._pinned[fund.symbol]
        if fund.symbol not in self._series:
            instrument = Instrument(
                fund.symbol, fund.name, fund.chinese_name, "US", "", fund.level, fund.volatility, 0, "FUND",
                own_ticks=_TICKS,
            )  # fmt: skip
            real_hours = True
            self._series[fund.symbol] = PriceSeries(instrument, self._exchange.seed, real_hours)
        return Decimal(self._series[fund.symbol].close_units(day.index)) / _TICKS.scale

    def set_price(self, symbol: str, price: Decimal | None) -> None:
        """Hold a fund's net asset value from now on; None lets it follow its path again."""
        if symbol not in FUNDS:
            raise KeyError(symbol)
        self._pinned.pop(symbol, None)
        if price is not None:
            self._pinned[symbol] = round(price, 4)


def dealing_day(at_ms: int) -> TradingDay:
    """Return the trading day at whose close an order of this moment is priced."""
    calendar = calendar_of("US")
    day = calendar.current(at_ms)
    return day if at_ms < day.close_ms else calendar.day(day.index + 1)
