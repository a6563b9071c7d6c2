"""The service starts with one command, and ends whole: nothing is cut off and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import pytest

from app.simulator.faults import Fault
from tests.support.client import FIRST
from tests.support.ports import reserve_port
from tests.support.server import ROOT, find_workers, get_command, is_alive, running_server, wait_until

QUOTE = {"account": FIRST, "symbol": "AAPL"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_everything_soon_when_idle(tmp_path, number):
    with running_server(tmp_path) as server:
        assert server.call("/api/market/quote", QUOTE)[0] == 200
        pids = server.processes()
        assert len(pids) == 4  # the master, two workers, the simulator
        seconds = server.stop(number)

        assert seconds < 10
        assert server.process.returncode == 0
        assert not any(map(is_alive, pids))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_request_in_flight_gets_its_answer_before_the_end(tmp_path, number, simulator):
    simulator.inject(Fault("delay", method="quote_real_time", seconds=2.0))
    with running_server(tmp_path, TIGER_REST_SIMULATOR__FOLDER=str(simulator.folder)) as server:
        answers = []
        asking = threading.Thread(target=lambda: answers.append(server.call("/api/market/quote", QUOTE)))
        asking.start()
        wait_until(lambda: simulator.calls("quote_real_time"), 15)
        os.kill(server.process.pid, number)
        asking.join(10)
        server.process.wait(10)

        assert answers[0][0] == 200
        assert answers[0][1]["data"]["symbol"] == "AAPL"


def test_who_waits_for_events_is_answered_at_once_when_the_end_begins(tmp_path):
    with running_server(tmp_path) as server:
        path = f"/api/stream/poll?account={QUOTE['account']}"
        after = server.call(path)[1]["data"]["after"]
        answers = []
        asking = threading.Thread(target=lambda: answers.append(server.call(f"{path}&wait=25&after={quote(after)}")))
        asking.start()
        time.sleep(1.0)
        seconds = server.stop()
        asking.join(10)

        assert seconds < 10
        assert answers[0][0] == 200
        assert answers[0][1]["data"]["events"] == []


def test_a_killed_master_leaves_nothing_behind_for_longer_than_five_seconds(tmp_path):
    with running_server(tmp_path) as server:
        pids = server.processes()
        server.stop(signal.SIGKILL)

        assert wait_until(lambda: not any(map(is_alive, pids)), 5) < 5


def test_a_simulator_that_dies_is_replaced_behind_the_same_address(tmp_path):
    with running_server(tmp_path) as server:
        assert server.call("/api/market/quote", QUOTE)[0] == 200
        simulator = next(pid for pid in server.processes() if b"--parent-pid" in get_command(pid))
        os.kill(simulator, signal.SIGKILL)
        wait_until(lambda: not is_alive(simulator), 15)
        # Positions come from no cache.
        wait_until(lambda: server.call("/api/trade/positions", {"account": FIRST})[0] == 200, 20)

        assert simulator not in server.processes()


def test_half_a_configuration_stops_the_start_with_one_line(tmp_path):
    (tmp_path / "tiger-rest.toml").write_text('[[credentials]]\nname = "main"\npath = "nowhere"\n')
    environ = {**os.environ, "TIGER_REST_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app"]
    result = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=30, check=False)

    lines = result.stderr.strip().splitlines()
    assert result.returncode != 0
    assert len(lines) == 1
    assert "credentials[1].path" in lines[0]
    assert not (tmp_path / "simulator").exists()


@pytest.mark.parametrize("options", [[], ["--preload"]], ids=["in a worker", "in the master"])
def test_a_database_that_does_not_answer_stops_the_start_without_a_traceback(tmp_path, options):
    url = f"postgresql+psycopg://gateway:secret@127.0.0.1:{reserve_port()}/gateway"
    (tmp_path / "tiger-rest.toml").write_text(f'[gateway]\ndatabase_url = "{url}"\nsecret_key = "{"k" * 40}"\n')
    environ = {**os.environ, "TIGER_REST_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-m", "gunicorn", *options, "--bind", "127.0.0.1:0", "wsgi:app"]
    result = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=30, check=False)

    assert result.returncode != 0
    assert result.stderr.count("tiger-rest cannot start: gateway.database_url: ") == 1
    assert "Traceback" not in result.stderr
    assert "gateway:secret" not in result.stderr


def test_a_reload_with_wrong_settings_changes_nothing_and_a_later_one_is_carried_out(tmp_path):
    file = tmp_path / "instance" / "tiger-rest.toml"
    with running_server(tmp_path) as server:
        before = find_workers(server)
        file.write_text("[gatway]\n")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "goes on with the settings it has" in server.log.read_text(), 10)
        time.sleep(0.5)
        during = find_workers(server)
        file.write_text("")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: find_workers(server) and not find_workers(server) & before, 20)

        assert "unknown section [gatway]" in server.log.read_text()
        assert during == before
        assert server.call("/api/market/quote", {"account": FIRST, "symbol": "AAPL"})[0] == 200
