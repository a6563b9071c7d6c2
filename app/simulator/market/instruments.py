"""What can be quoted: one record per listed stock, fund or index, and the tick table of its market."""

from dataclasses import dataclass
from datetime import date

from app.simulator.market.calendars import FIRST_DAY
from app.simulator.market.ticks import CN_TICKS, HK_TICKS, US_TICKS, TickTable

CURRENCIES = {"US": "USD", "HK": "HKD", "CN": "CNH"}
TICK_TABLES = {"US": US_TICKS, "HK": HK_TICKS, "CN": CN_TICKS}
STOCK = "STK"
INDEX = "IND"


@dataclass(frozen=True, slots=True)
class Instrument:
    """Describe one listing.

    ``reference_price`` is about where the price wanders, in ``currency``; ``volatility`` is annual, 0.25 for
    25 %; ``shares`` is the number outstanding. ``sec_type`` is STK (funds too) or IND for an index, which can
    be quoted but not traded. ``sells_odd_lots`` says that less than a lot of it may be sold, in Hong Kong.
    ``own_ticks`` stands for the tick table of the market where a price has another grid: futures, funds, coins.
    """

    symbol: str
    name: str
    chinese_name: str
    market: str
    exchange: str
    reference_price: float
    volatility: float
    shares: int
    sec_type: str = STOCK
    lot_size: int = 1
    is_etf: bool = False
    shortable: bool = True
    sells_odd_lots: bool = False
    listed_on: date = FIRST_DAY
    own_ticks: TickTable | None = None

    @property
    def currency(self) -> str:
        """Return the trading currency: USD, HKD or CNH."""
        return CURRENCIES[self.market]

    @property
    def ticks(self) -> TickTable:
        """Return the tick table of its price."""
        return self.own_ticks or TICK_TABLES[self.market]

    @property
    def fractional(self) -> bool:
        """Say whether fractions of a share can be traded: US stocks and funds."""
        return self.market == "US" and self.sec_type == STOCK

    def name_in(self, language: str) -> str:
        """Return the name in Tiger's language code: Chinese for zh_CN and zh_TW, else English."""
        return self.chinese_name if language.startswith("zh") else self.name
