"""Measure what a long journal costs: ``python -m bench.growth``.

Two gateways before one simulator, one with an empty journal and one with a million commands of a year, answer the same
questions in turns, so that whatever else the machine does meets both alike. Ends with 1 where the long journal costs
more than ``MOST`` times what the empty one does.
"""

import argparse
import contextlib
import http.client
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.serving import UNLIMITED, Served, SimulatorHandle, running_gateway, running_simulator

ACCOUNT = "67686635"
KEY = "client_key_001"
MOST = 1.5
WARM_UP = 10
YEAR_MS = 365 * 86_400_000
ORDER = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 5}

# What an order of the gateway takes in its row, about two kilobytes.
FILL = """
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :rows - 1)
INSERT INTO tiger_rest_order_commands
    (id, kind, account, api_key_id, api_key_name, idempotency_key, claim, body_digest, body, state, revision, attempts,
     order_number, order_id, answer, history, looks, created_at, busy_until, sent_by)
SELECT printf('%012x%012x', :now - :apart * (:rows - i), i), 'place', :account, 'growth', 'Growth', 'growth-' || i,
       'growth-' || i, hex(zeroblob(32)), hex(zeroblob(60)), 'accepted', 3, 1, 1000000000 + i,
       printf('%d', 30000000000000000 + i), hex(zeroblob(400)), hex(zeroblob(300)), 0,
       :now - :apart * (:rows - i), 0, 0
FROM numbers
"""


def fill(database: Path, rows: int) -> None:
    """Put so many settled orders into the journal, the newest of them of this minute and the oldest a year old."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        values = {"rows": rows, "now": time.time_ns() // 1_000_000, "apart": YEAR_MS // rows, "account": ACCOUNT}
        connection.execute(FILL, values)


def build_questions(served: Served) -> dict[str, Callable[[int], None]]:
    """Return what is measured: a scrape, the status of an order by its client's own id, and an order."""
    connection = http.client.HTTPConnection(*served.address, timeout=30)

    def send(method: str, path: str, body: dict[str, object] | None = None) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps({"account": ACCOUNT, **body}), headers)
        response = connection.getresponse()
        text = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(text.decode())

    def place(turn: int) -> None:
        send("POST", "/api/trade/place-order", {**ORDER, "client_order_id": f"{served.address[1]}-{turn}"})

    def ask(turn: int) -> None:
        send("POST", "/api/trade/order-status", {"client_order_id": f"{served.address[1]}-{turn}"})

    return {"placing": place, "order-status by key": ask, "/metrics": lambda _turn: send("GET", "/metrics")}


def measure(gateways: list[Served], rounds: int) -> list[dict[str, float]]:
    """Return the median milliseconds of each question, by gateway, the gateways taking turns."""
    asked = [build_questions(served) for served in gateways]
    taken: list[dict[str, list[float]]] = [{name: [] for name in questions} for questions in asked]
    for turn in range(rounds + WARM_UP):
        for questions, times in zip(asked, taken, strict=True):
            for name, question in questions.items():
                started = time.perf_counter()
                question(turn)
                times[name].append((time.perf_counter() - started) * 1_000)
    return [{name: statistics.median(of[WARM_UP:]) for name, of in times.items()} for times in taken]


def run(folder: Path, simulator: SimulatorHandle, rows: int, rounds: int) -> int:
    """Fill one journal, measure both, print the table, and return 1 where a ratio is too large."""
    settings = {"BUDGET__LIMIT_SCALE": "1000", "GATEWAY__THREADS": "8"}
    with running_gateway(folder / "long", simulator, "--workers", "1", **settings):
        pass
    started = time.monotonic()
    fill(folder / "long" / "instance" / "gateway.db", rows)
    print(f"{rows} commands written in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    with (
        running_gateway(folder / "empty", simulator, "--workers", "1", **settings) as empty,
        running_gateway(folder / "long", simulator, "--workers", "1", **settings) as long,
    ):
        of_empty, of_long = measure([empty, long], rounds)
    print(f"| | empty journal | {rows} commands | ratio |\n|---|---|---|---|")
    for name, of_none in of_empty.items():
        print(f"| {name} | {of_none:.2f} ms | {of_long[name]:.2f} ms | {of_long[name] / of_none:.2f} |")
    return int(any(of_long[name] > MOST * of_none for name, of_none in of_empty.items()))


def main() -> int:
    """Measure with a simulator of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tiger-rest-growth-") as name:
        folder = Path(name)
        with running_simulator(folder / "tiger", *UNLIMITED) as simulator:
            return run(folder, simulator, chosen.rows, chosen.rounds)


if __name__ == "__main__":
    sys.exit(main())
