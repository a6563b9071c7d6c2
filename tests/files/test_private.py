"""What the gateway writes is for its own user alone, whatever the umask; where it cannot, it says so in a line."""

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.config.credentials import ConfigurationError
from app.config.loader import load_settings
from app.config.private_files import prepare_instance
from app.gateway import get_gateway
from app.server.simulator_process import SimulatorProcess
from app.settings import SimulatorSettings
from tests.support.client import Client
from tests.support.server import ROOT, running_server

ADDRESS = "TIGER_REST_GATEWAY__BIND"


@pytest.fixture
def umask_000() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def get_modes(folder: Path) -> dict[str, str]:
    """Return the mode of a folder and of everything in it."""
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode)) for path in found}


def assert_private(folder: Path) -> None:
    open_ones = {path: mode for path, mode in get_modes(folder).items() if not mode.endswith("00")}
    assert open_ones == {}


def test_fresh_folders_and_files_are_private_under_umask_000(umask_000, tmp_path):
    folder = tmp_path / "instance"
    with running_server(tmp_path, "--workers", "1") as server:
        status, _ = server.call("/api/market/quote", {"account": "67686635", "symbol": "AAPL"})
        server.call("/api/accounts", key="trk_nobodys")
        modes = get_modes(folder)

        assert status == 200
        assert {"gateway.db", "gateway.db-wal", "gateway.db-shm", "upgrade.lock", "secret_key"} <= modes.keys()
        assert {"metrics/presence", "simulator/lock", "simulator/ready", "refused_keys"} <= modes.keys()
        assert_private(folder)


def test_what_one_process_makes_is_private_from_its_first_moment(umask_000, simulator, tmp_path):
    folder = tmp_path / "instance"
    plain = load_settings({"TIGER_REST_INSTANCE": str(folder)})
    application = create_app(replace(plain, simulator=SimulatorSettings(folder=str(simulator.folder))))
    Client(application).data("/api/market/quote", symbol="AAPL")

    assert {"gateway.db", "gateway.db-wal", "upgrade.lock", "metrics/presence"} <= get_modes(folder).keys()
    assert_private(folder)
    get_gateway(application).close()


def test_what_the_simulator_keeps_is_private_from_its_first_moment(umask_000, tmp_path):
    settings = load_settings({"TIGER_REST_INSTANCE": str(tmp_path / "instance")})
    prepare_instance(settings.instance)
    process = SimulatorProcess(settings)
    process.start()

    try:
        assert {"simulator/lock", "simulator/ready", "simulator/state.lock"} <= get_modes(settings.instance).keys()
        assert_private(settings.instance)
    finally:
        process.stop()


def test_what_was_open_to_others_is_tightened_with_one_line(tmp_path, caplog):
    folder = tmp_path / "instance"
    for name in ("gateway.db", "gateway.db-wal", "upgrade.lock", "secret_key", "metrics/presence", "simulator/lock"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        file.chmod(0o644)
    folder.chmod(0o755)

    with caplog.at_level(logging.WARNING):
        prepare_instance(folder)
        prepare_instance(folder)
    assert_private(folder)
    [record] = [record for record in caplog.records if record.name == "app.config.private_files"]
    assert "were open to other users" in record.getMessage()


def test_what_is_not_the_gateways_stays_as_it_is(tmp_path):
    folder = tmp_path / "instance"
    (folder / "venv" / "bin").mkdir(parents=True)
    (folder / "venv" / "bin" / "python").touch(0o755)
    outside = tmp_path / "outside"
    outside.touch()
    outside.chmod(0o644)
    (folder / "credentials").mkdir()
    (folder / "credentials" / "link").symlink_to(outside)
    (folder / "of-the-host.db").touch()
    (folder / "of-the-host.db").chmod(0o644)

    prepare_instance(folder)

    assert stat.S_IMODE((folder / "venv" / "bin" / "python").stat().st_mode) & 0o111
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    assert stat.S_IMODE((folder / "of-the-host.db").stat().st_mode) == 0o644


@pytest.fixture(params=["in the place of a file", "of the system"])
def unwritable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give a folder that nobody, root included, can make."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "instance" if request.param == "in the place of a file" else Path("/proc/tiger-rest")


def run(instance: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "TIGER_REST_INSTANCE": str(instance), ADDRESS: "127.0.0.1:1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_gunicorn_says_in_one_line_that_the_instance_folder_cannot_be_written(unwritable):
    done = run(unwritable, "gunicorn", "wsgi:app")

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if "tiger-rest cannot start" in line]
    assert str(unwritable.parent) in line
    assert "TIGER_REST_INSTANCE" in line


@pytest.mark.parametrize("command", ["keys list", "tokens status", "openapi"])
def test_a_command_says_in_one_line_that_the_instance_folder_cannot_be_written(unwritable, command):
    done = run(unwritable, "flask", "--app", "wsgi", *command.split())

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("Error: tiger-rest cannot start: ")
    assert str(unwritable.parent) in line
    assert "chown" in line


def test_the_doctor_names_the_instance_folder_that_cannot_be_written(unwritable):
    done = run(unwritable, "flask", "--app", "wsgi", "doctor")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"start: {unwritable.parent}" in done.stdout
    assert "-> give the instance folder to user" in done.stdout
    assert "database" not in done.stdout


def test_a_database_file_that_cannot_be_made_is_named_in_one_line(tmp_path):
    (tmp_path / "gateway.db").symlink_to("/proc/no/such/file")

    done = run(tmp_path, "flask", "--app", "wsgi", "keys", "list")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert f"{tmp_path}/gateway.db cannot be written" in line


@pytest.mark.parametrize("name", ["gateway.db", "gateway.db-wal", "upgrade.lock"])
def test_a_file_that_belongs_to_another_user_is_named_in_one_line(tmp_path, monkeypatch, name):
    (tmp_path / name).touch()
    real = os.access
    # Root, as whom these tests may run, can write everything.
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != name and real(path, mode))

    with pytest.raises(
        ConfigurationError, match=rf"^{tmp_path}/{name} cannot be written \(Permission denied\): give the"
    ):
        prepare_instance(tmp_path)
