"""The simulator as a process: start, stop, sudden death, restart."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import cast

import pytest
from tigeropen.common.exceptions import RequestException
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.trade.domain.order import Order
from tigeropen.trade.trade_client import TradeClient

from app.simulator.state import StateInUseError, lock_folder
from tests.simulator.processes import ROOT, Process, started
from tests.simulator.trader import FIRST, get_config
from tests.support.server import wait_until


def trade(process: Process) -> TradeClient:
    return TradeClient(get_config(process.credential_folder()))


def place_until_it_dies(client: TradeClient, accepted: list[int]) -> None:
    with contextlib.suppress(RequestException):
        while True:
            accepted.append(place(client))


def place(client: TradeClient) -> int:
    return cast(
        "int", client.place_order(Order(FIRST, stock_contract("AAPL", "USD"), "BUY", "LMT", 1, limit_price=1.0))
    )


def test_it_says_where_it_serves_and_ends_cleanly(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    with started(tmp_path, "--ready-file", str(ready)) as process:
        announced = ready.read_text()
        code = process.end()

    assert process.ready_line == f"ready {process.url}\n"
    assert announced.strip() == process.url
    assert code == 0


def test_a_killed_simulator_has_lost_no_accepted_order(tmp_path: Path) -> None:
    accepted: list[int] = []
    with started(tmp_path) as process:
        client = trade(process)
        placing = threading.Thread(target=place_until_it_dies, args=(client, accepted))
        placing.start()
        wait_until(lambda: len(accepted) > 10, 30)
        process.kill()
        placing.join(30)
    with started(tmp_path) as again:
        known = {order["id"] for order in again.control("GET", f"orders?account={FIRST}")["orders"]}

    assert set(accepted) <= known
    assert len(known) <= len(accepted) + 1


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        client = trade(process)
        order = Order(FIRST, stock_contract("TSLA", "USD"), "BUY", "MKT", 5)
        client.place_order(order)
        resting = client.get_order(id=place(client))
        cash = client.get_prime_assets().segments["S"].cash_balance
        config = (process.credential_folder() / "tiger_openapi_config.properties").read_text().splitlines()[:2]
    with started(tmp_path) as again:
        client = trade(again)
        found = client.get_order(id=order.id)
        number = client.create_order(FIRST, None, "BUY", "MKT", 1).order_id
        kept = (again.credential_folder() / "tiger_openapi_config.properties").read_text().splitlines()[:2]

        assert (found._status.value, found.filled, found.order_id) == ("Filled", 5, order.order_id)
        assert client.get_order(order_id=resting.order_id).limit_price == 1.0
        assert client.get_positions(symbol="TSLA")[0].quantity == 5
        assert client.get_prime_assets().segments["S"].cash_balance == cash
        assert number == resting.order_id + 1
        assert kept == config


def test_an_inherited_socket_keeps_its_address_over_a_restart(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with started(tmp_path, listener=listener) as process:
            process.control("POST", "faults", {"kind": "refused", "seconds": 0.01})
            first = process.url
            process.kill()
        with started(tmp_path, listener=listener) as again:
            orders = trade(again).get_orders()

    assert first == again.url
    assert orders == []


def test_it_ends_when_its_parent_has_gone(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, os\n"
        f"child = subprocess.Popen([sys.executable, '-m', 'app.simulator', '--instance', {str(tmp_path)!r},"
        " '--parent-pid', str(os.getpid())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "os._exit(0)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    )
    child = int(parent.stdout.split()[0])

    wait_for_end(child)
    lock_folder(tmp_path / "simulator").close()


def wait_for_end(pid: int) -> None:
    """Wait until a process that is not our child has ended, at most five seconds."""
    descriptor = os.pidfd_open(pid)
    try:
        assert select.select([descriptor], [], [], 5)[0]
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_on_the_usual_signals(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as process:
        process.popen.send_signal(number)

        assert process.popen.wait(5) == 0


def test_a_folder_serves_one_simulator_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.simulator.state.LOCK_WAIT_SECONDS", 0.1)
    with lock_folder(tmp_path), pytest.raises(StateInUseError):
        lock_folder(tmp_path)


def test_a_taken_port_ends_it_with_an_ordinary_error(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        started(tmp_path, "--port", str(taken.getsockname()[1])) as process,
    ):
        code = process.popen.wait(10)

    assert code == 1


def test_the_gateway_finds_its_credentials(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        tables = tomllib.loads((process.folder / "credentials.toml").read_text())["credentials"]
    files = [Path(table["path"]) / "tiger_openapi_token.properties" for table in tables]

    assert [[account["account"] for account in table["accounts"]] for table in tables] == [
        ["67686635"],
        ["66804149", "20240830213609658"],
    ]
    assert tables[1]["accounts"][1]["type"] == "demo"
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
