"""HTTP as the simulator speaks it: kept connections, bounded bodies, broken clients."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from app.simulator.running import Simulator
from tests.simulator.trader import Trader, Wire


@pytest.fixture
def connection(simulator: Simulator) -> Iterator[socket.socket]:
    parts = urlsplit(simulator.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as opened:
        yield opened


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer and not a byte beyond it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    return int(head.split()[1]), connection.recv(length, socket.MSG_WAITALL)


def get_request(wire: Wire, method: str = "accounts") -> bytes:
    body = json.dumps(wire.sign(method)).encode()
    head = f"POST /gateway HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_one_connection_serves_many_calls(simulator: Simulator, trader: Trader) -> None:
    trader.client.get_managed_accounts()
    opened = simulator.connections_opened
    for _ in range(5):
        trader.client.get_managed_accounts()

    assert simulator.connections_opened == opened


def test_calls_sent_together_are_answered_in_turn(connection: socket.socket, wire: Wire) -> None:
    connection.sendall(get_request(wire) + get_request(wire, "user_license"))
    first, second = read_answer(connection), read_answer(connection)

    assert b'"items"' in first[1]
    assert b'"license"' in second[1]


def test_a_call_may_come_byte_by_byte(connection: socket.socket, wire: Wire) -> None:
    for byte in get_request(wire):
        connection.sendall(bytes([byte]))

    assert read_answer(connection)[0] == 200


def test_a_body_beyond_a_mebibyte_is_refused(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1_100_000)

    assert read_answer(connection)[0] == 413


def test_what_is_no_http_is_refused(connection: socket.socket) -> None:
    connection.sendall(b"hello\r\n\r\n")

    assert read_answer(connection)[0] == 400


def test_only_posts_are_served(connection: socket.socket) -> None:
    connection.sendall(b"GET /gateway HTTP/1.1\r\nHost: x\r\n\r\n")

    assert read_answer(connection)[0] == 405


def test_a_client_that_leaves_early_harms_nobody(connection: socket.socket, trader: Trader) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc")
    connection.close()

    assert trader.client.get_managed_accounts()


def test_a_client_that_asks_to_go_on_is_told_so(connection: socket.socket, wire: Wire) -> None:
    head, _, body = get_request(wire).partition(b"\r\n\r\n")
    connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
    told = connection.recv(25)
    connection.sendall(body)

    assert told.startswith(b"HTTP/1.1 100")
    assert b"200" in connection.recv(20)
