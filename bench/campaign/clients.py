"""The clients of a campaign: most repeat an order with the same idempotency key until it has a final answer."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.campaign.asking import FINAL, Reply, ask
from bench.campaign.orders import CHANGED_QUANTITY, SURE, Amendment, ClientOrder

MOST_TRIES = 8
MOST_SECONDS = 240.0
MOST_SECONDS_FOR_A_REFUSAL = 60.0
"""An order whose first sending was lost and whose second was refused stays 202 for long, as the first may surface."""
PAUSE_SECONDS = 0.2
RESOLVED = frozenset({"accepted", "rejected"})


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

    def ask_in_the_end(self, clients: int) -> None:
        """Ask what became of each order, and repeat what was decided: no repeat of it may place anything."""
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(self._ask_in_the_end, self.orders))

    def ask_about_expired(self, orders: Sequence[ClientOrder]) -> None:
        """Ask about orders that have run out meanwhile."""
        chance = random.Random(self.seed)  # noqa: S311 - repeatable, not secret.
        for order in orders:
            order.expired = self._ask_about(order, chance)

    def _work(self, index: int) -> None:
        chance = random.Random(f"{self.seed} {index}")  # noqa: S311 - repeatable, not secret.
        while True:
            with self._lock:
                if self._next >= len(self.orders):
                    return
                order = self.orders[self._next]
                self._next += 1
            self._place(order, chance)
            if order.was_accepted and order.amendment is not None:
                self._amend(order, order.amendment, chance)
            with self._lock:
                self.done += 1

    def _place(self, order: ClientOrder, chance: random.Random) -> None:
        most_seconds = MOST_SECONDS if order.wish in SURE else MOST_SECONDS_FOR_A_REFUSAL
        for reply in persist(lambda: self._send_placement(order, chance), most_seconds):
            order.replies.append(reply)
            if order.is_hasty and reply.status not in {0, 202}:
                return

    def _amend(self, order: ClientOrder, amendment: Amendment, chance: random.Random) -> None:
        body = {"account": order.account, "order_id": order.last.data["order_id"]}
        if amendment is Amendment.MODIFY:
            body["quantity"] = CHANGED_QUANTITY
        path, key = f"{amendment.value}-order", f"{order.idempotency_key}-{amendment.value}"
        for reply in persist(lambda: ask(chance.choice(self.ports), path, body, self.timeout_seconds, key)):
            order.amendment_replies.append(reply)

    def _ask_in_the_end(self, order: ClientOrder) -> None:
        chance = random.Random(order.idempotency_key)  # noqa: S311 - repeatable, not secret.
        order.told = self._ask_about(order, chance)
        if order.told.data.get("outcome") in RESOLVED:
            order.repeat = self._send_placement(order, chance)

    def _ask_about(self, order: ClientOrder, chance: random.Random) -> Reply:
        question = {"account": order.account, "client_order_id": order.idempotency_key}
        return list(persist(lambda: ask(chance.choice(self.ports), "order-status", question, 30.0)))[-1]

    def _send_placement(self, order: ClientOrder, chance: random.Random) -> Reply:
        port = chance.choice(self.ports)
        return ask(port, order.path, order.body, self.timeout_seconds, order.idempotency_key)


def persist(send: Callable[[], Reply], most_seconds: float = MOST_SECONDS) -> Iterator[Reply]:
    """Repeat a request until it has a final answer, or it was tried often enough; yield each answer."""
    ends, tries = time.monotonic() + most_seconds, 0
    while tries < MOST_TRIES and time.monotonic() < ends:
        reply = send()
        yield reply
        if reply.status in FINAL:
            return
        # A wait that was asked for and kept does not count as a try, nor does what was never answered.
        tries += reply.retry_after is None and reply.status != 0
        time.sleep(PAUSE_SECONDS if reply.retry_after is None else reply.retry_after)
