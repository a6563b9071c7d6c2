"""Digital assets: a few pairs against the dollar, which trade at any hour of any day."""

from dataclasses import dataclass
from decimal import Decimal

from app.simulator.market.instruments import DIGITAL, Instrument
from app.simulator.market.ticks import TickTable

COIN_GRAIN = Decimal("0.000001")
"""The smallest part of a coin that is traded."""
_COINS = 20_000_000
_TICKS = TickTable(10_000, (), (100,))


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
DIGITAL_ASSETS = {
    coin.symbol: Instrument(
        coin.symbol, coin.name, coin.chinese_name, "US", "", coin.level, coin.volatility, _COINS, DIGITAL, clock="CC",
        own_ticks=_TICKS, shortable=False,
    )
    for coin in COINS.values()
}  # fmt: skip
"""What carries the price of each pair."""


def find_coin(symbol: str) -> Coin | None:
    """Return a pair by its symbol; ``BTC.USD`` and ``BTC/USD`` are one."""
    return COINS.get(symbol.upper().replace(".", "/"))
