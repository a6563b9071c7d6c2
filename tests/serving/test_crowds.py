"""Whatever other connections do, those who trade are answered; ``make bench-edge`` holds it to the figures."""

import asyncio
import resource
import socket
from pathlib import Path

import pytest

from bench.edge import FREE, Harm, attacking, trade_beside
from bench.serving import UNLIMITED, running_gateway, running_simulator
from tests.support.ports import reserve_port
from tests.support.server import Server, find_workers, running_server

MOST = 5


def find_own_address() -> str | None:
    """Return an address of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def test_orders_and_health_are_answered_beside_connections_that_mean_harm(tmp_path):
    harm = Harm(dripping=40, idle=400, not_reading=40)
    with (
        running_simulator(tmp_path / "simulator", *UNLIMITED) as simulator,
        running_gateway(tmp_path / "gateway", simulator, **FREE) as served,
        attacking(tmp_path, served.address, harm),
    ):
        orders, health = asyncio.run(trade_beside(served.address, 3))

    assert {reply.status for reply in [*orders, *health]} == {200}
    assert max(reply.seconds for reply in [*orders, *health]) < 5


@pytest.fixture(scope="module")
def elsewhere() -> tuple[str, int]:
    """Give an address that is not loopback, and a port, for a gateway that listens everywhere."""
    host = find_own_address()
    if host is None:
        pytest.skip("this machine has no address but loopback")
    return host, reserve_port()


def open_all(address: tuple[str, int], number: int) -> list[socket.socket]:
    return [socket.create_connection(address, 10) for _ in range(number)]


def count_open(connections: list[socket.socket]) -> int:
    """Count those that the other side has not closed within a second."""
    count = 0
    for connection in connections:
        connection.settimeout(1 if connection is connections[0] else 0.05)
        try:
            connection.recv(1)
        except TimeoutError:
            count += 1
        except ConnectionError:
            pass
    return count


@pytest.mark.parametrize(("proxies", "is_bounded"), [("0", True), ("1", False)], ids=["no proxy", "a proxy"])
def test_an_address_has_so_many_connections_unless_it_is_a_proxys(tmp_path, elsewhere, proxies, is_bounded):
    bound = {"CONNECTIONS_PER_ADDRESS": str(MOST), "TRUSTED_PROXIES": proxies}
    settings = {f"TIGER_REST_GATEWAY__{name}": value for name, value in bound.items()}
    host, port = elsewhere
    with running_server(tmp_path, "--workers", "1", "--bind", f"0.0.0.0:{port}", **settings) as server:
        connections = open_all((host, port), 3 * MOST)

        assert count_open(connections) == (MOST if is_bounded else 3 * MOST)
        assert Server(server.process, f"http://{host}:{port}", server.log).call("/health/live")[0] == 200
    for connection in connections:
        connection.close()


def test_loopback_has_as_many_connections_as_it_likes(tmp_path):
    with running_server(tmp_path, "--workers", "1", TIGER_REST_GATEWAY__CONNECTIONS_PER_ADDRESS=str(MOST)) as server:
        host, port = server.url.removeprefix("http://").split(":")
        connections = open_all((host, int(port)), 3 * MOST)

        assert count_open(connections) == 3 * MOST
    for connection in connections:
        connection.close()


def test_a_worker_that_is_full_lets_those_go_that_waited_longest(tmp_path):
    with running_server(tmp_path, "--workers", "1", "--worker-connections", "20") as server:
        host, port = server.url.removeprefix("http://").split(":")
        connections = open_all((host, int(port)), 100)

        assert count_open(connections) <= 20
        assert server.call("/health/live")[0] == 200
    for connection in connections:
        connection.close()


def test_a_worker_that_may_open_no_more_files_lets_go_of_idle_connections(tmp_path):
    with running_server(tmp_path, "--workers", "1") as server:
        assert server.call("/health")[0] == 200
        (worker,) = find_workers(server)
        files = len(list(Path(f"/proc/{worker}/fd").iterdir()))
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (files + 10, files + 10))
        host, port = server.url.removeprefix("http://").split(":")
        connections = open_all((host, int(port)), 100)

        assert server.call("/health/live")[0] == 200
        assert count_open(connections) <= 10
    for connection in connections:
        connection.close()
