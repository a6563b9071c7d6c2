"""The simulator as a process of its own, as the gateway starts it."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
UNHURRIED = ("--reading", "order_rate=none")


class Process:
    """Hold a running simulator process."""

    def __init__(self, popen: "subprocess.Popen[str]", folder: Path) -> None:
        self.popen = popen
        self.folder = folder / "simulator"
        assert popen.stdout is not None
        self.ready_line = popen.stdout.readline()
        self.url = self.ready_line.split()[-1] if self.ready_line else ""

    def credential_folder(self, name: str = "simulator-one") -> Path:
        return self.folder / "credentials" / name

    def control(self, method: str, path: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
        status, answer = self.ask(
            method, f"/control/{path}", body, token or (self.folder / "control.token").read_text().strip()
        )
        assert status == 200, answer
        return answer

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, token: str = "") -> tuple[int, Any]:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        try:
            raw = None if body is None else json.dumps(body)
            connection.request(method, path, raw, {"X-Control-Token": token})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def end(self) -> int:
        if self.popen.poll() is None:
            self.popen.terminate()
        return self.popen.wait(10)

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait(10)


@contextmanager
def started(folder: Path, *arguments: str, listener: socket.socket | None = None) -> Iterator[Process]:
    """Run ``python -m app.simulator`` until the end of the block."""
    command = [
        sys.executable,
        "-m",
        "app.simulator",
        "--instance",
        str(folder),
        "--limit-scale",
        "0",
        *UNHURRIED,
        *arguments,
    ]
    fds = () if listener is None else (listener.fileno(),)
    command += ["--fd", str(fds[0])] if fds else []
    popen = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, pass_fds=fds
    )
    process = Process(popen, folder)
    try:
        yield process
    finally:
        process.end()
        assert popen.stdout is not None
        popen.stdout.close()
