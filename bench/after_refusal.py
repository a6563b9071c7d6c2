"""Let Tiger refuse one order, then place a hundred more of that account at once: all have to be placed, exactly once.

``python -m bench.after_refusal``: 16 clients, a gateway of 4 workers, under each reading of order numbers. Where
``order_no`` only tells the next free number, that of the refused order is told again, and to several workers at once.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.simulator.readings import get_choices
from bench.campaign.asking import ask
from bench.campaign.kinds import ACCOUNTS
from bench.campaign.orders import UNAFFORDABLE_QUANTITY
from bench.campaign.services import running_gateway, running_simulator

ACCOUNT = ACCOUNTS[0]
CLIENTS = 16
TIMEOUT_SECONDS = 30.0
FIRST_PRICE = 1.0
MOST_TRIES = 5


@dataclass(frozen=True)
class Result:
    """What came of it; ``waits`` are the answers that asked for a repeat."""

    refusal: str
    answers: Mapping[str, int]
    waits: Mapping[str, int]
    placed: int
    held: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Tell whether every order was placed once."""
        return self.placed == self.held == sum(self.answers.values()) == self.answers.get("200 accepted")


def run(folder: Path, readings: Mapping[str, str], *, orders: int = 100, workers: int = 4) -> Result:
    """Place an order that Tiger refuses, then the others, once each."""
    with (
        running_simulator(folder / "tiger", 1, {"unaffordable": "refused_at_once", **readings}) as simulator,
        running_gateway(
            folder / "gateway",
            workers=workers,
            variables={
                "TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder),
                "TIGER_REST_BUDGET__LIMIT_SCALE": "0",
            },
        ) as gateway,
    ):
        waits: list[str] = []

        def place(number: int, **fields: Any) -> str:
            body = {"account": ACCOUNT, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1}
            body |= {"limit_price": round(FIRST_PRICE + number / 100, 2), **fields}
            for _ in range(MOST_TRIES):
                reply = ask(gateway.port, "place-order", body, TIMEOUT_SECONDS, f"after-refusal-{number}")
                if reply.retry_after is None:
                    break
                waits.append(reply.name)
                time.sleep(reply.retry_after)
            return reply.name

        refusal = place(0, quantity=UNAFFORDABLE_QUANTITY)
        started = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = Counter(pool.map(place, range(1, orders + 1)))
        seconds = time.monotonic() - started
        living = [order for order in simulator.fetch_orders() if order["totalQuantity"] == 1]
        prices = {order["limitPrice"] for order in living}
        return Result(refusal, dict(answers), dict(Counter(waits)), len(prices), len(living), seconds)


def main() -> int:
    """Run it under each reading of order numbers, and of what is answered for one in use."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100)
    chosen = parser.parse_args()
    is_good = True
    for numbers in get_choices()["order_numbers"]:
        for used in get_choices()["used_number"]:
            with tempfile.TemporaryDirectory(prefix="tiger-rest-after-refusal-") as folder:
                readings = {"order_numbers": numbers, "used_number": used}
                result = run(Path(folder), readings, orders=chosen.orders)
            is_good &= result.is_good
            print(f"{numbers}, {used}: {result}", flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
