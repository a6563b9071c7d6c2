"""Orders of every kind at random, made with the SDK's own helpers; the same seed makes the same ones."""

import random
from collections.abc import Callable, Iterator

from tigeropen.common.util import order_utils as make
from tigeropen.common.util.contract_utils import cc_contract, fund_contract, future_contract, stock_contract
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.domain.order import Order

from tests.simulator.instruments import get_leg, get_option
from tests.simulator.trader import Trader

LEVELS = {"AAPL": (185, 215), "MSFT": (480, 530), "00700": (560, 640)}
FUND = "LU0417517546.USD"


class RandomOrders:
    """Draw orders for one trader; ``expiries`` are the option dates of AAPL and TCH.HK that may be used now."""

    def __init__(self, trader: Trader, seed: int) -> None:
        self.trader = trader
        # The draws must repeat; nothing secret hangs on them.
        self.random = random.Random(seed)  # noqa: S311
        self.expiries: dict[str, list[str]] = {}
        self.makers: dict[str, Callable[[], Order]] = {
            "stock": self.stock,
            "amount": self.amount,
            "option": self.option,
            "hong kong option": self.hong_kong_option,
            "future": self.future,
            "warrant": self.warrant,
            "fund": self.fund,
            "coin": self.coin,
            "bracket": self.bracket,
            "group": self.group,
            "combination": self.combination,
            "algorithm": self.algorithm,
            "iceberg": self.iceberg,
            "auction": self.auction,
        }

    def draw(self) -> Iterator[tuple[str, Order]]:
        """Yield kinds and orders without end."""
        while True:
            kind = self.random.choice(list(self.makers))
            yield kind, self.makers[kind]()

    def new_day(self) -> None:
        """Learn which options and futures there are now, and move the prices that options hang on."""
        quotes = self.trader.quotes()
        for symbol in ("AAPL", "TCH.HK"):
            dates = quotes.get_option_expirations([symbol]).date
            self.expiries[symbol] = [str(on).replace("-", "") for on in dates[:3]]
        for symbol, (low, high) in LEVELS.items():
            self.trader.simulator.set_price(symbol, self.random.randint(low, high))

    def closing(self) -> Order | None:
        """Return an order that closes something that is held, if anything is."""
        held = self.trader.client.get_positions(sec_type="ALL")
        if not held:
            return None
        position = self.random.choice(held)
        quantity, scale = abs(position.quantity), position.position_scale
        action = "SELL" if position.quantity > 0 else "BUY"
        order = make.market_order(self.trader.account, position.contract, action, quantity)
        order.quantity_scale = scale or None
        return order

    def stock(self) -> Order:
        symbol = self.random.choice(["AAPL", "MSFT", "TSLA", "00700"])
        currency = "HKD" if symbol == "00700" else "USD"
        contract = stock_contract(symbol, currency)
        quantity = self.random.choice([1, 7, 50]) if currency == "USD" else 100
        side = self.side()
        kind = self.random.randrange(4)
        if kind == 0:
            return make.limit_order(self.trader.account, contract, side, quantity, self.random.choice([100.0, 700.0]))
        if kind == 1:
            return make.stop_order(self.trader.account, contract, side, quantity, 500.0)
        order = make.market_order(self.trader.account, contract, side, quantity)
        if kind == 2 and currency == "USD":
            order.quantity, order.quantity_scale = self.random.randint(1, 99_999), 4
        return order

    def amount(self) -> Order:
        contract = stock_contract("MSFT", "USD")
        return make.market_order_by_amount(self.trader.account, contract, "BUY", self.random.randint(1, 900))

    def option(self) -> Order:
        return self._option("AAPL", range(180, 225, 5))

    def hong_kong_option(self) -> Order:
        return self._option("TCH.HK", range(560, 650, 10))

    def _option(self, symbol: str, strikes: range) -> Order:
        contract = self.pick(symbol, strikes)
        quantity = self.random.randint(1, 3)
        if self.random.random() < 0.3:
            return make.limit_order(self.trader.account, contract, self.side(), quantity, 3.0)
        return make.market_order(self.trader.account, contract, self.side(), quantity)

    def pick(self, symbol: str, strikes: range, right: str | None = None) -> Contract:
        expiry = self.random.choice(self.expiries[symbol])
        return get_option(self.random.choice(strikes), right or self.random.choice(["CALL", "PUT"]), expiry, symbol)

    def future(self) -> Order:
        code = self.random.choice(["MESmain", "CLmain", self.front("MES"), self.front("GC")])
        contract = future_contract(code, "USD")
        return make.market_order(self.trader.account, contract, self.side(), 1)

    def front(self, product: str) -> str:
        market = self.trader.simulator._assembly.engine.prices.market
        return market.futures.front(product, self.trader.simulator.now_ms).code

    def warrant(self) -> Order:
        market = self.trader.simulator._assembly.engine.prices.market
        found = self.random.choice(market.derivatives.warrants("00700", self.trader.simulator.now_ms)[:12])
        contract = Contract(found.symbol, "HKD", sec_type=found.sec_type)
        return make.market_order(self.trader.account, contract, self.random.choice(["BUY", "BUY", "SELL"]), 2000)

    def fund(self) -> Order:
        if self.random.random() < 0.3:
            order = make.market_order(self.trader.account, fund_contract(FUND), "SELL", 15)
            order.quantity_scale = 1
            return order
        amount = self.random.randint(100, 500)
        return make.market_order_by_amount(self.trader.account, fund_contract(FUND), "BUY", amount)

    def coin(self) -> Order:
        contract = cc_contract(self.random.choice(["BTC/USD", "ETH/USD"]))
        if self.random.random() < 0.4:
            order = make.market_order(self.trader.account, contract, "SELL", 2)
            order.quantity_scale = 3
            return order
        return make.market_order_by_amount(self.trader.account, contract, "BUY", self.random.randint(10, 900))

    def bracket(self) -> Order:
        legs = [make.order_leg("PROFIT", 540.0, "GTC"), make.order_leg("LOSS", 470.0, "GTC")]
        return make.limit_order_with_legs(
            self.trader.account, stock_contract("MSFT", "USD"), "BUY", 5, 535.0, legs[: self.random.randint(1, 2)]
        )

    def group(self) -> Order:
        legs = [make.order_leg("LMT", float(self.random.randint(190, 230))), make.order_leg("STP", 186.0)]
        return make.oca_order(self.trader.account, stock_contract("AAPL", "USD"), "SELL", legs, 3)

    def combination(self) -> Order:
        strategy = self.random.choice(["VERTICAL", "STRADDLE", "STRANGLE", "CUSTOM"])
        near, far, expiry = 195, 205, self.random.choice(self.expiries["AAPL"])
        rights = {"VERTICAL": "CC", "STRADDLE": "CP", "STRANGLE": "CP", "CUSTOM": "PC"}[strategy]
        strikes = (near, near) if strategy == "STRADDLE" else (near, far)
        sides = ("BUY", "SELL") if strategy in {"VERTICAL", "CUSTOM"} else ("BUY", "BUY")
        names = {"C": "CALL", "P": "PUT"}
        legs = [
            get_leg(get_option(strike, names[right], expiry), side)
            for strike, right, side in zip(strikes, rights, sides, strict=True)
        ]
        return make.combo_order(self.trader.account, legs, strategy, self.side(), self.random.randint(1, 2), "MKT")

    def algorithm(self) -> Order:
        now = self.trader.simulator.now_ms
        params = make.algo_order_params(start_time=now, end_time=now + 1_200_000)
        strategy = self.random.choice(["TWAP", "VWAP"])
        return make.algo_order(self.trader.account, stock_contract("TSLA", "USD"), self.side(), 20, strategy, params)

    def iceberg(self) -> Order:
        contract = stock_contract("AAPL", "USD")
        return make.iceberg_order(self.trader.account, contract, "BUY", 9, 230.0, display_size=3, check_intervals=60)

    def auction(self) -> Order:
        return make.auction_market_order(self.trader.account, stock_contract("00700", "HKD"), self.side(), 100)

    def side(self) -> str:
        return self.random.choice(["BUY", "SELL"])
