"""A trader: places small orders that rest, under an idempotency key, and looks at what the simulator holds."""

import itertools
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.gateway import get_gateway
from app.orders.states import State
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.support.client import FIRST, Client

FATAL_KEY = "fatal"
"""The idempotency key of the order that a dying worker dies of."""

_prices = itertools.count(201)


@dataclass(frozen=True)
class Trader:
    """Speak for the first account; each key stands for an order at a price of its own."""

    app: Flask
    simulator: Simulator

    @property
    def client(self) -> Client:
        """Return the client below."""
        return Client(self.app)

    def place(self, key: str | None = None, **fields: Any) -> TestResponse:
        """Place an order that rests, under this key."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.send("/api/trade/place-order", get_order(**fields), **headers)

    def modify(self, order_id: str, key: str | None = None, **fields: Any) -> TestResponse:
        """Change an order."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.send(
            "/api/trade/modify-order", {"account": FIRST, "order_id": order_id, **fields}, **headers
        )

    def cancel(self, order_id: str, key: str | None = None) -> TestResponse:
        """Cancel an order."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.send("/api/trade/cancel-order", {"account": FIRST, "order_id": order_id}, **headers)

    def status(self, **name: str) -> dict[str, Any]:
        """Ask what became of an order command."""
        answer: dict[str, Any] = self.client.data("/api/trade/order-status", **name)
        return answer

    def count(self, *states: State) -> int:
        """Return how many commands the journal has in these states."""
        commands = get_gateway(self.app).journal_stats.fetch().commands
        return sum(number for (_, state), number in commands.items() if state in states)

    def inject(self, kind: str, method: str = "place_order", **fields: Any) -> None:
        """Put a fault in force for the next call."""
        self.simulator.inject(Fault(kind, method=method, **{"times": 1, **fields}))

    def held(self, price: float) -> list[dict[str, Any]]:
        """Return the orders at this price that the simulator holds."""
        return [order for order in self.simulator.orders(FIRST) if order.get("limitPrice") == price]


def get_order(**fields: Any) -> dict[str, Any]:
    """Return the body of an order that rests in the book."""
    body = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}
    return {"account": FIRST, **body, **fields}


def get_price() -> float:
    """Return a price that no other order of this run has."""
    return next(_prices) / 100
