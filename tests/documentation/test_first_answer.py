"""A newcomer's two ways to a first answer, command by command, each in an empty folder."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.documentation.blocks import Block, get_blocks
from tests.support.ports import reserve_port
from tests.support.server import ROOT

pytestmark = pytest.mark.long

CLONE, EMBEDDED = (block for block in get_blocks("sh") if block.name == "first-answer.md")
# Packages are fetched from the index, so the network has its share in it.
MOST_SECONDS = 300


def run_as_pasted(block: Block, folder: Path, **variables: str) -> str:
    """Run the commands in a shell of their own, on a free port, until the first answer; end what they started."""
    port = reserve_port()
    environ = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name == "PATH"}
    environ |= {
        "HOME": str(folder),
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}",
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
        "PIP_CONSTRAINT": str(ROOT / ".ci" / "constraints.txt"),
        # As --no-compile: what is imported is compiled then, and nothing else.
        "PIP_NO_COMPILE": "0",
        **variables,
    }
    output = folder / "output"
    started = time.monotonic()
    with output.open("wb") as stream:
        process = subprocess.Popen(
            ["bash", "-eu", "-c", block.text.replace("9000", str(port))],
            cwd=folder,
            env=environ,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        try:
            assert process.wait(MOST_SECONDS) == 0, output.read_text()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
    print(f"{block}: {time.monotonic() - started:.1f} s to the first answer")
    return output.read_text()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="there is nothing to clone")
def test_from_a_clone_to_the_first_answer(tmp_path):
    printed = run_as_pasted(CLONE, tmp_path, REPOSITORY=str(ROOT))

    assert '"success":true' in printed


def test_from_the_wheel_to_the_first_answer_inside_an_application(wheel, tmp_path):
    constraints = str(ROOT / ".ci" / "constraints.txt")
    printed = run_as_pasted(EMBEDDED, tmp_path, CONSTRAINTS=constraints, WHEEL=str(wheel))

    assert '"success":true' in printed
