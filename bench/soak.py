"""Ten minutes at full load: how much memory each worker takes, and whether it grows; and how soon a start answers.

The load is a mix of everything, cached and not, orders included. Tiger's limits are raised in gateway and simulator.
Writes table and chart to bench/results/.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.chart import write_lines
from bench.clients import ACCOUNT
from bench.fleet import SYMBOLS
from bench.serving import UNLIMITED, Served, SimulatorHandle, running_gateway, running_simulator
from tests.support.processes import ROOT

RESULTS = Path(__file__).parent / "results"
RAISED = "100000"
CONNECTIONS = 32
STARTS = 5
WARM_UP_SECONDS = 60.0
SHORTEST_SECONDS = 5 * WARM_UP_SECONDS
SAMPLE_SECONDS = 5.0
MOST_MEGABYTES = 150.0
MOST_GROWTH = 0.05
MOST_START_SECONDS = 2.5
KIBIBYTES = 1024


def get_mix() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield path and body of each request of the mix; most are for quotes and bars, each of many symbols."""
    for number, symbol in enumerate(SYMBOLS):
        yield "/api/market/quote", {"symbol": symbol}
        yield "/api/market/kline", {"symbol": symbol, "period": "day", "limit": 50 + number}
        yield "/api/market/quote", {"symbol": SYMBOLS[-number]}
        yield "/api/info/contracts", {"symbols": [symbol]}
    yield "/api/market/batch", {"symbols": SYMBOLS}
    yield "/api/market/search", {"keyword": "apple"}
    yield "/api/market/option-chain", {"symbol": "AAPL"}
    yield "/api/market/status", {}
    yield "/api/info/earnings", {"symbols": ["AAPL"]}
    yield "/api/trade/positions", {}
    yield "/api/trade/account-info", {}
    yield "/api/trade/orders", {"limit": 20}
    order = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}
    yield "/api/trade/place-order", order


@dataclass
class Memory:
    """Resident megabytes of each worker over time."""

    seconds: list[float] = field(default_factory=list)
    workers: dict[int, list[float]] = field(default_factory=dict)

    def sample(self, at: float, served: Served) -> None:
        """Add the present."""
        self.seconds.append(at)
        pid = served.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
            resident = int(status.partition("VmRSS:")[2].split()[0]) / KIBIBYTES
            self.workers.setdefault(int(child), []).append(resident)

    def get_growth(self, worker: int) -> float:
        """Return by how much a worker grew after the warm-up: the last tenth over the first tenth."""
        values = [value for at, value in zip(self.seconds, self.workers[worker], strict=True) if at >= WARM_UP_SECONDS]
        tenth = max(1, len(values) // 10)
        return statistics.median(values[-tenth:]) / statistics.median(values[:tenth]) - 1


def measure_starts(folder: Path, simulator: SimulatorHandle) -> list[float]:
    """Return how long each of some starts took to its first answer, in seconds."""
    taken = []
    for number in range(STARTS):
        started = time.monotonic()
        with running_gateway(folder / f"start-{number}", simulator):
            taken.append(time.monotonic() - started)
        print(f"  start {number + 1}/{STARTS}       {taken[-1]:.2f} s to the first answer", flush=True)
    return taken


def soak(served: Served, seconds: float) -> tuple[Memory, str]:
    """Keep the gateway at full load, and return its memory and what wrk told."""
    mix = "\n".join(f"{path}\t{json.dumps({'account': ACCOUNT, **body})}" for path, body in get_mix())
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--timeout", "20s"]
    command += ["-s", str(ROOT / "bench" / "soak.lua"), served.url]
    memory, started = Memory(), time.monotonic()
    load = subprocess.Popen(command, env={**os.environ, "BENCH_MIX": mix}, stdout=subprocess.PIPE, text=True)
    while load.poll() is None:
        memory.sample(time.monotonic() - started, served)
        told = ", ".join(f"{values[-1]:.1f} MB" for values in memory.workers.values())
        print(f"\r  {memory.seconds[-1]:>5.0f} of {seconds:.0f} s   {told}", end="", flush=True)
        time.sleep(SAMPLE_SECONDS)
    print()
    return memory, load.communicate()[0]


def main() -> None:
    """Measure, write the results, and end with 1 where a figure is not what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    seconds = parser.parse_args().seconds
    if seconds < SHORTEST_SECONDS:
        parser.error(f"growth cannot be told from noise in less than {SHORTEST_SECONDS:.0f} s")
    if shutil.which("wrk") is None:
        sys.exit("The load comes from wrk, which is not installed: apt-get install wrk, or brew install wrk.")
    with tempfile.TemporaryDirectory(prefix="tiger-rest-bench-") as name:
        folder = Path(name)
        with running_simulator(folder / "simulator", *UNLIMITED) as simulator:
            starts = measure_starts(folder, simulator)
            with running_gateway(folder / "gateway", simulator, BUDGET__LIMIT_SCALE=RAISED) as served:
                memory, told = soak(served, seconds)
    requests = int(re.search(r"(\d+) requests in", told)[1])  # type: ignore[index] # wrk always tells it.
    failures = re.findall(r"(?:Non-2xx|Socket errors).*", told)
    growth = {worker: memory.get_growth(worker) for worker in memory.workers}
    most = max(max(values) for values in memory.workers.values())
    lines = ["| figure | measured | promised |", "|---|---:|---:|"]
    lines.append(f"| start to first answer, median of {STARTS} | {statistics.median(starts):.2f} s | <= 2.5 s |")
    lines.append(f"| requests in {seconds:.0f} s, failures | {requests:,}, {'; '.join(failures) or 'none'} | none |")
    lines.append(f"| largest resident memory of a worker | {most:.1f} MB | < 150 MB |")
    lines += [f"| growth of worker {n} | {100 * value:+.1f} % | < 5 % |" for n, value in enumerate(growth.values(), 1)]
    table = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "soak.md").write_text(table, encoding="utf-8")
    named = {f"worker {n}": values for n, values in enumerate(memory.workers.values(), 1)}
    write_lines(RESULTS / "soak.svg", "Resident memory at full load (MB)", memory.seconds, named)
    print("\n" + table)
    is_kept = statistics.median(starts) <= MOST_START_SECONDS and most < MOST_MEGABYTES
    sys.exit(0 if is_kept and not failures and max(growth.values()) < MOST_GROWTH else 1)


if __name__ == "__main__":
    main()
