"""The page for those who let a model in: each of its lines, as somebody would paste it."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documentation.blocks import get_blocks
from tests.support.agent_calls import CALLS
from tests.support.agents import find_python, run_client, run_program
from tests.support.client import PAPER
from tests.support.server import ROOT

PAGE = "agents.md"
ADDRESS = "http://localhost:9000"
COMMANDS = [block for block in get_blocks("sh") if block.name == PAGE]
CONFIGURATIONS = [block for block in get_blocks("json") if block.name == PAGE]
SPEAKING = [block for block in CONFIGURATIONS if '"url"' in block.text]
"""Of clients that speak to the gateway themselves; the other one is of a client that starts a program for it."""
CURL = 'curl() { command curl --fail-with-body "$@"; }\n'


@pytest.fixture(autouse=True)
def _clients():
    if not find_python("2").exists():
        pytest.skip("make mcp-clients installs the official clients")


def get_entry(block):
    (servers,) = json.loads(block.text).values()
    (entry,) = servers.values()
    return entry


@functools.cache
def list_tools(url, authorization):
    """Return what a client is shown; those that send the same are shown the same."""
    return run_client("2", url, authorization.removeprefix("Bearer "), [])["tools"]


@pytest.mark.parametrize("block", SPEAKING, ids=str)
def test_a_client_that_is_set_up_so_is_let_in(server, block):
    entry = get_entry(block)

    assert "preview_order" in list_tools(entry["url"].replace(ADDRESS, server.url), entry["headers"]["Authorization"])


def test_the_program_that_a_client_starts_passes_on_what_it_says(server, tmp_path):
    (entry,) = (get_entry(block) for block in CONFIGURATIONS if block not in SPEAKING)
    environ = {**os.environ, **entry["env"], "MCP_REMOTE_CONFIG_DIR": str(tmp_path), "npm_config_fetch_retries": "0"}
    if shutil.which(entry["command"]) is None:
        pytest.skip("Node is not installed")
    fetched = [entry["command"], "-y", "--package", entry["args"][1], "--", "true"]
    if subprocess.run(fetched, env=environ, cwd=tmp_path, capture_output=True, timeout=60, check=False).returncode:
        pytest.skip(f"{entry['args'][1]} cannot be fetched")
    command = [entry["command"], *(argument.replace(ADDRESS, server.url) for argument in entry["args"])]
    quoted = {"name": "get_quotes", "arguments": CALLS["get_quotes"](PAPER)}

    listed, called = run_program(command, environ, tmp_path, [("tools/list", {}), ("tools/call", quoted)])

    assert [tool["name"] for tool in listed["tools"]] == list(CALLS)
    assert called["structuredContent"]["quotes"]["AAPL"]["latest_price"] > 0


def test_the_commands_succeed_one_after_the_other(server, tmp_path):
    clients, gateway = find_python("2").parent, Path(sys.executable).parent
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TIGER_REST_")}
    environ |= {"TIGER_REST_INSTANCE": str(server.log.parent / "instance"), "PYTHONPATH": str(ROOT)}
    environ["PATH"] = f"{clients}:{environ['PATH']}"
    script = "".join(f"{block.text}\n" for block in COMMANDS)
    script = script.replace(ADDRESS, server.url).replace(".venv/bin/", f"{gateway}/")

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", CURL + script],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"isError":false' in done.stdout
    assert "cancel_order" not in done.stdout


def test_every_tool_of_the_page_is_there_and_every_other_is_none_of_its_key(server):
    page = (ROOT / "docs" / PAGE).read_text()

    told = run_client("2", f"{server.url}/mcp", "client_key_demo", [("list_accounts", {})])

    assert [name for name in told["tools"] if f"`{name}`" not in page] == []
    assert told["tools"] == [name for name in CALLS if name != "place_order" or f"`{name}`" in page]
    assert [each["account"] for each in told["results"][0][1]["accounts"]] == [PAPER]
