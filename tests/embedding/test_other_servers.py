"""Under a server that embeds Python ``sys.executable`` is that server, and the simulator starts all the same."""

import sys
from pathlib import Path

import pytest
from flask import Flask

from app.config.credentials import ConfigurationError
from app.config.loader import load_settings
from app.embedding import TigerRest
from app.server.simulator_process import SimulatorProcess, find_interpreter
from app.settings import Settings
from tests.support.client import Client, assert_refusal


@pytest.fixture
def own_settings(tmp_path: Path) -> Settings:
    """Give settings in which the gateway starts a simulator of its own."""
    return load_settings({"TIGER_REST_INSTANCE": str(tmp_path / "instance")})


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program that is no Python in the place of this one's."""
    program = tmp_path / "uwsgi"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


@pytest.fixture
def without_python(server: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take the Python of the environment away as well."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path / "bin"))
    monkeypatch.setattr("sysconfig.get_config_var", lambda _name: str(tmp_path / "bin"))


def test_the_simulator_runs_in_the_python_of_the_environment(server, own_settings):
    process = SimulatorProcess(own_settings)
    try:
        assert [credential.name for credential in process.start()] == ["simulator-one", "simulator-two"]
    finally:
        process.stop()


@pytest.mark.parametrize("known", [None, "", "/usr/sbin/apache2", "/opt/uwsgi/bin/uwsgi"])
def test_the_python_of_the_environment_is_found_whatever_program_embeds_it(monkeypatch, known):
    there = Path(sys.prefix, "bin")
    monkeypatch.setattr(sys, "executable", known)

    assert Path(find_interpreter()).parent == there


def test_the_python_that_runs_is_taken_as_it_is(monkeypatch):
    assert find_interpreter() == sys.executable


def test_a_process_without_a_python_says_so_in_one_line(without_python):
    with pytest.raises(
        ConfigurationError, match=r"needs a Python to run in, \S+uwsgi is none, .*simulator\.folder"
    ) as it:
        find_interpreter()
    assert "\n" not in str(it.value)


def test_the_log_has_the_sentence_of_a_configuration_that_fails_in_a_request(without_python, own_settings, caplog):
    host = Flask("host")
    tiger = TigerRest(host, settings=own_settings)

    answer = Client(host).post("/tiger/api/market/quote", symbol="AAPL")

    assert_refusal(answer, 500, "internal_error")
    assert "needs a Python to run in" in caplog.text
    with host.app_context():
        tiger.gateway.close()
