"""Measure the CPU time of a request: ``python -m bench.cpu``.

For each kind of request the milliseconds of processor that the gateway's processes, the simulator and the bare SDK
take, whatever else the machine does meanwhile. The rows take turns, and each figure is the median of the rounds.
"""

import argparse
import contextlib
import os
import statistics
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.compare import FIFTY, NOTHING_SHARED, RAISED, run_sdk, run_wrk, running_server
from bench.serving import UNLIMITED, Served, SimulatorHandle, running_gateway, running_simulator

ACCOUNT = "67686635"
CLIENTS = 4
TICK_MS = 1_000 / os.sysconf("SC_CLK_TCK")
QUOTE = {"account": ACCOUNT, "symbol": "AAPL"}
BATCH = {"account": ACCOUNT, "symbols": FIFTY}
BARS = {"account": ACCOUNT, "symbol": "AAPL", "period": "day", "limit": 1200}
ORDER = {**QUOTE, "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 5}
CACHED = "quote, cached"


@dataclass(frozen=True)
class Row:
    """One kind of request: what it is sent to, and what the bare SDK is asked for besides."""

    name: str
    path: str
    body: Mapping[str, object]
    sdk_kind: str | None
    promised: float | None = None


ROWS = (
    Row(CACHED, "/api/market/quote", QUOTE, None, 1.6),
    Row("quote, uncached", "/api/market/quote", QUOTE, "quote", 0.70),
    Row("50 symbols", "/api/market/batch", BATCH, "batch"),
    Row("1,200 bars", "/api/market/kline", BARS, "kline", 0.85),
    Row("order", "/api/trade/place-order", ORDER, "order"),
)


def get_cpu_ms(root: int) -> float:
    """Return the processor time of a process and its children so far, in milliseconds."""
    ticks, parents = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)], ticks[int(folder.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    return sum(ticks[each] for each in ticks if root in iterate_ancestors(each, parents)) * TICK_MS


def iterate_ancestors(process: int, parents: dict[int, int]) -> Iterator[int]:
    """Yield a process, its parent, and so on."""
    while process:
        yield process
        process = parents.get(process, 0)


def measure(
    served: Served, path: str, body: Mapping[str, object], seconds: float, simulator: int
) -> tuple[float, float]:
    """Return the milliseconds of the server and of the simulator for one request."""
    before = get_cpu_ms(served.process.pid), get_cpu_ms(simulator)
    requests = run_wrk(served.url + path, body, CLIENTS, seconds).rate * seconds
    after = get_cpu_ms(served.process.pid), get_cpu_ms(simulator)
    return (after[0] - before[0]) / requests, (after[1] - before[1]) / requests


def measure_all(
    folder: Path, simulator: SimulatorHandle, stack: contextlib.ExitStack, seconds: float, rounds: int
) -> None:
    """Start what is measured, and print the table."""
    credential = next((simulator.folder / "credentials").glob("*/tiger_openapi_config.properties")).parent
    environ = {"BENCH_CREDENTIAL": str(credential), "BENCH_SERVER_URL": f"{simulator.base_url}/gateway"}
    start: Callable[..., Served] = stack.enter_context
    raised = {"BUDGET__LIMIT_SCALE": RAISED}
    cached = start(running_gateway(folder / "cached", simulator, **raised))
    plain = start(running_gateway(folder / "plain", simulator, **NOTHING_SHARED))
    served = ("--bind", "127.0.0.1:PORT", "echo_app:app")
    echo = start(
        running_server(folder, "gunicorn", "--workers", "2", "--threads", "64", "--worker-class", "gthread", *served)
    )
    # gunicorn's master listens before its workers are there.
    asked = urllib.request.Request(f"{echo.url}/echo", b"{}", {"Content-Type": "application/json"})  # noqa: S310 - loopback.
    urllib.request.urlopen(asked, timeout=60).close()  # noqa: S310 - as above.
    found: dict[str, list[tuple[float, float, float]]] = {row.name: [] for row in ROWS}
    for _ in range(rounds):
        for row in ROWS:
            gateway = cached if row.name in {CACHED, "order"} else plain
            own, tigers = measure(gateway, row.path, row.body, seconds, simulator.process.pid)
            if row.sdk_kind is None:
                other = measure(echo, "/echo", row.body, seconds, simulator.process.pid)[0]
            else:
                other = run_sdk(environ, row.sdk_kind, CLIENTS, seconds)["cpu_ms"]
            found[row.name].append((own, tigers, other))
            print(f"  {row.name:<16} {own:6.2f} {tigers:6.2f} {other:6.2f}", flush=True)
    print(f"\n{'CPU ms a request':<18}{'gateway':>9}{'simulator':>11}{'bare':>7}{'ratio':>7}{'promised':>10}")
    for row in ROWS:
        own, tigers, other = (statistics.median(figures) for figures in zip(*found[row.name], strict=True))
        promised = "" if row.promised is None else f"<= {row.promised:.2f}"
        print(f"{row.name:<18}{own:>9.2f}{tigers:>11.2f}{other:>7.2f}{own / other:>7.2f}{promised:>10}")
    print("Bare: the SDK alone; for a cached quote a Flask route that gives its JSON body back.")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="length of each measurement")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tiger-rest-cpu-") as name, contextlib.ExitStack() as stack:
        simulator = stack.enter_context(running_simulator(Path(name) / "simulator", *UNLIMITED))
        measure_all(Path(name), simulator, stack, arguments.seconds, arguments.rounds)


if __name__ == "__main__":
    main()
