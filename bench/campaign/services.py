"""The processes of a campaign: the simulator, the gateways in front of it, and the one who kills their workers."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.ports import reserve_port
from tests.support.processes import started, wait_for_start

CALL_SECONDS = 60.0


@dataclass(frozen=True)
class SimulatorProcess:
    """A simulator and its control paths."""

    process: subprocess.Popen[bytes]
    folder: Path
    base_url: str

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Steer or ask the simulator."""
        token = next(self.folder.glob("*control*token*")).read_text().strip()
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - our own loopback address.
            f"{self.base_url}/control/{path}", data, {"X-Control-Token": token}, method=method
        )
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
            return json.load(answer)

    @property
    def credentials(self) -> Path:
        """Return the folder that holds a folder for Tiger's SDK for each developer id."""
        return self.folder / "credentials"

    def fetch_orders(self) -> list[dict[str, Any]]:
        """Return every order that the simulator holds, hidden ones too."""
        orders: list[dict[str, Any]] = self.control("GET", "orders")["orders"]
        return orders


@dataclass(frozen=True)
class Gateway:
    """One gunicorn with its workers."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def list_workers(self) -> list[int]:
        """Return the pids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError):
            return [int(pid) for pid in children.read_text().split()]
        return []


@contextlib.contextmanager
def running_simulator(
    folder: Path, seed: int, readings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[SimulatorProcess]:
    """Run a simulator with these readings, and without rate limits unless they say so, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "address"
    command = [sys.executable, "-m", "app.simulator", "--instance", str(folder), "--limit-scale", "0"]
    # An order number that an attached order has while nobody can see it stays in doubt until it is shown.
    command += ["--seed", str(seed), "--ready-file", str(ready), "--attached-orders", "at_once"]
    command += [f"--reading={name}={value}" for name, value in {"order_rate": "none", **readings}.items()]
    log = folder / "simulator.log"
    with started(command, log) as process:
        wait_for_start(process, log, ready.exists)
        url = ready.read_text().strip()
        yield SimulatorProcess(process, folder / "simulator", url.removesuffix("/gateway"))


@contextlib.contextmanager
def running_gateway(
    folder: Path, *, workers: int, wsgi: str = "wsgi:app", variables: Mapping[str, str]
) -> Iterator[Gateway]:
    """Run gunicorn with our own settings until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    port = reserve_port()
    log = folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers), wsgi]
    with started(command, log, {"TIGER_REST_INSTANCE": str(folder / "instance"), **variables}) as process:
        gateway = Gateway(process, port, log)
        wait_for_start(process, log, lambda: len(gateway.list_workers()) >= workers and _answers(port))
        yield gateway


@contextlib.contextmanager
def running_gateways(
    folder: Path, *, instances: int, workers: int, wsgi: str, variables: Mapping[str, str]
) -> Iterator[list[Gateway]]:
    """Run several on one database, which share so many workers, until the block ends."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                running_gateway(
                    folder / f"gateway-{index}", workers=workers // instances, wsgi=wsgi, variables=variables
                )
            )
            for index in range(instances)
        ]


@dataclass
class Killer:
    """Kill a random worker again and again, until stopped or out of kills."""

    gateways: list[Gateway]
    seconds: float
    random: random.Random
    most: int | None = None
    kills: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Kill one worker each so many seconds."""
        while not self._stopped.wait(self.seconds) and (self.most is None or self.kills < self.most):
            workers = self.random.choice(self.gateways).list_workers()
            if workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.random.choice(workers), signal.SIGKILL)
                    self.kills += 1

    def stop(self) -> None:
        """Kill no more."""
        self._stopped.set()


def _answers(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        return bool(answer.status == 200)
