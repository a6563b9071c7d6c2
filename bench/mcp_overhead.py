"""Measure what a tool adds to its route: ``python -m bench.mcp_overhead``.

The same question, one at a time, to the same gateway under gunicorn: by its route, and by the tool that is that route.
The two take turns, so that whatever else the machine does meets both alike.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.campaign.services import running_gateway, running_simulator

KEY = "client_key_001"
ACCOUNT = "67686635"
QUESTION: dict[str, Any] = {"account": ACCOUNT, "symbols": ["AAPL"]}
VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
CALL: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "get_quotes", "arguments": QUESTION, "_meta": META},
}
TOOL_HEADERS = {"MCP-Protocol-Version": VERSION, "Mcp-Method": "tools/call", "Mcp-Name": "get_quotes"}
MOST_MILLISECONDS = 1.0
WARM_UP = 50


def ask(connection: http.client.HTTPConnection, path: str, body: dict[str, Any], headers: dict[str, str]) -> float:
    """Return the milliseconds that an answer took."""
    content = json.dumps(body)
    known = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers}
    began = time.perf_counter()
    connection.request("POST", path, content, known)
    response = connection.getresponse()
    text = response.read()
    taken = (time.perf_counter() - began) * 1_000
    if response.status != http.client.OK or b'"isError":true' in text:
        raise RuntimeError(text.decode())
    return taken


def main() -> int:
    """Measure, print the medians, and end with 1 where a tool adds more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2_000)
    rounds = parser.parse_args().rounds
    taken: dict[str, list[float]] = {"route": [], "tool": []}
    with tempfile.TemporaryDirectory(prefix="tiger-rest-mcp-") as name:
        folder = Path(name)
        with (
            running_simulator(folder / "tiger", 1) as simulator,
            running_gateway(
                folder / "http", workers=1, variables={"TIGER_REST_SIMULATOR__FOLDER": str(simulator.folder)}
            ) as gateway,
        ):
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
            for _ in range(rounds + WARM_UP):
                taken["route"].append(ask(connection, "/api/market/batch", QUESTION, {}))
                taken["tool"].append(ask(connection, "/mcp", CALL, TOOL_HEADERS))
    medians = {name: statistics.median(times[WARM_UP:]) for name, times in taken.items()}
    added = medians["tool"] - medians["route"]
    print(f"median, ms: route {medians['route']:.3f}, tool {medians['tool']:.3f}, added {added:.3f}")
    return 0 if added <= MOST_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
