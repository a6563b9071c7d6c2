"""500 clients each ask once a second for one of 20 symbols, while the simulator enforces Tiger's rate limits.

Prints how many were answered 200, how old their data was, and how many calls Tiger saw: with four workers, and with
two instances that share a database.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.clients import Client, Reply, get_percentile
from bench.serving import SimulatorHandle, running_gateway, running_simulator

SYMBOLS = [
    *("AAPL", "MSFT", "NVDA", "GOOGL", "AMZN", "META", "TSLA", "AMD", "NFLX", "INTC"),
    *("JPM", "BAC", "WMT", "KO", "PEP", "DIS", "XOM", "CVX", "PFE", "T"),
]
LARGEST_AGE = 1.5


async def ask_each_second(client: Client, symbol: str, seconds: float, replies: list[Reply]) -> None:
    """Ask from a random moment of the first second on."""
    start = time.time() + random.random()  # noqa: S311 - spread, not secrecy.
    turn = 0
    while (due := start + turn) < start + seconds:
        await asyncio.sleep(max(0.0, due - time.time()))
        replies.append(await client.send("POST", "/api/market/quote", {"symbol": symbol}))
        turn += 1


async def run(addresses: list[tuple[str, int]], clients: int, symbols: list[str], seconds: float) -> list[Reply]:
    """Let all clients ask, and return every reply."""
    replies: list[Reply] = []
    asking = [
        ask_each_second(Client(addresses[number % len(addresses)]), symbols[number % len(symbols)], seconds, replies)
        for number in range(clients)
    ]
    await asyncio.gather(*asking)
    return replies


def get_ages(replies: list[Reply], calls: list[dict[str, Any]]) -> list[float]:
    """Return how old the data of each reply was: the simulator stamps quotes with the second of the call."""
    at = sorted(call["at_ms"] / 1_000 for call in calls)
    ages = []
    for reply in replies:
        if reply.status == 200:
            second = reply.body["data"]["timestamp"] // 1_000
            # Of several calls in that second the latest before the reply that can have brought it.
            fitting = [moment for moment in at if int(moment) == second and moment <= reply.had_at]
            ages.append(reply.had_at - max(fitting) if fitting else float("inf"))
    return ages


def report(name: str, simulator: SimulatorHandle, replies: list[Reply]) -> bool:
    """Print what came of one arrangement, and tell whether it is what is promised."""
    requests = simulator.control("requests")["requests"]
    quotes = [one for one in requests if one["method"] == "quote_real_time"]
    refused = [one for one in requests if one["code"] != 0]
    statuses = Counter(reply.status for reply in replies)
    errors = Counter(reply.body["code"] for reply in replies if reply.body and "code" in reply.body)
    ages = get_ages(replies, quotes)
    late = sum(age > LARGEST_AGE for age in ages)
    took = [reply.seconds * 1_000 for reply in replies]
    print(f"\n{name}")
    print(f"  replies           {len(replies)}  by status {dict(statuses)} {dict(errors)}")
    print(f"  calls to Tiger    {len(requests)} (quotes {len(quotes)}), refused {len(refused)}")
    print(f"  age of data       p50 {get_percentile(ages, 0.5):.2f} s  p99.9 {get_percentile(ages, 0.999):.2f} s")
    print(f"  older than {LARGEST_AGE} s  {late} ({100 * late / max(1, len(ages)):.3f} %)")
    print(
        f"  time to answer    p50 {get_percentile(took, 0.5):.1f} ms  p99 {get_percentile(took, 0.99):.1f} ms",
        flush=True,
    )
    return set(statuses) == {200} and not refused and len(requests) <= 100 and late <= len(ages) / 1_000


def main() -> None:
    """Run both arrangements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", help="SQLAlchemy URL of an empty PostgreSQL database for the two instances")
    arguments = parser.parse_args()
    kept = True
    for name, instances, workers in (("four workers", 1, 4), ("two instances of two workers", 2, 2)):
        with tempfile.TemporaryDirectory(prefix="tiger-rest-bench-") as folder, contextlib.ExitStack() as stack:
            simulator = stack.enter_context(running_simulator(Path(folder) / "simulator"))
            url = arguments.database or f"sqlite:///{folder}/shared.db"
            settings = {"GATEWAY__DATABASE_URL": url, "GATEWAY__SECRET_KEY": "only for this benchmark " * 2}
            gateways = [
                stack.enter_context(
                    running_gateway(Path(folder) / str(number), simulator, "--workers", str(workers), **settings)
                )
                for number in range(instances)
            ]
            time.sleep(2)
            simulator.control("calls", method="DELETE")
            addresses = [gateway.address for gateway in gateways]
            replies = asyncio.run(run(addresses, arguments.clients, SYMBOLS, arguments.seconds))
            kept = report(name, simulator, replies) and kept
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
