"""A gateway of one worker, which may be killed or stopped over the fatal order."""

import contextlib
import http.client
import json
from dataclasses import dataclass
from typing import Any

from app.simulator.running import Simulator
from bench.campaign.services import Gateway
from tests.orders.trader import FATAL_KEY, get_order
from tests.support.client import FIRST, FULL_KEY


@dataclass(frozen=True)
class OneWorker:
    """A gateway with one worker, and an order at a price of its own."""

    gateway: Gateway
    simulator: Simulator
    price: float

    def ask(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send a request; status 0 where the worker died under it."""
        headers = {"Authorization": f"Bearer {FULL_KEY}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=20)
        with contextlib.closing(connection):
            try:
                connection.request("POST", path, json.dumps(body), headers | {"Idempotency-Key": FATAL_KEY})
                response = connection.getresponse()
                return response.status, json.loads(response.read())
            except (OSError, http.client.HTTPException):
                return 0, {}

    def place(self) -> tuple[int, dict[str, Any]]:
        """Place the fatal order."""
        return self.ask("/api/trade/place-order", get_order(limit_price=self.price))

    def outcome(self) -> str:
        """Return what the gateway says became of it."""
        _, body = self.ask("/api/trade/order-status", {"account": FIRST, "client_order_id": FATAL_KEY})
        return str(body.get("data", {}).get("outcome"))

    def held(self) -> list[str]:
        """Return the ids of its orders at the simulator."""
        return [str(order["id"]) for order in self.simulator.orders(FIRST) if order.get("limitPrice") == self.price]
