"""The page for those who let a model in: each of its lines, as somebody would paste it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documentation.blocks import get_blocks
from tests.support.agent_calls import CALLS
from tests.support.agents import find_python, run_client
from tests.support.client import PAPER
from tests.support.server import ROOT, running_server

PAGE = "agents.md"
ADDRESS = "http://localhost:9000"
COMMANDS = [block for block in get_blocks("sh") if block.name == PAGE]
CONFIGURATIONS = [block for block in get_blocks("json") if block.name == PAGE]
CURL = 'curl() { command curl --fail-with-body "$@"; }\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("gateway"), "--workers", "1") as running:
        yield running


@pytest.fixture(autouse=True)
def _clients():
    if not find_python("2").exists():
        pytest.skip("make mcp-clients installs the official clients")


def find_connection(configuration):
    """Return the address and the header that a client would send, whether it calls by itself or by a program."""
    (servers,) = configuration.values()
    (entry,) = servers.values()
    if "url" in entry:
        return entry["url"], entry["headers"]["Authorization"]
    address, header = (entry["args"][at] for at in (-3, -1))
    assert header == "Authorization:${TIGER}"
    return address, entry["env"]["TIGER"]


@pytest.mark.parametrize("block", CONFIGURATIONS, ids=str)
def test_a_client_that_is_set_up_so_is_let_in(server, block):
    address, header = find_connection(json.loads(block.text))

    told = run_client("2", address.replace(ADDRESS, server.url), header.removeprefix("Bearer "), [])

    assert "preview_order" in told["tools"]


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
