"""The installed wheel serves: inside a host, forked with it, and by itself."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.wheel.build import reroot
from tests.support.installed import Environment
from tests.support.ports import reserve_port
from tests.support.processes import end
from tests.support.run_log import keep_log
from tests.support.server import ROOT, START_SECONDS, wait_until

pytestmark = pytest.mark.long

FULL_KEY = {"Authorization": "Bearer client_key_001", "Content-Type": "application/json"}
QUOTE = json.dumps({"account": "67686635", "symbol": "AAPL"}).encode()
# Tests that hold for whatever serves the endpoints, under whichever path.
ENDPOINT_TESTS = ("test_documented_responses.py", "test_bad_input.py", "test_values_agree.py")
LISTS_WITHOUT_PREFIX = "test_documented_responses.py::test_endpoints_are_grouped_as_documented"


def copy_tests(folder: Path) -> None:
    """Copy the tests of the endpoints as they would read beside the installed package."""
    for source in [*ROOT.glob("tests/*.py"), *ROOT.glob("tests/support/*.py"), *ROOT.glob("tests/contract/*.py")]:
        if not source.name.startswith("test_") or source.name in ENDPOINT_TESTS:
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = reroot(source.read_text(), source)
            target.write_text(text.replace("from tiger_rest.app import create_app", "from mounted import create_app"))


@contextlib.contextmanager
def serving(environment: Environment, cwd: Path, *arguments: str, **variables: str) -> Iterator[str]:
    """Run gunicorn from the environment until the block ends, and give its address."""
    address = f"127.0.0.1:{reserve_port()}"
    log = cwd / "gunicorn.log"
    environ = {"PATH": os.environ["PATH"], **variables}
    command = [str(environment.python), "-m", "gunicorn", *arguments, "--bind", address]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=cwd, env=environ, stdout=stream, stderr=stream)
    try:
        wait_until(lambda: accepts(address), START_SECONDS)
        yield f"http://{address}"
    finally:
        end(process)
        keep_log(log)


def accepts(address: str) -> bool:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


def fetch(url: str, body: bytes | None = None) -> dict[str, object]:
    request = urllib.request.Request(url, body, FULL_KEY)  # noqa: S310 - our own loopback address.
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        decoded: dict[str, object] = json.load(answer)
        return decoded


def test_the_tests_of_the_endpoints_pass_inside_a_host(shared_environment, host, tmp_path):
    copy_tests(host)
    shutil.copy(ROOT / "pyproject.toml", host)

    # Which field is wrong is no matter of who mounts: those nine hundred are tried where nothing is mounted.
    left_out = ("--deselect", f"tests/contract/{LISTS_WITHOUT_PREFIX}", "-k", "not test_a_wrong_field_is_named")
    options = ("-q", "-p", "no:cacheprovider", *left_out)
    printed = shared_environment.run("-m", "pytest", *options, "tests", cwd=host, HOME=str(tmp_path))

    assert " passed" in printed
    assert "failed" not in printed


def test_a_gateway_mounted_before_the_fork_serves_in_every_worker(shared_environment, host, simulator):
    variables = {"HOST_FOLDER": str(host / "data"), "SIMULATOR_FOLDER": str(simulator.folder)}
    options = ("--preload", "--workers", "3", "--threads", "4", "--worker-class", "gthread", "host_wsgi:host")

    with serving(shared_environment, host, *options, **variables) as url:
        quotes = [fetch(f"{url}/tiger/api/market/quote", QUOTE) for _ in range(30)]
        accounts = fetch(f"{url}/api/accounts")

    assert all(quote["success"] for quote in quotes)
    assert accounts["of"] == "the host"


def test_the_wheel_serves_by_itself(shared_environment, tmp_path):
    arguments = ("-c", "python:tiger_rest.gunicorn_conf", "tiger_rest.wsgi:app")

    with serving(shared_environment, tmp_path, *arguments) as url:
        quote = fetch(f"{url}/api/market/quote", QUOTE)

    assert quote["success"]
    assert (tmp_path / "instance" / "simulator").is_dir()


@pytest.mark.parametrize("command", [("keys", "list"), ("config",)], ids=" ".join)
def test_the_commands_are_in_the_wheel(shared_environment, tmp_path, command):
    printed = shared_environment.run("-m", "flask", "--app", "tiger_rest.wsgi", *command, cwd=tmp_path)

    assert "Traceback" not in printed


def test_the_wheel_passes_a_strict_type_check_of_its_user(shared_environment, tmp_path):
    (tmp_path / "user.py").write_text(
        "from flask import Flask\n"
        "from tiger_rest import TigerRest\n"
        "host = Flask('host')\n"
        "TigerRest(host, url_prefix='/tiger').init_app(host)\n"
    )

    shared_environment.run("-m", "mypy", "--strict", "--follow-imports=silent", "user.py", cwd=tmp_path)
