"""Compare the gateway with a bare JSON route, the bare SDK, and the design of the server it replaces.

Starts everything, runs the rows in turn several times, prints medians and ratios, and writes table, figures and chart
to bench/results/. Tiger's limits are raised in gateway and simulator, so that throughput can be measured at all.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.chart import write_chart
from bench.fleet import SYMBOLS
from bench.serving import UNLIMITED, Served, SimulatorHandle, listens, running_gateway, running_simulator
from tests.support.ports import reserve_port
from tests.support.processes import ROOT, started, wait_for_start

RESULTS = Path(__file__).parent / "results"
RAISED = "100000"
FIFTY = (SYMBOLS * 3)[:50]
NOTHING_SHARED = {
    "CACHE__QUOTE_SECONDS": "0",
    "CACHE__BARS_SECONDS": "0",
    "CACHE__COALESCE": "false",
    "CACHE__SHARE": "false",
    "BUDGET__LIMIT_SCALE": RAISED,
}
# The kernel gives connections to workers unevenly: either could be given all 64, and reads may take 72 of these.
WIDE = {"GATEWAY__THREADS": "96"}
WRK_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


@dataclass(frozen=True)
class Figures:
    """Requests a second, and milliseconds to an answer."""

    rate: float
    p50: float
    p99: float


def run_wrk(
    url: str, body: Mapping[str, object] | str, clients: int, seconds: float, token: str | None = None
) -> Figures:
    """Load one address; every answer must be a success."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:.0f}s", "--latency", "--timeout", "20s"]
    command += ["-s", str(ROOT / "bench" / "wrk.lua"), url]
    environ = {**os.environ, "BENCH_BODY": body if isinstance(body, str) else json.dumps(body)}
    if token is not None:
        environ["BENCH_TOKEN"] = token
    told = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        sys.exit(f"{url} did not answer well:\n{told}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index] # wrk always tells it.
    percentiles = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", told))
    return Figures(rate, *(_read_milliseconds(percentiles[part]) for part in ("50", "99")))


def get_figures(told: Mapping[str, float]) -> Figures:
    """Return what the comparison shows of a loop's figures."""
    return Figures(told["rate"], told["p50"], told["p99"])


def run_sdk(environ: dict[str, str], kind: str, threads: int = 1, seconds: float = 0) -> Any:
    """Run the bare SDK in a process of its own, and return what it prints."""
    command = [sys.executable, str(ROOT / "bench" / "sdk_loop.py"), "--kind", kind, "--threads", str(threads)]
    command += ["--seconds", str(seconds), "--symbols", ",".join(FIFTY)]
    told = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=True).stdout
    return json.loads(told)


