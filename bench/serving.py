"""Start and stop what the benchmarks compare: simulators, gateways, other servers. Everything listens on loopback."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.ports import reserve_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 40.0


THREADS: Final = 64
"""Of each worker, unless a bench says otherwise: many clients wait at once here, in more threads than by default."""


@dataclass(frozen=True)
class SimulatorHandle:
    """A simulator in a process of its own, and its control paths."""

    folder: Path
    base_url: str
    process: subprocess.Popen[bytes]

    def control(self, path: str, body: Mapping[str, Any] | None = None, method: str | None = None) -> Any:
        """Ask a control path."""
        data = None if body is None else json.dumps(body).encode()
        token = (self.folder / "control.token").read_text(encoding="utf-8").strip()
        headers = {"X-Control-Token": token, "Content-Type": "application/json"}
        address = f"{self.base_url}/control/{path}"
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310 - loopback.
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)


@dataclass(frozen=True)
class Served:
    """A server that listens."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)


@contextlib.contextmanager
def started(command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Run a process for the block; it is ended by its own id."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("TIGER_REST_", "GUNICORN_"))}
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env={**plain, **(environ or {})}, stdout=stream, stderr=stream)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def wait_for(address: tuple[str, int], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until something listens, or end with the server's own words."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(address, 1):
            return
        time.sleep(0.05)
    sys.exit(f"{address} did not come up:\n{log.read_text(encoding='utf-8')[-2_000:]}")


def wait_until_answered(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a request is answered: gunicorn's master listens before its workers are there."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=START_SECONDS):  # noqa: S310
            return
        time.sleep(0.05)
    sys.exit(f"{url} did not answer:\n{log.read_text(encoding='utf-8')[-2_000:]}")


UNLIMITED: Final = ("--limit-scale", "100000", "--reading", "order_rate=none")
"""Options of a simulator that counts, and lets everything pass."""


@contextlib.contextmanager
def running_simulator(folder: Path, *options: str) -> Iterator[SimulatorHandle]:
    """Run a simulator with these options of its command line."""
    folder.mkdir(parents=True, exist_ok=True)
    port = reserve_port()
    command = [sys.executable, "-m", "app.simulator", "--instance", str(folder), "--port", str(port), *options]
    # What is compared with the gateway are other devices: each has its quotes.
    command += ["--reading", "quote_permission=granted"]
    log = folder / "simulator.log"
    with started(command, log) as process:
        wait_for(("127.0.0.1", port), process, log)
        yield SimulatorHandle(folder / "simulator", f"http://127.0.0.1:{port}", process)


@contextlib.contextmanager
def running_gateway(folder: Path, simulator: SimulatorHandle, *options: str, **settings: str) -> Iterator[Served]:
    """Run gunicorn with our own file in front of a simulator; settings are named ``SECTION__NAME``."""
    folder.mkdir(parents=True, exist_ok=True)
    port = reserve_port()
    environ = {f"TIGER_REST_{name}": value for name, value in settings.items()}
    environ.setdefault("TIGER_REST_INSTANCE", str(folder / "instance"))
    environ.setdefault("TIGER_REST_GATEWAY__THREADS", str(THREADS))
    environ["TIGER_REST_SIMULATOR__FOLDER"] = str(simulator.folder)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *options, "wsgi:app"]
    log = folder / "gateway.log"
    with started(command, log, environ) as process:
        wait_for(("127.0.0.1", port), process, log)
        wait_until_answered(f"http://127.0.0.1:{port}/health/live", process, log)
        yield Served(f"http://127.0.0.1:{port}", process)
