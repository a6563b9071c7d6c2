"""A thousand clients of streams beside requests: how late quotes and order events come, what streams cost, and whom.

A simulator pushes changes of twenty symbols, each five times a second; orders are placed, too. Nine of ten clients
follow some of the symbols, the tenth the events of an account; some never read. Prints a row for each number of symbols
that a client follows: the time from the simulator's frame to the client, without and beside requests at full speed, the
rate of requests while nothing is pushed and while it is, and the memory and the processor time of the workers.

Pushing pauses and goes on in turns, some of them for each row, and what requests keep is the median of the turns: what
a shared machine does from one minute to the next is more than streams cost. The clients' part, and the simulator's, is
in what requests lose.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from bench.clients import ACCOUNT, KEY, get_percentile
from bench.serving import Served, SimulatorHandle, running_gateway
from bench.stream_clients import ORDERED, PUSHED, SYMBOLS, listen, request
from tests.support.processes import get_descendants
from tests.support.server import wait_until

CHANGES_A_SECOND = 5
ORDERS_A_SECOND = 2
MOST_LATE_MS = 100
LEAST_RATE = 0.9
MOST_STREAM_BYTES = 30 * 1024
WARM_SECONDS = 3.0
TURNS = 6
SETTLING_SECONDS = 0.5
"""After a turn has begun; what was on its way is left out."""
SPAWN = multiprocessing.get_context("spawn")
FREE = {"BUDGET__LIMIT_SCALE": "0", "GATEWAY__THREADS": "16"}
HEAD = (
    f"{'symbols':>7} {'p50/p99 ms':>12} {'beside':>10} {'orders p99':>10} {'requests/s':>12} {'kept':>5} "
    f"{'of turns':>10} {'KiB/stream':>10} {'cores':>6} {'dropped':>7}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured with so many symbols for each client."""

    symbols: int
    alone: list[float]
    beside: list[float]
    orders: list[float]
    turns: list[tuple[float, float]]
    """Requests a second of each turn: while nothing was pushed, and while it was."""
    stream_bytes: float
    cores: float
    dropped: int

    @property
    def is_kept(self) -> bool:
        """Tell whether every promise was."""
        late = get_percentile(self.alone, 0.99), get_percentile(self.beside, 0.99), get_percentile(self.orders, 0.99)
        is_light = self.stream_bytes <= MOST_STREAM_BYTES and not self.dropped
        return max(late) <= MOST_LATE_MS and self.kept[1] >= LEAST_RATE and is_light

    @property
    def kept(self) -> tuple[float, float, float]:
        """Return what share of their rate requests keep: the least of all turns, the median, and the most."""
        shares = [beside / paused for paused, beside in self.turns]
        return min(shares), statistics.median(shares), max(shares)

    def __str__(self) -> str:
        late = [
            f"{get_percentile(each, 0.5):.0f}/{get_percentile(each, 0.99):.0f}" for each in (self.alone, self.beside)
        ]
        paused, beside = (statistics.median(each) for each in zip(*self.turns, strict=True))
        least, kept, most = self.kept
        return (
            f"{self.symbols:>7} {late[0]:>12} {late[1]:>10} {get_percentile(self.orders, 0.99):>10.0f} "
            f"{f'{paused:.0f}/{beside:.0f}':>12} {kept:>5.2f} {f'{least:.2f}-{most:.2f}':>10} "
            f"{self.stream_bytes / 1_024:>10.1f} "
            f"{self.cores:>6.2f} {self.dropped:>7}{'' if self.is_kept else '  not kept'}"
        )


@contextlib.contextmanager
def repeating(act: Any, a_second: float) -> Iterator[None]:
    """Call this with 0, 1, 2 …, so often, on a thread, until the block ends."""
    is_over = threading.Event()

    def run() -> None:
        number, next_at = 0, time.monotonic()
        while not is_over.wait(max(0.0, next_at - time.monotonic())):
            act(number)
            number, next_at = number + 1, next_at + 1 / a_second

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def make_push(simulator: Simulator, is_paused: threading.Event) -> Any:
    """Return what pushes the next change of the next symbol, unless pushing is paused."""

    def push(number: int) -> None:
        if is_paused.is_set():
            return
        now = time.time_ns() // 1_000_000
        price = 100 + number % 997 / 100
        fields = {"symbol": SYMBOLS[number % len(SYMBOLS)], "type": 1, "latestPrice": price, "timestamp": now}
        simulator.publish("Quote", {**fields, "latestPriceTimestamp": now, "volume": number})

    return push


def make_order(served: Served) -> Any:
    """Return what places an order that rests."""

    def place(_number: int) -> None:
        connection = http.client.HTTPConnection(*served.address, timeout=20)
        order = {"account": ACCOUNT, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1}
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        with contextlib.suppress(OSError):
            connection.request("POST", "/api/trade/place-order", json.dumps({**order, "limit_price": 1}), headers)
            connection.getresponse().read()
        connection.close()

    return place


