"""The clients of a campaign: each repeats an order with the same idempotency key until it has a final answer."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KEY = "client_key_001"
ACCOUNTS = ("67686635", "66804149", "20240830213609658")
MOST_TRIES = 8
MOST_SECONDS = 240.0
FINAL = frozenset({200, 422})


@dataclass(frozen=True)
class Reply:
    """One answer to one try; ``status`` 0 where the connection broke."""

    status: int
    body: dict[str, Any]
    asked_at_ms: int
    answered_at_ms: int
    is_replayed: bool


@dataclass
class ClientOrder:
    """One order that a client wants exactly once; account and limit price tell it from all others."""

    number: int
    account: str
    price: float
    idempotency_key: str
    replies: list[Reply] = field(default_factory=list)
    tries: int = 0

    @property
    def last(self) -> Reply:
        """Return the last answer the client got."""
        return self.replies[-1]


def make_orders(count: int, seed: int) -> list[ClientOrder]:
    """Return orders that rest in the book, but for each tenth, which fills at once."""
    orders = []
    for number in range(count):
        price = 1_000 + number / 100 if number % 10 == 9 else 1 + number / 100
        orders.append(
            ClientOrder(number, ACCOUNTS[number % len(ACCOUNTS)], round(price, 2), f"campaign-{seed}-{number}")
        )
    return orders


@dataclass
class Clients:
    """So many clients at once, working off the orders; each try goes to one of the gateways at random."""

    ports: Sequence[int]
    orders: Sequence[ClientOrder]
    timeout_seconds: float
    seed: int
    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: int = 0

    def run(self, clients: int) -> list[threading.Thread]:
        """Start the clients and return their threads."""
        threads = [threading.Thread(target=self._work, args=(index,), daemon=True) for index in range(clients)]
        for thread in threads:
            thread.start()
        return threads

    def _work(self, index: int) -> None:
        chance = random.Random(f"{self.seed} {index}")  # noqa: S311 - repeatable, not secret.
        while True:
            with self._lock:
                if self._next >= len(self.orders):
                    return
                order = self.orders[self._next]
                self._next += 1
            self._place(order, chance)
            with self._lock:
                self.done += 1

    def _place(self, order: ClientOrder, chance: random.Random) -> None:
        ends = time.monotonic() + MOST_SECONDS
        while order.tries < MOST_TRIES and time.monotonic() < ends:
            reply, retry_after = self._ask(chance.choice(self.ports), order)
            order.replies.append(reply)
            if reply.status in FINAL:
                order.tries += 1
                return
            if retry_after is not None:
                # A wait that was asked for and kept does not count as a try.
                time.sleep(retry_after)
                continue
            order.tries += 1
            time.sleep(0.2)

    def _ask(self, port: int, order: ClientOrder) -> tuple[Reply, float | None]:
        body = {"account": order.account, "symbol": "AAPL", "action": "BUY", "order_type": "LMT"}
        content = json.dumps({**body, "quantity": 1, "limit_price": order.price})
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = order.idempotency_key
        asked_at = time.time_ns() // 1_000_000
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.timeout_seconds)
        try:
            connection.request("POST", "/api/trade/place-order", content, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            replayed = response.headers.get("Idempotent-Replayed") == "true"
            after = response.headers.get("Retry-After")
            reply = Reply(response.status, answer, asked_at, time.time_ns() // 1_000_000, replayed)
            return reply, None if after is None else float(after)
        except (OSError, http.client.HTTPException, ValueError):
            return Reply(0, {}, asked_at, time.time_ns() // 1_000_000, is_replayed=False), None
        finally:
            connection.close()
