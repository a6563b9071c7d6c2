"""Every command, curl line, settings block and program in the documentation does what it says."""

import os
import subprocess
import sys
import tomllib
from itertools import groupby
from pathlib import Path

import pytest

from app.config.loader import load_settings
from tests.documentation.blocks import Block, get_blocks
from tests.support.server import ROOT, running_server

KNOWN = {"sh", "toml", "python", "json"}
# Prometheus reads these; the tests of the metrics give them to its own tool.
KNOWN |= {"yaml"}
# Drawn where the page is shown.
KNOWN |= {"mermaid"}
# Each is executed whole by a test of its own.
BY_ITSELF = {"agents.md", "first-answer.md", "trading-day.md"}
# A failed request fails its line.
CURL = 'curl() { command curl --fail-with-body "$@"; }\n'
RUN = "make run"

SHELL = [block for block in get_blocks("sh") if block.needs is None and block.name not in BY_ITSELF]
BY_DOCUMENT = [
    pytest.param(list(blocks), id=name) for name, blocks in groupby(SHELL, lambda block: block.document.name)
]


def test_every_block_is_in_a_language_that_is_executed_or_checked():
    unknown = [str(block) for block in get_blocks() if block.language not in KNOWN]

    assert unknown == []


@pytest.mark.parametrize("blocks", BY_DOCUMENT)
def test_the_commands_of_a_document_succeed_one_after_the_other(blocks, tmp_path):
    with running_server(tmp_path, "--workers", "1") as server:
        for block in blocks:
            run_block(block, server.url, tmp_path)


def run_block(block: Block, url: str, folder: Path) -> None:
    """Run one block as pasted, against the running gateway; what a command writes goes into the test's folder."""
    text = block.text.replace("http://localhost:9000", url).replace(".venv/bin/", "")
    if text.strip() == RUN:
        return
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TIGER_REST_")}
    environ |= {
        "PATH": f"{Path(sys.executable).parent}:{environ['PATH']}",
        "TIGER_REST_INSTANCE": str(folder / "instance"),
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": str(ROOT),
    }
    for name in (".ci", "docs", "wsgi.py", "app", "blueprints", "schemas", "pyproject.toml", "README.md", "LICENSE"):
        link = folder / name
        if not link.exists():
            link.symlink_to(ROOT / name)
    if not (folder / "gunicorn.conf.py").exists():
        (folder / "gunicorn.conf.py").symlink_to(ROOT / "gunicorn.conf.py")

    command = ["bash", "-euo", "pipefail", "-c", CURL + text]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, f"{block}\n{text}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("block", get_blocks("toml"), ids=str)
def test_a_settings_block_loads(block, simulator, tmp_path):
    document = tomllib.loads(block.text)
    for credential in document.get("credentials", []):
        folder = tmp_path / "instance" / credential["path"]
        folder.mkdir(parents=True)
        for file in simulator.get_credential_folder("20154747").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())

    if "project" in document:
        example = tomllib.loads((ROOT / "docs" / "example-plugin" / "pyproject.toml").read_text())
        assert document["project"]["entry-points"] == example["project"]["entry-points"]
    else:
        load_settings({"TIGER_REST_INSTANCE": str(tmp_path / "instance")}, document)


@pytest.mark.parametrize("block", get_blocks("python"), ids=str)
def test_a_program_runs_beside_the_wheel(block, shared_environment, simulator, tmp_path):
    (tmp_path / "program.py").write_text(block.text)

    shared_environment.run("program.py", cwd=tmp_path)