@contextlib.contextmanager
def asking(served: Served) -> Iterator[Callable[[], int]]:
    """Ask for quotes at full speed until the block ends; what it gives returns how many were answered so far."""
    answered, is_over = SPAWN.Value("q", 0, lock=False), SPAWN.Event()
    process = SPAWN.Process(target=request, args=(served.address, answered, is_over))
    process.start()
    try:
        wait_until(lambda: answered.value, 60)
        yield lambda: answered.value
    finally:
        is_over.set()
        process.join()


def measure_turns(served: Served, is_paused: threading.Event, seconds: float) -> list[tuple[float, float]]:
    """Return how many requests a second are answered while nothing is pushed and while it is, of some turns."""
    turns = []
    with asking(served) as count:
        for turn in range(TURNS):
            rates: dict[bool, float] = {}
            # Neither is always the first.
            for pauses in (turn % 2 == 0, turn % 2 == 1):
                (is_paused.set if pauses else is_paused.clear)()
                time.sleep(SETTLING_SECONDS)
                begun_at, before = time.monotonic(), count()
                time.sleep(seconds / TURNS)
                rates[pauses] = (count() - before) / (time.monotonic() - begun_at)
            turns.append((rates[True], rates[False]))
    is_paused.clear()
    return turns


def read_memory(pids: Sequence[int]) -> int:
    """Return the resident bytes of some processes."""
    statm = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in pids]
    return sum(int(pages) for pages in statm) * os.sysconf("SC_PAGE_SIZE")


def read_seconds(pids: Sequence[int]) -> float:
    """Return the processor time of some processes."""
    spent = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids]
    return sum(int(ticks) for each in spent for ticks in each) / os.sysconf("SC_CLK_TCK")


def measure(served: Served, asked: argparse.Namespace, symbols: int, is_paused: threading.Event) -> Row:
    """Open the streams, look at them alone and beside requests, and close them."""
    workers = sorted(get_descendants(served.process.pid))
    empty = read_memory(workers)
    answers: Any = SPAWN.Queue()
    kinds = (asked.clients, asked.deaf, symbols)
    seconds = WARM_SECONDS + 3 * asked.seconds + 2 * TURNS * SETTLING_SECONDS
    clients = SPAWN.Process(target=listen, args=(served.address, kinds, seconds, answers))
    clients.start()
    opened = answers.get(timeout=120)
    time.sleep(WARM_SECONDS)
    begun_at, spent = time.monotonic(), read_seconds(workers)
    time.sleep(asked.seconds)
    cores = (read_seconds(workers) - spent) / (time.monotonic() - begun_at)
    used = (read_memory(workers) - empty) / opened
    turned_at = time.time()
    turns = measure_turns(served, is_paused, asked.seconds)
    late, dropped = answers.get(timeout=120)
    clients.join()
    quotes = [(at, ms) for kind, at, ms in late if kind == PUSHED]
    return Row(
        symbols,
        [ms for at, ms in quotes if at < turned_at],
        [ms for at, ms in quotes if at >= turned_at],
        [ms for kind, _, ms in late if kind == ORDERED],
        turns,
        used,
        cores,
        dropped,
    )


def main() -> None:
    """Measure, print, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--deaf", type=int, default=20, help="that never read")
    parser.add_argument("--symbols", default="1,5,20", help="followed by each client, of twenty: a row for each")
    parser.add_argument("--seconds", type=float, default=12, help="of each measurement: three for a row")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        readings = Readings(quote_permission="granted", order_rate="none")
        options = SimulatorOptions(folder=folder / "simulator", limit_scale=0, readings=readings, tick_seconds=3_600)
        (folder / "simulator").mkdir()
        with Simulator.running(options) as simulator, contextlib.ExitStack() as stack:
            there = cast("SimulatorHandle", simulator)
            served = stack.enter_context(running_gateway(folder / "gateway", there, "--workers", "2", **FREE))
            is_paused = threading.Event()
            stack.enter_context(repeating(make_push(simulator, is_paused), CHANGES_A_SECOND * len(SYMBOLS)))
            stack.enter_context(repeating(make_order(served), ORDERS_A_SECOND))
            with asking(served):
                time.sleep(WARM_SECONDS)
            print(
                f"{asked.clients} clients, {asked.deaf} more that never read; {os.cpu_count()} cores\n{HEAD}",
                flush=True,
            )
            kept = []
            for symbols in map(int, asked.symbols.split(",")):
                row = measure(served, asked, symbols, is_paused)
                print(row, flush=True)
                kept.append(row.is_kept)
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