def _read_milliseconds(written: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", written).groups()  # type: ignore[union-attr] # As matched above.
    return float(number) * WRK_UNITS[unit]


@contextlib.contextmanager
def running_server(folder: Path, *command: str, **environ: str) -> Iterator[Served]:
    """Run another server; ``PORT`` in its command is replaced."""
    port = reserve_port()
    log = folder / f"{command[1]}.log"
    parts = [sys.executable, "-m", *(part.replace("PORT", str(port)) for part in command)]
    with started(parts, log, {"PYTHONPATH": str(ROOT / "bench"), **environ}) as process:
        wait_for_start(process, log, lambda: listens("127.0.0.1", port))
        yield Served(f"http://127.0.0.1:{port}", process)


class Comparison:
    """The rows, each measured in every round."""

    def __init__(self, folder: Path, simulator: SimulatorHandle, stack: contextlib.ExitStack, seconds: float) -> None:
        self._simulator = simulator
        credential = next((simulator.folder / "credentials").glob("*/tiger_openapi_config.properties")).parent
        self._environ = {"BENCH_CREDENTIAL": str(credential), "BENCH_SERVER_URL": f"{simulator.base_url}/gateway"}
        start = stack.enter_context
        raised = {"BUDGET__LIMIT_SCALE": RAISED}
        cached = start(running_gateway(folder / "cached", simulator, **raised))
        plain = start(running_gateway(folder / "plain", simulator, **NOTHING_SHARED))
        wide = start(running_gateway(folder / "wide", simulator, **NOTHING_SHARED, **WIDE))
        gunicorn = ("gunicorn", "--workers", "2", "--threads", "64", "--keep-alive", "30")
        served = ("--bind", "127.0.0.1:PORT", "echo_app:app")
        own = ("--worker-class", "app.server.worker.GatewayWorker")
        echo = start(running_server(folder, *gunicorn, *own, *served))
        stock = start(running_server(folder, *gunicorn, "--worker-class", "gthread", *served))
        uvicorn = ("uvicorn", "--log-level", "warning", "--port", "PORT", "original_design:app")
        original = start(running_server(folder, *uvicorn, **self._environ))
        signed = run_sdk(self._environ, "sign")
        upstream = self._environ["BENCH_SERVER_URL"]
        quote: dict[str, object] = {"account": "67686635", "symbol": "AAPL"}
        batch: dict[str, object] = {"account": "67686635", "symbols": FIFTY}
        bars: dict[str, object] = {"account": "67686635", "symbol": "AAPL", "period": "day", "limit": 1200}
        path = "/api/market/quote"
        self.rows: dict[str, Callable[[], Figures]] = {
            "bare JSON route": lambda: run_wrk(f"{echo.url}/echo", quote, 16, seconds),
            "bare JSON route, stock worker": lambda: run_wrk(f"{stock.url}/echo", quote, 16, seconds),
            "gateway, quote cached": lambda: run_wrk(cached.url + path, quote, 16, seconds),
            "gateway, quote uncached": lambda: run_wrk(plain.url + path, quote, 16, seconds),
            "bare SDK, quote": lambda: get_figures(run_sdk(self._environ, "quote", 16, seconds)),
            "original design, quote": lambda: run_wrk(original.url + path, quote, 16, seconds),
            "gateway, 50 symbols": lambda: run_wrk(f"{plain.url}/api/market/batch", batch, 16, seconds),
            "bare SDK, 50 symbols": lambda: get_figures(run_sdk(self._environ, "batch", 16, seconds)),
            "gateway, 1,200 bars": lambda: run_wrk(f"{plain.url}/api/market/kline", bars, 16, seconds),
            "bare SDK, 1,200 bars": lambda: get_figures(run_sdk(self._environ, "kline", 16, seconds)),
        }
        self.slow_rows: dict[str, Callable[[], Figures]] = {
            "gateway, 64 clients": lambda: run_wrk(wide.url + path, quote, 64, seconds),
            "bare SDK, 64 threads": lambda: get_figures(run_sdk(self._environ, "quote", 64, seconds)),
            "original design, 64 clients": lambda: run_wrk(original.url + path, quote, 64, 3 * seconds),
            "Tiger itself, 1 client": lambda: run_wrk(upstream, signed["body"], 1, seconds, signed["token"]),
            "bare SDK, 1 thread": lambda: get_figures(run_sdk(self._environ, "quote", 1, seconds)),
            "gateway, 1 client": lambda: run_wrk(plain.url + path, quote, 1, seconds),
        }

    def run(self, rounds: int) -> dict[str, Figures]:
        """Return the medians of all rows."""
        found: dict[str, list[Figures]] = {}
        for turn in range(rounds):
            self._run_rows(self.rows, found, turn, rounds)
            fault = {"kind": "delay", "method": "*", "seconds": 0.05}
            self._simulator.control("faults", fault, "POST")
            self._run_rows(self.slow_rows, found, turn, rounds)
            self._simulator.control("faults", method="DELETE")
        return {name: get_median(figures) for name, figures in found.items()}

    def _run_rows(
        self, rows: dict[str, Callable[[], Figures]], found: dict[str, list[Figures]], turn: int, rounds: int
    ) -> None:
        for name, measure in rows.items():
            figures = measure()
            found.setdefault(name, []).append(figures)
            print(f"  round {turn + 1}/{rounds}  {name:<30} {figures.rate:>9,.1f}/s", flush=True)


def get_median(figures: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return Figures(*(statistics.median(getattr(one, name) for one in figures) for name in ("rate", "p50", "p99")))


def get_ratios(found: dict[str, Figures]) -> list[tuple[str, float, str]]:
    """Return what is promised: the ratio, its value, and the promise."""
    rate = {name: figures.rate for name, figures in found.items()}
    reachable = min(64 / 0.05, rate["bare SDK, 64 threads"])
    # Tiger's own time, as a client of its own would see it: the same signed request again and again.
    own, one = found["Tiger itself, 1 client"].p50, found["gateway, 1 client"]
    return [
        ("cached quote / bare JSON route", rate["gateway, quote cached"] / rate["bare JSON route"], ">= 0.55"),
        (
            "cached quote / bare JSON route, stock worker",
            rate["gateway, quote cached"] / rate["bare JSON route, stock worker"],
            ">= 0.55",
        ),
        ("uncached quote / bare SDK", rate["gateway, quote uncached"] / rate["bare SDK, quote"], ">= 0.8"),
        ("50 symbols / bare SDK", rate["gateway, 50 symbols"] / rate["bare SDK, 50 symbols"], ">= 1.0"),
        ("1,200 bars / bare SDK", rate["gateway, 1,200 bars"] / rate["bare SDK, 1,200 bars"], ">= 1.0"),
        ("50 ms, 64 clients / original", rate["gateway, 64 clients"] / rate["original design, 64 clients"], ">= 100"),
        ("50 ms, 64 clients / what can be reached", rate["gateway, 64 clients"] / reachable, ">= 0.7"),
        ("50 ms, 1 client: ms added, median", one.p50 - own, "<= 2"),
        ("50 ms, 1 client: ms more than the bare SDK, median", one.p50 - found["bare SDK, 1 thread"].p50, ""),
        ("50 ms, 1 client: ms added, p99", one.p99 - own, "<= 8"),
    ]


def write_results(found: dict[str, Figures]) -> str:
    """Write table, figures and chart, and return the table."""
    lines = ["| row | requests/s | p50 ms | p99 ms |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {one.rate:,.1f} | {one.p50:.2f} | {one.p99:.2f} |" for name, one in found.items()]
    lines += ["", "| figure | measured | promised |", "|---|---:|---:|"]
    lines += [f"| {name} | {value:,.2f} | {promise} |" for name, value, promise in get_ratios(found)]
    table = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "compare.md").write_text(table, encoding="utf-8")
    rates = {name: [one.rate, one.p50, one.p99] for name, one in found.items()}
    (RESULTS / "compare.json").write_text(json.dumps(rates, indent=2) + "\n", encoding="utf-8")
    at_once = [(name, one.rate) for name, one in found.items() if "client" not in name and "thread" not in name]
    slow = [(name, one.rate) for name, one in found.items() if "64" in name]
    own, one = found["Tiger itself, 1 client"].p50, found["gateway, 1 client"]
    sdk = found["bare SDK, 1 thread"]
    added = [
        ("gateway, median", one.p50 - own),
        ("bare SDK, median", sdk.p50 - own),
        ("gateway, p99", one.p99 - own),
        ("bare SDK, p99", sdk.p99 - own),
    ]
    groups = [
        ("Tiger answers at once", "requests a second", at_once),
        ("Tiger answers after 50 ms", "requests a second", slow),
        ("Added to Tiger's own 50 ms, one client", "milliseconds", added),
    ]
    write_chart(RESULTS / "compare.svg", groups)
    return table


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="length of each measurement")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("The load comes from wrk, which is not installed: apt-get install wrk, or brew install wrk.")
    with tempfile.TemporaryDirectory(prefix="tiger-rest-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        simulator = stack.enter_context(running_simulator(folder / "simulator", *UNLIMITED))
        found = Comparison(folder, simulator, stack, arguments.seconds).run(arguments.rounds)
    print("\n" + write_results(found))


if __name__ == "__main__":
    main()
