"""A dashboard of twenty instruments that asks for everything every two seconds, against Tiger's own limits.

Quotes, order books, bars, positions, orders and balances, over as many connections as a browser has. It counts what is
refused, which nothing may be, and the calls that reach Tiger beside what Tiger allows in a minute. Writes a table to
bench/results/.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.tiger.wire.methods import METHODS
from bench.clients import Client, Reply, get_percentile
from bench.serving import Served, SimulatorHandle, running_gateway, running_simulator

RESULTS: Final = Path(__file__).parent / "results"
EVERY_SECONDS: Final = 2.0
MINUTE_SECONDS: Final = 60.0
CONNECTIONS: Final = 6
STOCKS: Final = (
    *("AAPL", "MSFT", "NVDA", "GOOG", "AMZN", "META", "TSLA", "NFLX", "AMD", "INTC", "JPM", "BAC", "XOM", "KO", "DIS"),
    *("00700", "09988", "03690"),
)
FUTURES: Final = ("ESmain", "CLmain")
INSTRUMENTS: Final = (*STOCKS, *FUTURES)


def get_round() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path and body of each request that the dashboard makes at a time."""
    yield "/api/market/batch", {"symbols": [*STOCKS], "fields": ["bid_price", "ask_price"]}
    for symbol in INSTRUMENTS:
        yield "/api/market/depth", {"symbol": symbol, "levels": 5}
    for symbol in INSTRUMENTS:
        yield "/api/market/kline", {"symbol": symbol, "period": "1min", "limit": 120}
    yield "/api/trade/positions", {"sec_type": "ALL"}
    yield "/api/trade/orders", {"limit": 50}
    yield "/api/trade/account-info", {}


@dataclass
class Observed:
    """What was answered, and how many calls had reached Tiger after each round."""

    replies: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[float, Counter[str]]] = field(default_factory=list)

    def add(self, path: str, reply: Reply) -> None:
        """Add an answer."""
        self.replies[path].append(reply)

    @property
    def refusals(self) -> Counter[tuple[str, str]]:
        """Return how often each path was refused, by the code of the refusal."""
        refused: Counter[tuple[str, str]] = Counter()
        for path, replies in self.replies.items():
            refused.update((path, get_code(reply)) for reply in replies if reply.status != 200)
        return refused

    def get_most(self, method: str) -> int:
        """Return the most calls to a method that are known to lie within a minute."""
        seen = [(at, calls[method]) for at, calls in self.calls]
        return max(late - early for at, early in seen for then, late in seen if at <= then <= at + MINUTE_SECONDS)


def get_code(reply: Reply) -> str:
    """Return the code of a refusal, or what came in its place."""
    body = reply.body if isinstance(reply.body, Mapping) else {}
    return str(body.get("code") or f"status {reply.status}")


async def watch(served: Served, simulator: SimulatorHandle, seconds: float) -> Observed:
    """Ask for everything again and again, and return what was seen."""
    observed, clients = Observed(), [Client(served.address) for _ in range(CONNECTIONS)]
    ends_at = time.monotonic() + seconds
    observed.calls.append((time.monotonic(), await count_calls(simulator)))
    while (begun_at := time.monotonic()) < ends_at:
        waiting = list(reversed([*get_round()]))

        async def ask(client: Client, waiting: list[tuple[str, dict[str, Any]]] = waiting) -> None:
            while waiting:
                path, body = waiting.pop()
                observed.add(path, await client.send("POST", path, body))

        await asyncio.gather(*map(ask, clients))
        observed.calls.append((time.monotonic(), await count_calls(simulator)))
        await asyncio.sleep(max(0.0, begun_at + EVERY_SECONDS - time.monotonic()))
    for client in clients:
        client.close()
    return observed


async def count_calls(simulator: SimulatorHandle) -> Counter[str]:
    """Return how many calls of each method have reached the simulator."""
    told = await asyncio.to_thread(simulator.control, "calls")
    return Counter(told["by_method"])


def get_table(observed: Observed) -> str:
    """Return what was seen, as two tables."""
    lines = ["| request | answered | refused | median | 95 % |", "|---|---:|---:|---:|---:|"]
    for path, replies in observed.replies.items():
        taken = [reply.seconds * 1_000 for reply in replies]
        good = sum(reply.status == 200 for reply in replies)
        median, most = statistics.median(taken), get_percentile(taken, 0.95)
        lines.append(f"| {path} | {good:,} | {len(replies) - good:,} | {median:.1f} ms | {most:.1f} ms |")
    lines += ["", "| method | calls | most in a minute | Tiger's limit |", "|---|---:|---:|---:|"]
    for method, calls in sorted(observed.calls[-1][1].items()):
        limit = METHODS[method].calls_per_minute
        lines.append(f"| {method} | {calls:,} | {observed.get_most(method)} | {limit} |")
    lines += ["", *(f"- {path}: {code}, {count} times" for (path, code), count in observed.refusals.items())]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Measure, write the results, and end with 1 where anything was refused, or Tiger was asked too often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="tiger-rest-bench-") as name:
        folder = Path(name)
        with (
            running_simulator(folder / "simulator") as simulator,
            running_gateway(folder / "gateway", simulator) as served,
        ):
            observed = asyncio.run(watch(served, simulator, seconds))
    table = f"{seconds:.0f} seconds, every {EVERY_SECONDS:.0f} seconds\n\n{get_table(observed)}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "dashboard.md").write_text(table, encoding="utf-8")
    print(table)
    methods = observed.calls[-1][1]
    too_many = [method for method in methods if observed.get_most(method) > METHODS[method].calls_per_minute]
    sys.exit(1 if too_many or observed.refusals else 0)


if __name__ == "__main__":
    main()
