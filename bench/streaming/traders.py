"""Programs that trade on the accounts: through the gateway, and past it by Tiger's own SDK."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.common.util.order_utils import limit_order, market_order
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.trade_client import TradeClient

from bench.streaming.clients import KEY

RESTING_PRICE = 1.0


@dataclass
class Trader:
    """Place orders that fill, and orders that rest and are cancelled, until so many are placed in all."""

    accounts: Sequence[str]
    left: list[int]
    random: random.Random
    pause_seconds: float = 0.0
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Take the right to place one more."""
        with self.lock:
            self.left[0] -= 1
            return self.left[0] >= 0

    def run(self) -> None:
        """Trade."""
        while self.take():
            try:
                self.trade(self.random.choice(self.accounts), fills=self.random.random() < 0.5)
            except Exception:  # noqa: BLE001 - whatever goes wrong with one order, the next one is tried.
                self.failures += 1
            time.sleep(self.random.random() * 2 * self.pause_seconds)

    def trade(self, account: str, *, fills: bool) -> None:
        """Place one order, and cancel it where it rests."""
        raise NotImplementedError


@dataclass
class GatewayTrader(Trader):
    """Trade through a gateway."""

    ports: Sequence[int] = ()

    def trade(self, account: str, *, fills: bool) -> None:
        """Place one order, and cancel it where it rests."""
        kind = {"order_type": "MKT"} if fills else {"order_type": "LMT", "limit_price": RESTING_PRICE}
        order = {"account": account, "symbol": "AAPL", "action": "BUY", "quantity": 1, **kind}
        placed = self._post("/api/trade/place-order", order)
        if not fills and placed.get("success"):
            self._post("/api/trade/cancel-order", {"account": account, "order_id": placed["data"]["order_id"]})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.random.choice(self.ports), timeout=20)
        try:
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()


@dataclass
class SDKTrader(Trader):
    """Trade past the gateway."""

    credentials: Path = Path()

    def __post_init__(self) -> None:
        """Open a client for each account."""
        self._clients = {account: build_client(self.credentials, account) for account in self.accounts}

    def trade(self, account: str, *, fills: bool) -> None:
        """Place one order, and cancel it where it rests."""
        client, contract = self._clients[account], stock_contract("AAPL", "USD")
        order = (
            market_order(account, contract, "BUY", 1)
            if fills
            else limit_order(account, contract, "BUY", 1, RESTING_PRICE)
        )
        client.place_order(order)
        if not fills:
            client.cancel_order(account=account, id=order.id)


def build_client(credentials: Path, account: str) -> TradeClient:
    """Return a client of the SDK for an account, with the credential that has it."""
    folder = next(each for each in sorted(credentials.iterdir()) if _has(each, account))
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=str(folder))
    config.retry_max_tries, config.timeout, config.account = 0, 10, account
    return TradeClient(config)


OWNERS = {"67686635": "20154747", "66804149": "20153921", "20240830213609658": "20153921"}


def _has(folder: Path, account: str) -> bool:
    return OWNERS[account] in (folder / "tiger_openapi_config.properties").read_text(encoding="utf-8")
