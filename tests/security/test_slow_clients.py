"""Clients that send slowly, or nothing, keep no thread from the others."""

import http.client
import socket
import time

import pytest

from app.server import loop
from tests.support.server import Server, running_server, wait_until

MORE_THAN_ALL_THREADS = 40
KEY = b"Authorization: Bearer client_key_001\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("slow"), "--workers", "1") as server:
        yield server


def connect(server: Server) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), 30)


def seconds_of_a_request(server: Server) -> float:
    started = time.monotonic()
    assert server.call("/health/live")[0] == 200
    return time.monotonic() - started


def test_idle_connections_hold_up_nobody(server):
    idle = [connect(server) for _ in range(MORE_THAN_ALL_THREADS)]

    assert seconds_of_a_request(server) < loop.REQUEST_SECONDS / 2
    for connection in idle:
        connection.close()


def test_requests_that_never_end_are_cut_off_after_their_time(server):
    with connect(server) as headers, connect(server) as body:
        headers.sendall(b"POST /api/market/quote HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        body.sendall(b"POST /api/market/quote HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n" + KEY + b"\r\n{")
        started = time.monotonic()

        wait_until(lambda: is_cut_off(headers) and is_cut_off(body), loop.REQUEST_SECONDS + 5)

    assert time.monotonic() - started > loop.REQUEST_SECONDS / 2


def is_cut_off(connection: socket.socket) -> bool:
    """Send one more byte, and tell whether the other side has closed."""
    connection.settimeout(0.1)
    try:
        connection.sendall(b"x")
        return len(connection.recv(4_096)) >= 0
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_kept_connection_serves_one_request_after_another(server):
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.connect()
    kept = connection.sock

    for _ in range(3):
        connection.request("GET", "/health/live")
        assert connection.getresponse().read() == b'{"status":"healthy"}'

    assert connection.sock is kept
    connection.close()


def test_an_idle_connection_does_not_hold_up_a_stop(tmp_path):
    with running_server(tmp_path) as server, connect(server):
        assert server.stop() < 10
