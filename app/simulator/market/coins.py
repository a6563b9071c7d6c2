"""Quotes of digital assets."""

from decimal import Decimal

from app.simulator.market.digital import COIN_GRAIN, COINS, Coin, find_coin
from app.simulator.market.exchange import Exchange
from app.simulator.market.prices import PriceSeries
from app.simulator.market.quotes import Quote

__all__ = ["COINS", "COIN_GRAIN", "Coin", "Coins"]


class Coins:
    """Quote digital assets; ``BTC.USD`` and ``BTC/USD`` are one."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def coin(self, symbol: str) -> Coin | None:
        """Return a pair by its symbol."""
        return find_coin(symbol)

    def quote(self, coin: Coin, at_ms: int | None = None) -> Quote:
        """Return a pair's quote, now or as of a moment; sizes are whole coins, at least one."""
        return self._exchange.quote(coin.symbol, at_ms)

    def series(self, coin: Coin) -> PriceSeries:
        """Return the prices of a pair."""
        return self._exchange.series(coin.symbol)

    def set_price(self, symbol: str, price: Decimal | None) -> None:
        """Hold a pair's price from now on; None lets it follow its path again."""
        coin = self.coin(symbol)
        if coin is None:
            raise KeyError(symbol)
        self._exchange.set_price(coin.symbol, price)
