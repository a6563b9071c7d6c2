"""A thousand clients of streams of quotes beside requests: how late quotes come, what streams cost, and whom.

A simulator pushes changes of twenty symbols, each five times a second. The clients follow some of them, in a process
of their own; some never read. Prints the time from the simulator's frame to the client, the rate of requests before and
beside the streams, and the memory of the workers for each stream. All share one machine: the clients' part is in it.
"""

import argparse
import contextlib
import multiprocessing
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from bench.clients import ACCOUNT, KEY, get_percentile
from bench.serving import Served, SimulatorHandle, running_gateway
from tests.support.processes import ROOT, get_descendants

SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "GOOG", "META", "AMD", "INTC", "NFLX", "BABA", "JPM", "V", "MA") + (
    "DIS", "KO", "PEP", "WMT", "XOM", "PFE",
)  # fmt: skip
CHANGES_A_SECOND = 5
MOST_LATE_MS = 100
LEAST_RATE = 0.9
MOST_STREAM_BYTES = 30 * 1024
PUSHED_AT = re.compile(rb'"timestamp":(\d+)')
FREE = {"BUDGET__LIMIT_SCALE": "0", "GATEWAY__THREADS": "16"}


def listen(address: tuple[str, int], clients: int, deaf: int, each: int, seconds: float, told: Any) -> None:
    """Follow ``each`` symbols by each client, and tell when all listen, then how late what came was."""
    opened = [open_stream(address, number, each) for number in range(clients + deaf)]
    late: list[float] = []
    events = ended = 0
    with selectors.DefaultSelector() as selector:
        for stream in opened[:clients]:
            stream.setblocking(False)
            selector.register(stream, selectors.EVENT_READ)
        told.put(len(opened))
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            for key, _ in selector.select(0.5):
                data = cast("socket.socket", key.fileobj).recv(262_144)
                now = time.time() * 1_000
                events += data.count(b"event: quote")
                if found := PUSHED_AT.findall(data[-2_048:]):
                    late.append(now - int(found[-1]))
                if not data:
                    selector.unregister(key.fileobj)
                    ended += 1
    for stream in opened:
        stream.close()
    told.put((late, events, ended))


def open_stream(address: tuple[str, int], number: int, each: int) -> socket.socket:
    """Return a connection on which a stream has been asked for."""
    symbols = [SYMBOLS[(number + step) % len(SYMBOLS)] for step in range(each)]
    stream = socket.create_connection(address, 60)
    path = f"/api/stream/quotes?account={ACCOUNT}&symbols={','.join(symbols)}"
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode())
    stream.recv(1, socket.MSG_PEEK)
    return stream


@contextlib.contextmanager
def pushing(simulator: Simulator) -> Iterator[None]:
    """Change all symbols, spread over time, until the block ends."""
    is_over = threading.Event()

    def push() -> None:
        pause, number = 1 / (CHANGES_A_SECOND * len(SYMBOLS)), 0
        next_at = time.monotonic()
        while not is_over.wait(max(0.0, next_at - time.monotonic())):
            now = time.time_ns() // 1_000_000
            price = 100 + number % 997 / 100
            fields = {"symbol": SYMBOLS[number % len(SYMBOLS)], "type": 1, "latestPrice": price, "timestamp": now}
            simulator.publish("Quote", {**fields, "latestPriceTimestamp": now, "volume": number})
            number, next_at = number + 1, next_at + pause

    thread = threading.Thread(target=push)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def measure_rate(served: Served, seconds: float) -> float:
    """Return requests a second of clients that ask for quotes at full speed."""
    command = ["wrk", "-t1", "-c8", f"-d{seconds:.0f}s", "--timeout", "20s", "-s", str(ROOT / "bench" / "wrk.lua")]
    body = f'{{"account": "{ACCOUNT}", "symbol": "BRK.B"}}'
    environ = {**os.environ, "BENCH_BODY": body}
    told = subprocess.run(
        [*command, f"{served.url}/api/market/quote"], env=environ, capture_output=True, text=True, check=True
    ).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index] # wrk always tells it.


def read_memory(pids: Sequence[int]) -> int:
    """Return the resident bytes of some processes."""
    statm = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in pids]
    return sum(int(pages) for pages in statm) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure, print, and fail where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--deaf", type=int, default=20)
    parser.add_argument("--symbols", type=int, default=5, help="followed by each client, of twenty")
    parser.add_argument("--seconds", type=float, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        readings = Readings(quote_permission="granted", order_rate="none")
        options = SimulatorOptions(folder=folder / "simulator", limit_scale=0, readings=readings)
        (folder / "simulator").mkdir()
        with Simulator.running(options) as simulator:
            there = cast("SimulatorHandle", simulator)
            with running_gateway(folder / "gateway", there, "--workers", "2", **FREE) as served, pushing(simulator):
                sys.exit(0 if report(served, asked) else 1)


def report(served: Served, asked: argparse.Namespace) -> bool:
    """Print what was measured, and tell whether every promise was kept."""
    workers = sorted(get_descendants(served.process.pid))
    measure_rate(served, 3)
    before = measure_rate(served, asked.seconds / 2)
    empty = read_memory(workers)
    told: Any = multiprocessing.get_context("spawn").Queue()
    seconds = asked.seconds * 1.5 + 5
    arguments = (served.address, asked.clients, asked.deaf, asked.symbols, seconds, told)
    clients = multiprocessing.get_context("spawn").Process(target=listen, args=arguments)
    clients.start()
    opened = told.get(timeout=300)
    time.sleep(asked.seconds / 2)
    used = (read_memory(workers) - empty) / opened
    beside = measure_rate(served, asked.seconds / 2)
    late, events, ended = told.get(timeout=300)
    clients.join()
    p50, p99 = get_percentile(late, 0.5), get_percentile(late, 0.99)
    print(f"{asked.clients} clients of {asked.symbols} symbols, {asked.deaf} that never read; {os.cpu_count()} cores")
    print(f"late: p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(late)} looks; {events / seconds:.0f} events a second")
    print(f"requests a second: {before:.0f} before, {beside:.0f} beside: {beside / before:.2f}")
    print(f"memory: {used / 1_024:.1f} KiB a stream; {ended} of the clients that read were dropped")
    return p99 <= MOST_LATE_MS and beside >= LEAST_RATE * before and used <= MOST_STREAM_BYTES and not ended


if __name__ == "__main__":
    main()
