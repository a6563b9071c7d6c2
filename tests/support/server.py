"""The gateway as users run it: gunicorn with our own file, on a free port, in its own folder."""

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.ports import reserve_port
from tests.support.processes import ROOT, START_SECONDS, get_descendants, started, wait_for_start
from tests.support.run_log import keep_log

__all__ = ["ROOT", "START_SECONDS", "Server", "find_workers", "get_command", "get_descendants", "is_alive"]
__all__ += ["running_server", "wait_until"]


@dataclass
class Server:
    """A running gunicorn and the port it listens on."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def call(self, path: str, body: Mapping[str, Any] | None = None, key: str = "client_key_001") -> tuple[int, Any]:
        """Return status and decoded body of a request."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers)  # noqa: S310 - our own loopback address.
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def answers(self) -> bool:
        """Tell whether the health check answers, or raise OSError."""
        return self.call("/health")[0] == 200

    def processes(self) -> set[int]:
        """Return the pids of the master, its workers and its simulator."""
        return {self.process.pid, *get_descendants(self.process.pid)}

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Send the signal to the master and return the seconds until it ended."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - started


@contextlib.contextmanager
def running_server(folder: Path, *arguments: str, application: str = "wsgi:app", **variables: str) -> Iterator[Server]:
    """Run gunicorn with these further arguments and environment variables until the block ends."""
    port = reserve_port()
    log = folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *arguments, application]
    try:
        with started(command, log, {"TIGER_REST_INSTANCE": str(folder / "instance"), **variables}) as process:
            server = Server(process, f"http://127.0.0.1:{port}", log)
            wait_for_start(process, log, server.answers)
            yield server
    finally:
        keep_log(log)


def wait_until(condition: Any, seconds: float) -> float:
    """Wait for the condition and return the seconds it took; fail once the time is over."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"nothing happened for {seconds} s"
        time.sleep(0.02)  # A poll between two looks.
    return time.monotonic() - started


def get_command(pid: int) -> bytes:
    """Return the command line of a process; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def find_workers(server: Server) -> set[int]:
    """Return the pids of a gateway's workers: its processes but for the master and the simulator."""
    children = server.processes() - {server.process.pid}
    return {pid for pid in children if (command := get_command(pid)) and b"--parent-pid" not in command}


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
