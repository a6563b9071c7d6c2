"""Digital assets: a few pairs against the dollar, which trade at any hour of any day."""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.simulator.market.exchange import Exchange
from app.simulator.market.instruments import Instrument
from app.simulator.market.prices import PriceSeries
from app.simulator.market.quotes import Quote, get_quote
from app.simulator.market.ticks import TickTable

_TICKS = TickTable(10_000, (), (100,))
_LOT = 100
COIN_GRAIN = Decimal("0.000001")
"""The smallest part of a coin that is traded."""


@dataclass(frozen=True, slots=True)
class Coin:
    """Name a pair; ``smallest`` is the least amount of an order, in dollars."""

    symbol: str
    name: str
    chinese_name: str
    level: float
    volatility: float
    smallest: Decimal = Decimal(10)


_ROWS = (
    ("BTC/USD", "Bitcoin", "比特币", 104_000.0, 0.48),
    ("ETH/USD", "Ethereum", "以太坊", 3_900.0, 0.66),
    ("SOL/USD", "Solana", "索拉纳", 182.0, 0.80),
)
COINS = {row[0]: Coin(*row) for row in _ROWS}


class Coins:
    """Quote digital assets; ``BTC.USD`` and ``BTC/USD`` are one."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._series: dict[str, PriceSeries] = {}

    def coin(self, symbol: str) -> Coin | None:
        """Return a pair by its symbol."""
        return COINS.get(symbol.upper().replace(".", "/"))

    def quote(self, coin: Coin, at_ms: int | None = None) -> Quote:
        """Return a pair's quote, now or as of a moment; sizes are whole coins, at least one."""
        plain = get_quote(self.series(coin), self._exchange.now_ms() if at_ms is None else at_ms)
        return replace(plain, bid_size=plain.bid_size // _LOT, ask_size=plain.ask_size // _LOT)

    def series(self, coin: Coin) -> PriceSeries:
        """Return the prices of a pair."""
        if coin.symbol not in self._series:
            instrument = Instrument(
                coin.symbol, coin.name, coin.chinese_name, "US", "", coin.level, coin.volatility, 20_000_000, "CC",
                own_ticks=_TICKS,
            )  # fmt: skip
            real_hours = False
            self._series[coin.symbol] = PriceSeries(instrument, self._exchange.seed, real_hours)
        return self._series[coin.symbol]

    def set_price(self, symbol: str, price: Decimal | None) -> None:
        """Hold a pair's price from now on; None lets it follow its path again."""
        coin = self.coin(symbol)
        if coin is None:
            raise KeyError(symbol)
        self.series(coin).pin(None if price is None else float(price))
