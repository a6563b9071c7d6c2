"""Orders of every kind at random, each as a client of the gateway writes it and as the SDK's own helpers make it."""

import random
from collections.abc import Iterator
from typing import Any

from tigeropen.common.util import order_utils as make
from tigeropen.common.util.contract_utils import cc_contract, fund_contract, future_contract, stock_contract
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.domain.order import Order

from tests.simulator.instruments import find_expiry, get_leg, get_option
from tests.simulator.trader import Trader

Body = dict[str, Any]
Pair = tuple[Body, Order]
PATHS = {"pair": "/api/trade/place-oca-order"}
PLACE = "/api/trade/place-order"
LATER_MS = 1_900_000_000_000
FUND = "LU0417517546.USD"
TIMES = ("DAY", "GTC")


class SameOrders:
    """Draw orders for one trader; the same seed makes the same ones."""

    def __init__(self, trader: Trader, seed: int) -> None:
        self.account, self.trader = trader.account, trader
        # The draws must repeat; nothing secret hangs on them.
        self.random = random.Random(seed)  # noqa: S311
        self.expiries = {symbol: find_expiry(trader, 2, symbol) for symbol in ("AAPL", "TCH.HK")}
        market = trader.simulator._assembly.engine.prices.market
        self.future_code = market.futures.front("MES", trader.simulator.now_ms).code
        warrants = market.derivatives.warrants("00700", trader.simulator.now_ms)
        codes = {warrant.sec_type: warrant.symbol for warrant in warrants}
        self.told = {kind: trader.client.get_contract(codes[kind], kind) for kind in ("WAR", "IOPT")}
        self.makers = {
            name: getattr(self, name)
            for name in (
                *("market", "limit", "stop", "stop_limit", "trail", "fraction", "amount", "until", "session"),
                *("auction", "weighted", "iceberg", "bracket", "pair", "combination"),
                *("option", "hong_kong_option", "future", "warrant", "fund", "coin"),
            )
        }

    def draw(self, rounds: int) -> Iterator[tuple[str, Body, Order]]:
        """Yield kind, body and order, so many of each kind."""
        for _ in range(rounds):
            for kind, maker in self.makers.items():
                yield kind, *maker()

    def stock(self) -> tuple[Body, Contract, int]:
        """Return a stock with a quantity of it."""
        symbol, currency, lot = self.random.choice([("AAPL", "USD", 1), ("MSFT", "USD", 1), ("00700", "HKD", 100)])
        return {"symbol": symbol, "action": self.side()}, stock_contract(symbol, currency), lot * self.whole(1, 9)

    def side(self) -> str:
        return self.random.choice(["BUY", "SELL"])

    def whole(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def price(self) -> float:
        return self.whole(2, 40) / 2

    def time(self) -> str:
        return self.random.choice(TIMES)

    def market(self) -> Pair:
        body, contract, quantity = self.stock()
        order = make.market_order(self.account, contract, body["action"], quantity)
        return body | {"order_type": "MKT", "quantity": quantity}, order

    def limit(self) -> Pair:
        body, contract, quantity = self.stock()
        price, time = self.price(), self.time()
        order = make.limit_order(self.account, contract, body["action"], quantity, price, time)
        said = {"order_type": "LMT", "quantity": quantity, "limit_price": price, "time_in_force": time}
        if self.random.random() < 0.5:
            order.outside_rth = said["outside_rth"] = self.random.random() < 0.5
        return body | said, order

    def stop(self) -> Pair:
        body, contract, quantity = self.stock()
        price, time = self.price(), self.time()
        order = make.stop_order(self.account, contract, body["action"], quantity, price, time)
        return body | {"order_type": "STP", "quantity": quantity, "stop_price": price, "time_in_force": time}, order

    def stop_limit(self) -> Pair:
        body, contract, quantity = self.stock()
        limit, stop = self.price(), self.price()
        order = make.stop_limit_order(self.account, contract, body["action"], quantity, limit, stop)
        return body | {"order_type": "STP_LMT", "quantity": quantity, "limit_price": limit, "stop_price": stop}, order

    def trail(self) -> Pair:
        body, contract, quantity = self.stock()
        figure = self.whole(1, 20) / 4
        if self.random.random() < 0.5:
            order = make.trail_order(self.account, contract, body["action"], quantity, trailing_percent=figure)
            return body | {"order_type": "TRAIL", "quantity": quantity, "trailing_percent": figure}, order
        order = make.trail_order(self.account, contract, body["action"], quantity, aux_price=figure)
        return body | {"order_type": "TRAIL", "quantity": quantity, "trailing_amount": figure}, order

    def fraction(self) -> Pair:
        units, scale = self.whole(1, 9_999) * 10 + 1, self.whole(1, 5)
        order = make.market_order(self.account, stock_contract("AAPL", "USD"), "BUY", units)
        order.quantity_scale = scale
        return {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "quantity": units / 10**scale}, order

    def amount(self) -> Pair:
        money, contract = self.whole(10, 900) / 2, stock_contract("AAPL", "USD")
        if self.random.random() < 0.5:
            order = make.market_order_by_amount(self.account, contract, "BUY", money)
            return {"symbol": "AAPL", "action": "BUY", "order_type": "MKT", "cash_amount": money}, order
        price = self.price()
        order = make.limit_order_by_amount(self.account, contract, "BUY", money, price)
        said = {"order_type": "LMT", "cash_amount": money, "limit_price": price}
        return {"symbol": "AAPL", "action": "BUY", **said}, order

    def until(self) -> Pair:
        body, order = self.limit()
        order.time_in_force, order.expire_time = "GTD", LATER_MS + self.whole(1, 9) * 1_000
        return body | {"time_in_force": "GTD", "expire_time": order.expire_time}, order

    def session(self) -> Pair:
        body, order = self.limit()
        sessions: tuple[str, ...] = ("HK_AUC", "HK_CTS", "HK_AUC_CTS")
        if body["symbol"] != "00700":
            sessions = ("RTH", "PRE_RTH_POST", "OVERNIGHT", "FULL")
        order.trading_session_type = self.random.choice(sessions)
        return body | {"trading_session": order.trading_session_type}, order

    def auction(self) -> Pair:
        contract, quantity, side = stock_contract("00700", "HKD"), 100 * self.whole(1, 5), self.side()
        time = self.random.choice(["DAY", "OPG"])
        body = {"symbol": "00700", "action": side, "quantity": quantity, "time_in_force": time}
        if self.random.random() < 0.5:
            return body | {"order_type": "AM"}, make.auction_market_order(self.account, contract, side, quantity, time)
        price = 500.0 + self.whole(1, 9)
        order = make.auction_limit_order(self.account, contract, side, quantity, price, time)
        return body | {"order_type": "AL", "limit_price": price}, order

    def weighted(self) -> Pair:
        strategy = self.random.choice(["TWAP", "VWAP"])
        said: Body = {"start_time": LATER_MS, "end_time": LATER_MS + self.whole(1, 9) * 600_000}
        said["allow_past_end_time"] = self.random.random() < 0.5
        further: Body = {}
        if strategy == "VWAP":
            further = {"participation_rate": self.whole(1, 50) / 100, "no_take_liq": self.random.random() < 0.5}
        params = make.algo_order_params(**said, **further)
        quantity, limit = self.whole(10, 90), self.random.choice([None, 1.5])
        contract = stock_contract("MSFT", "USD")
        order = make.algo_order(self.account, contract, "BUY", quantity, strategy, params, limit)
        if further:
            further["no_take_liquidity"] = further.pop("no_take_liq")
        named = {"symbol": "MSFT", "action": "BUY", "order_type": strategy, "quantity": quantity, "limit_price": limit}
        return named | said | further, order

    def iceberg(self) -> Pair:
        quantity, price, shown = self.whole(10, 90), self.price(), self.whole(2, 9)
        said = {
            "min_display_size": self.random.choice([None, 1, 2]),
            "check_intervals": self.random.choice([None, 30]),
            "price_type": self.random.choice(["LIMIT_PRICE", "ASK_PRICE", "BID_PRICE", "LATEST_PRICE"]),
            "start_time": self.random.choice([None, LATER_MS]),
        }
        contract = stock_contract("AAPL", "USD")
        order = make.iceberg_order(self.account, contract, "BUY", quantity, price, shown, **said)
        body = {"symbol": "AAPL", "action": "BUY", "order_type": "ICEBERG", "quantity": quantity, "limit_price": price}
        said["check_interval_seconds"] = said.pop("check_intervals")
        return body | {"display_size": shown} | said, order

    def bracket(self) -> Pair:
        quantity, price = self.whole(1, 9), 100.0
        body: Body = {
            "symbol": "AAPL",
            "action": "BUY",
            "order_type": "LMT",
            "quantity": quantity,
            "limit_price": price,
        }
        legs, time = [], self.time()
        if self.random.random() < 0.7:
            outside = self.random.choice([None, True, False])
            body["take_profit"] = {"limit_price": 140.0, "time_in_force": time, "outside_rth": outside}
            legs.append(make.order_leg("PROFIT", 140.0, time, outside))
        if not legs or self.random.random() < 0.7:
            losses: list[Body] = [{"stop_price": 90.5}, {"stop_price": 90.0, "limit_price": 89.5}]
            loss = self.random.choice([*losses, {"trailing_percent": 5}, {"trailing_amount": 2.5}])
            body["stop_loss"] = {**loss, "time_in_force": time}
            named = dict(loss)
            legs.append(make.order_leg("LOSS", named.pop("stop_price", None), time, **named))
        contract = stock_contract("AAPL", "USD")
        return body, make.limit_order_with_legs(self.account, contract, "BUY", quantity, price, legs)

    def pair(self) -> Pair:
        quantity, limit, stop = self.whole(1, 9), 900.0 + self.price(), self.price()
        both = {"symbol": "AAPL", "action": "SELL", "quantity": quantity, "time_in_force": self.time()}
        legs = [make.order_leg("LMT", limit, both["time_in_force"])]
        orders: list[Body] = [{**both, "order_type": "LMT", "limit_price": limit}]
        if self.random.random() < 0.5:
            legs.append(make.order_leg("STP", stop, both["time_in_force"]))
            orders.append({**both, "order_type": "STP", "stop_price": stop})
        else:
            legs.append(make.order_leg("STP_LMT", stop, both["time_in_force"], limit_price=stop / 2))
            orders.append({**both, "order_type": "STP_LMT", "stop_price": stop, "limit_price": stop / 2})
        contract = stock_contract("AAPL", "USD")
        return {"orders": orders}, make.oca_order(self.account, contract, "SELL", legs, quantity)

    def combination(self) -> Pair:
        strategy = self.random.choice(["VERTICAL", "STRADDLE", "STRANGLE", "CUSTOM"])
        rights = {"VERTICAL": "CC", "STRADDLE": "CP", "STRANGLE": "CP", "CUSTOM": "PC"}[strategy]
        strikes = (195, 195) if strategy == "STRADDLE" else (195, 205)
        sides = ("BUY", "SELL") if strategy in {"VERTICAL", "CUSTOM"} else ("BUY", "BUY")
        names, expiry, ratio = {"C": "CALL", "P": "PUT"}, self.expiries["AAPL"], self.whole(1, 3)
        parts = [(strike, names[right], side) for strike, right, side in zip(strikes, rights, sides, strict=True)]
        legs = [get_leg(get_option(strike, right, expiry), side, ratio) for strike, right, side in parts]
        said = [
            {"symbol": "AAPL", "expiry": expiry, "strike": strike, "put_call": right, "action": side, "ratio": ratio}
            for strike, right, side in parts
        ]
        side, quantity, limit = self.side(), self.whole(1, 3), self.random.choice([-1.5, 0.05, 2.5])
        order = make.combo_order(self.account, legs, strategy, side, quantity, "LMT", limit)
        body: Body = {"legs": said, "strategy": strategy, "action": side, "order_type": "LMT", "quantity": quantity}
        return body | {"limit_price": limit}, order

    def option(self) -> Pair:
        return self._option("AAPL", self.random.choice([190, 195, 200]))

    def hong_kong_option(self) -> Pair:
        return self._option("TCH.HK", self.random.choice([600, 610, 620]))

    def _option(self, symbol: str, strike: int) -> Pair:
        right, quantity, expiry = self.random.choice(["CALL", "PUT"]), self.whole(1, 3), self.expiries[symbol]
        order = make.limit_order(self.account, get_option(strike, right, expiry, symbol), "BUY", quantity, 0.05)
        named = {"symbol": symbol, "expiry": expiry, "strike": strike, "put_call": right, "action": "BUY"}
        return named | {"order_type": "LMT", "quantity": quantity, "limit_price": 0.05}, order

    def future(self) -> Pair:
        code = self.random.choice([self.future_code, "MESmain"])
        price, quantity = 1_000 + self.whole(1, 9) / 4, self.whole(1, 3)
        order = make.limit_order(self.account, future_contract(code, "USD"), "BUY", quantity, price)
        body = {"symbol": code, "action": "BUY", "order_type": "LMT", "quantity": quantity, "limit_price": price}
        return body, order

    def warrant(self) -> Pair:
        contract = self.told[self.random.choice(["WAR", "IOPT"])]
        order = make.limit_order(self.account, contract, "BUY", 10_000, 0.01)
        body = {"symbol": contract.symbol, "sec_type": contract.sec_type, "action": "BUY", "order_type": "LMT"}
        return body | {"quantity": 10_000, "limit_price": 0.01}, order

    def fund(self) -> Pair:
        money = self.whole(100, 500)
        order = make.market_order_by_amount(self.account, fund_contract(FUND), "BUY", money)
        body = {"symbol": FUND, "sec_type": "FUND", "action": "BUY", "order_type": "MKT", "cash_amount": money}
        return body, order

    def coin(self) -> Pair:
        units, contract = self.whole(1, 9), cc_contract("BTC/USD")
        order = make.limit_order(self.account, contract, "BUY", units, 1_000.0)
        order.quantity_scale = 3
        body = {"symbol": "BTC/USD", "sec_type": "CC", "action": "BUY", "order_type": "LMT"}
        return body | {"quantity": units / 1_000, "limit_price": 1_000.0}, order
