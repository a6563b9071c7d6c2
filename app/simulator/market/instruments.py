"""What can be quoted: one record per listed stock, fund or index, and the tick table of its market."""

from dataclasses import dataclass
from datetime import date

from app.simulator.market.calendars import FIRST_DAY
from app.simulator.market.ticks import CN_TICKS, HK_TICKS, US_TICKS, TickTable

CURRENCIES = {"US": "USD", "HK": "HKD", "CN": "CNH"}
TICK_TABLES = {"US": US_TICKS, "HK": HK_TICKS, "CN": CN_TICKS}
STOCK = "STK"
INDEX = "IND"
FUTURE = "FUT"
DIGITAL = "CC"


@dataclass(frozen=True, slots=True)
class Instrument:
    """Describe one listing.

    ``reference_price`` is about where the price wanders, in ``currency``; ``volatility`` is annual, 0.25 for
    25 %; ``shares`` is the number outstanding. ``sec_type`` is STK (funds too), IND for an index, which can
    be quoted but not traded, FUT or CC. ``sells_odd_lots`` says that less than a lot of it may be sold, in Hong Kong.
    ``path`` names the price path that it follows, if that is not its own; ``clock`` the calendar and ``own_ticks``
    the grid, if they are not its market's.
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
    path: str = ""
    clock: str = ""
    own_ticks: TickTable | None = None

    @property
    def calendar_name(self) -> str:
        """Return the name of the calendar that it trades by."""
        return self.clock or self.market

    @property
    def currency(self) -> str:
        """Return the trading currency: USD, HKD or CNH."""
        return CURRENCIES[self.market]

    @property
    def ticks(self) -> TickTable:
        """Return its tick table, which is its market's unless it has one of its own."""
        return self.own_ticks or TICK_TABLES[self.market]

    @property
    def round_lot(self) -> int:
        """Return the step in which sizes are quoted: a hundred shares in the United States."""
        return 100 if self.market == "US" and self.sec_type in {STOCK, INDEX} else self.lot_size

    @property
    def fractional(self) -> bool:
        """Say whether fractions of a share can be traded: US stocks and funds."""
        return self.market == "US" and self.sec_type == STOCK

    def name_in(self, language: str) -> str:
        """Return the name in Tiger's language code: Chinese for zh_CN and zh_TW, else English."""
        return self.chinese_name if language.startswith("zh") else self.name
