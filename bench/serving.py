"""Start and stop what the benchmarks compare: simulators, gateways, other servers. Everything listens on loopback."""

import contextlib
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.ports import reserve_port
from tests.support.processes import started, wait_for_start

ANSWER_SECONDS = 40.0

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
        wait_for_start(process, log, lambda: listens("127.0.0.1", port))
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
    url = f"http://127.0.0.1:{port}"
    with started(command, log, environ) as process:
        # gunicorn's master listens before its workers are there.
        wait_for_start(process, log, lambda: answers(f"{url}/health/live"))
        yield Served(url, process)


def listens(host: str, port: int) -> bool:
    """Tell whether a connection is taken, or raise OSError."""
    socket.create_connection((host, port), 1).close()
    return True


def answers(url: str) -> bool:
    """Tell whether a request is answered with success, or raise OSError."""
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - loopback.
        return bool(answer.status == 200)
