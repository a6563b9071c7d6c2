"""Orders of every kind at random, as clients write them; the same seed makes the same ones."""

import random
from collections.abc import Callable
from typing import Any

from app.simulator.running import Simulator
from tests.orders.statements import read_fresh
from tests.support.client import Client

Body = dict[str, Any]
Drawn = tuple[str, Body]
LEVELS = {"AAPL": (185, 215), "MSFT": (480, 530), "00700": (560, 640)}
FUND = "LU0417517546.USD"
PLACE, PAIR, CLOSE = (f"/api/trade/{name}" for name in ("place-order", "place-oca-order", "close-position"))
STRATEGIES = {"VERTICAL": "CC", "STRADDLE": "CP", "STRANGLE": "CP", "CUSTOM": "PC"}
RIGHTS = {"C": "CALL", "P": "PUT"}
TWENTY_MINUTES_MS = 1_200_000


class RandomBodies:
    """Draw requests that order something; ``new_day`` learns what there is to be ordered."""

    def __init__(self, client: Client, simulator: Simulator, seed: int) -> None:
        self.client, self.simulator = client, simulator
        # The draws must repeat; nothing secret hangs on them.
        self.random = random.Random(seed)  # noqa: S311
        self.expiries: dict[str, list[str]] = {}
        self.futures: list[str] = []
        self.warrants: list[tuple[str, str]] = []
        self.makers: dict[str, Callable[[], Drawn | None]] = {
            "stock": self.stock,
            "amount": self.amount,
            "option": lambda: self.option("AAPL", range(180, 225, 5)),
            "option of Hong Kong": lambda: self.option("TCH.HK", range(560, 650, 10)),
            "future": self.future,
            "warrant": self.warrant,
            "fund": self.fund,
            "coin": self.coin,
            "bracket": self.bracket,
            "pair": self.pair,
            "combination": self.combination,
            "algorithm": self.algorithm,
            "iceberg": self.iceberg,
            "auction": self.auction,
            "closing": self.closing,
        }

    def draw(self, number: int) -> tuple[str, Drawn | None]:
        """Return a kind, each in its turn at first, and what it orders, if there is anything."""
        kinds = list(self.makers)
        kind = kinds[number] if number < len(kinds) else self.random.choice(kinds)
        return kind, self.makers[kind]()

    def new_day(self) -> None:
        """Learn which options, futures and warrants there are now, and move the prices that options hang on."""
        for symbol in ("AAPL", "TCH.HK"):
            self.expiries[symbol] = read_fresh(self.client, "/api/market/option-chain", symbol=symbol)["expirations"]
        self.futures = [
            read_fresh(self.client, "/api/info/futures", type=product)["current"]["symbol"] for product in ("MES", "GC")
        ]
        listed = read_fresh(self.client, "/api/market/warrants", symbol="00700", limit=12)["warrants"]
        self.warrants = [(row["symbol"], row["sec_type"]) for row in listed]
        for symbol, (low, high) in LEVELS.items():
            self.simulator.set_price(symbol, self.random.randint(low, high))

    def stock(self) -> Drawn:
        symbol = self.random.choice(["AAPL", "MSFT", "TSLA", "00700"])
        quantity: float = 100 if symbol == "00700" else self.random.choice([1, 7, 50])
        kind = self.random.choice(["LMT", "STP", "MKT", "MKT"])
        if kind == "LMT":
            return self.place(symbol=symbol, order_type=kind, quantity=quantity, limit_price=self.one_of(100, 700))
        if kind == "STP":
            return self.place(symbol=symbol, order_type=kind, quantity=quantity, stop_price=500)
        if symbol != "00700" and self.random.random() < 0.5:
            quantity = self.random.randint(1, 99_999) / 10_000
        return self.place(symbol=symbol, order_type=kind, quantity=quantity)

    def amount(self) -> Drawn:
        return self.place("BUY", symbol="MSFT", order_type="MKT", cash_amount=self.random.randint(1, 900))

    def option(self, symbol: str, strikes: range) -> Drawn:
        named = {"symbol": symbol, "put_call": self.one_of("CALL", "PUT"), "strike": self.random.choice(strikes)}
        named["expiry"] = self.random.choice(self.expiries[symbol][:3])
        prices = {"order_type": "LMT", "limit_price": 3} if self.random.random() < 0.3 else {"order_type": "MKT"}
        return self.place(**named, **prices, quantity=self.random.randint(1, 3))

    def future(self) -> Drawn:
        return self.place(symbol=self.random.choice(self.futures), sec_type="FUT", order_type="MKT", quantity=1)

    def warrant(self) -> Drawn:
        symbol, sec_type = self.random.choice(self.warrants)
        return self.place(
            self.one_of("BUY", "BUY", "SELL"), symbol=symbol, sec_type=sec_type, order_type="MKT", quantity=2_000
        )

    def fund(self) -> Drawn:
        named = {"symbol": FUND, "sec_type": "FUND", "order_type": "MKT"}
        if self.random.random() < 0.3:
            return self.place("SELL", **named, quantity=1.5)
        return self.place("BUY", **named, cash_amount=self.random.randint(100, 500))

    def coin(self) -> Drawn:
        named = {"symbol": self.one_of("BTC/USD", "ETH/USD"), "sec_type": "CC", "order_type": "MKT"}
        if self.random.random() < 0.4:
            return self.place("SELL", **named, quantity=0.002)
        return self.place("BUY", **named, cash_amount=self.random.randint(10, 900))

    def bracket(self) -> Drawn:
        attached = {
            "take_profit": {"limit_price": 540, "time_in_force": "GTC"},
            "stop_loss": {"stop_price": 470, "time_in_force": "GTC"},
        }
        wanted = self.random.choice([["take_profit"], ["stop_loss"], list(attached)])
        chosen = {name: attached[name] for name in wanted}
        return self.place("BUY", symbol="MSFT", order_type="LMT", quantity=5, limit_price=535, **chosen)

    def pair(self) -> Drawn:
        both = {"symbol": "AAPL", "action": "SELL", "quantity": 3}
        profit = {**both, "order_type": "LMT", "limit_price": self.random.randint(190, 230)}
        return PAIR, {"orders": [profit, {**both, "order_type": "STP", "stop_price": 186}]}

    def combination(self) -> Drawn:
        strategy = self.random.choice(list(STRATEGIES))
        sides = ("BUY", "SELL") if strategy in {"VERTICAL", "CUSTOM"} else ("BUY", "BUY")
        strikes = (195, 195) if strategy == "STRADDLE" else (195, 205)
        of = {"symbol": "AAPL", "expiry": self.random.choice(self.expiries["AAPL"][:3])}
        legs = [
            {**of, "put_call": RIGHTS[right], "strike": strike, "action": side}
            for right, strike, side in zip(STRATEGIES[strategy], strikes, sides, strict=True)
        ]
        return self.place(legs=legs, strategy=strategy, order_type="MKT", quantity=self.random.randint(1, 2))

    def algorithm(self) -> Drawn:
        begin = self.simulator.now_ms
        times: Body = {"start_time": begin, "end_time": begin + TWENTY_MINUTES_MS}
        return self.place(symbol="NFLX", order_type=self.one_of("TWAP", "VWAP"), quantity=20, **times)

    def iceberg(self) -> Drawn:
        shown: Body = {"display_size": 3, "check_interval_seconds": 60}
        return self.place("BUY", symbol="AAPL", order_type="ICEBERG", quantity=9, limit_price=230, **shown)

    def auction(self) -> Drawn:
        return self.place(symbol="00700", order_type="AM", quantity=100)

    def closing(self) -> Drawn | None:
        """Close something that is held, or half of it, if anything is."""
        held = read_fresh(self.client, "/api/trade/positions", sec_type="ALL")["positions"]
        if not held:
            return None
        row = self.random.choice(held)
        is_option = row["sec_type"] == "OPT"
        names = ("symbol", "sec_type", *(("expiry", "strike", "put_call") if is_option else ()))
        return CLOSE, {name: row[name] for name in names}

    def place(self, action: str | None = None, **fields: Any) -> Drawn:
        return PLACE, {"action": action or self.one_of("BUY", "SELL"), **fields}

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)
