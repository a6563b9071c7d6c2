"""Agents as they speak: messages of both eras of the Model Context Protocol, and the official clients."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.client import FULL_KEY
from tests.support.processes import ROOT

STATELESS = "2026-07-28"
HANDSHAKE = "2025-06-18"
META = "io.modelcontextprotocol/"
CLIENTS = Path(__file__).with_name("mcp_clients")
ERAS = ("1", "2")
# Each official client lies in an environment of its own: the two agree on no version.
ENVIRONMENTS = Path(os.environ.get("TIGER_REST_TEST_MCP_CLIENTS", ROOT))


@dataclass(frozen=True)
class Agent:
    """Send messages of one version with one key; ``path`` is the gateway's in its application."""

    app: Flask
    key: str | None = FULL_KEY
    version: str = STATELESS
    path: str = "/mcp"

    def ask(self, method: str, params: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        """Send a request as the clients do."""
        params = dict(params or {})
        headers = {"MCP-Protocol-Version": self.version, **headers}
        if self.version == STATELESS:
            params["_meta"] = {f"{META}protocolVersion": self.version, f"{META}clientCapabilities": {}}
            name = {"Mcp-Name": params["name"]} if "name" in params else {}
            headers = {"Mcp-Method": method, **name, **headers}
        return self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, **headers)

    def send(self, message: Any, **headers: str) -> TestResponse:
        """Send this message as it is."""
        if self.key is not None:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        accepted = {"Accept": "application/json, text/event-stream", **headers}
        return self.app.test_client().post(self.path, json=message, headers=accepted)

    def list_tools(self) -> dict[str, dict[str, Any]]:
        """Return the definitions of the tools by name."""
        answer = self.ask("tools/list")
        assert answer.status_code == 200, answer.get_json()
        return {tool["name"]: tool for tool in answer.get_json()["result"]["tools"]}

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and return its result, an error's too."""
        answer = self.ask("tools/call", {"name": name, "arguments": arguments})
        assert answer.status_code == 200, answer.get_json()
        result: dict[str, Any] = answer.get_json()["result"]
        return result

    def data(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must succeed, and return what it says to programs."""
        result = self.call(name, **arguments)
        assert not result["isError"], result
        content: dict[str, Any] = result["structuredContent"]
        return content

    def refusal(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must refuse, and return what it tells the model."""
        result = self.call(name, **arguments)
        assert result["isError"], result
        told: dict[str, Any] = json.loads(result["content"][-1]["text"])
        return told


def find_python(era: str) -> Path:
    """Return the Python of the environment that an official client is installed in."""
    return ENVIRONMENTS / f".venv-mcp-{era}" / "bin" / "python"


def run_client(era: str, url: str, key: str, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Have an official client list the tools and make these calls; return what it made of the answers."""
    done = subprocess.run(
        [find_python(era), CLIENTS / f"client_{era}.py"],
        input=json.dumps({"url": url, "key": key, "calls": calls}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def run_program(
    command: Sequence[str], environ: Mapping[str, str], folder: Path, asked: Sequence[tuple[str, dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Start a program as a client does that speaks to it by its standard input, and return the results of requests."""
    client = {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    log, results = folder / "program.log", []
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, env=environ, stdin=-1, stdout=-1, stderr=errors, text=True, cwd=folder, start_new_session=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(60, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        try:
            for number, (method, params) in enumerate([("initialize", client), *asked]):
                message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                process.stdin.write(f"{json.dumps(message)}\n")
                process.stdin.flush()
                answer = process.stdout.readline()
                assert answer, log.read_text()
                results.append(json.loads(answer)["result"])
                if method == "initialize":
                    process.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
            process.stdin.close()
            process.wait()
        finally:
            late.cancel()
            # What it started itself goes with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return results[1:]
