"""What clients do with whole positions and all their orders, in symbols that nobody else of the campaign trades."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.campaign.asking import ACCEPTED, FINAL, Reply, ask
from bench.campaign.clients import persist
from bench.campaign.kinds import ACCOUNTS

HELD = 100
CLOSED_SYMBOLS = ("KO", "PEP", "MCD")
CANCELLED_SYMBOLS = ("NKE", "DIS", "IBM")
PART = 20
CLOSES_FOR_EACH = 8
"""Of each position: more than it takes, so that some must be refused."""
PLACED = 3
MOST_TURNS = 30
PAUSE_SECONDS = 1.0


@dataclass
class ClientClose:
    """A wish to close a position, or a part of it; ``told`` is what order-status says in the end."""

    account: str
    symbol: str
    quantity: int | None
    idempotency_key: str
    replies: list[Reply] = field(default_factory=list)
    told: Reply | None = None

    @property
    def body(self) -> dict[str, Any]:
        """Return what the client sends."""
        wanted = {} if self.quantity is None else {"quantity": self.quantity}
        return {"account": self.account, "symbol": self.symbol, **wanted}


@dataclass
class ClientCancelling:
    """Some orders of a symbol, and the wish to have none open any more."""

    account: str
    symbol: str
    idempotency_key: str
    placed: list[Reply] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def is_told_as_done(self) -> bool:
        """Tell whether the client was told that nothing may be open any more."""
        return bool(self.replies) and self.replies[-1].data.get("may_be_open") == 0

    @property
    def knows_its_orders(self) -> bool:
        """Tell whether it was told of each order what became of it."""
        return all(reply.status in FINAL for reply in self.placed)


def make_closes(orders: int, seed: int) -> list[ClientClose]:
    """Return the closings of a campaign of so many orders: eight for each of some positions, a few of the whole."""
    chance = random.Random(f"closes {seed}")  # noqa: S311 - repeatable, not secret.
    every = [(account, symbol) for symbol in CLOSED_SYMBOLS for account in ACCOUNTS]
    positions = every[: max(1, min(len(every), orders // 25))]
    closes = [
        ClientClose(account, symbol, None if chance.random() < 0.2 else PART, f"close-{seed}-{account}-{symbol}-{turn}")
        for account, symbol in positions
        for turn in range(CLOSES_FOR_EACH)
    ]
    chance.shuffle(closes)
    return closes


def make_cancellings(orders: int, seed: int) -> list[ClientCancelling]:
    """Return the wishes of a campaign of so many orders to cancel all of a symbol."""
    every = [(account, symbol) for symbol in CANCELLED_SYMBOLS for account in ACCOUNTS]
    chosen = every[: max(1, min(len(every), orders // 25))]
    return [ClientCancelling(account, symbol, f"all-{seed}-{account}-{symbol}") for account, symbol in chosen]


@dataclass
class PositionClients:
    """So many clients at once who close positions, and cancel all orders of a symbol."""

    ports: Sequence[int]
    closes: Sequence[ClientClose]
    cancellings: Sequence[ClientCancelling]
    timeout_seconds: float
    seed: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, clients: int) -> list[threading.Thread]:
        """Start the clients and return their threads."""
        work = iter([*(self._make(self._close, each) for each in self.closes)])
        others = iter([*(self._make(self._cancel, each) for each in self.cancellings)])
        queues = [work] * clients + [others]
        threads = [threading.Thread(target=self._work, args=(queue,), daemon=True) for queue in queues]
        for thread in threads:
            thread.start()
        return threads

    def ask_in_the_end(self, clients: int) -> None:
        """Ask what became of each closing."""
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(self._ask_in_the_end, self.closes))

    def _make(self, act: Callable[[Any], None], wish: Any) -> Callable[[], None]:
        return lambda: act(wish)

    def _work(self, queue: Iterator[Callable[[], None]]) -> None:
        while True:
            with self._lock:
                act = next(queue, None)
            if act is None:
                return
            act()

    def _close(self, close: ClientClose) -> None:
        chance = random.Random(close.idempotency_key)  # noqa: S311 - repeatable, not secret.
        for reply in persist(lambda: self._ask(chance, "close-position", close.body, close.idempotency_key)):
            close.replies.append(reply)

    def _cancel(self, cancelling: ClientCancelling) -> None:
        chance = random.Random(cancelling.idempotency_key)  # noqa: S311 - repeatable, not secret.
        named = {"account": cancelling.account, "symbol": cancelling.symbol}
        for number in range(PLACED):
            order = named | {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1 + number}
            key = f"{cancelling.idempotency_key}-{number}"
            placing = persist(lambda order=order, key=key: self._ask(chance, "place-order", order, key))  # type: ignore[misc] # A lambda's defaults.
            cancelling.placed.append(list(placing)[-1])
        for turn in range(MOST_TURNS):
            key = f"{cancelling.idempotency_key}-turn-{turn}"
            cancelling.replies += persist(lambda key=key: self._ask(chance, "cancel-all-orders", named, key))  # type: ignore[misc] # As above.
            if cancelling.is_told_as_done:
                return
            time.sleep(PAUSE_SECONDS)

    def _ask_in_the_end(self, close: ClientClose) -> None:
        question = {"account": close.account, "client_order_id": close.idempotency_key}
        chance = random.Random(close.idempotency_key)  # noqa: S311 - repeatable, not secret.
        port = chance.choice(self.ports)
        close.told = list(persist(lambda: ask(port, "order-status", question, 30.0)))[-1]

    def _ask(self, chance: random.Random, path: str, body: dict[str, Any], key: str) -> Reply:
        return ask(chance.choice(self.ports), path, body, self.timeout_seconds, key)


def is_accepted(close: ClientClose) -> bool:
    """Tell whether a closing stands as accepted in the end."""
    told = close.told
    return told is not None and told.status == ACCEPTED and told.data.get("outcome") == "accepted"
