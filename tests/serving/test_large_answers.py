"""A large answer is written as fast as its client reads, and no thread waits for that."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from tests.support.server import ROOT, Server, running_server

THREADS = 4
FILE = "swagger-ui-bundle.js"
ASK = f"GET /docs/{FILE} HTTP/1.1\r\nHost: x\r\n".encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one worker with few threads."""
    with running_server(tmp_path_factory.mktemp("large"), "--workers", "1", "--threads", str(THREADS)) as running:
        yield running


def connect(server: Server) -> socket.socket:
    """Open a connection that takes little at a time."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(20)
    connection.connect((host, int(port)))
    return connection


def test_clients_that_do_not_read_their_answers_hold_up_nobody(server):
    waiting = [connect(server) for _ in range(10 * THREADS)]
    for connection in waiting:
        connection.sendall(ASK + b"\r\n")
    started = time.monotonic()
    status, _ = server.call("/health/live")

    assert status == 200
    assert time.monotonic() - started < 10
    for connection in waiting:
        connection.close()


def test_a_client_that_reads_slowly_gets_all_of_it_and_may_go_on(server):
    expected = (ROOT / "app/openapi/swagger" / FILE).read_bytes()
    connection = http.client.HTTPConnection("unused")
    connection.sock = connect(server)
    connection.request("GET", f"/docs/{FILE}")
    answer = connection.getresponse()
    parts = []
    while part := answer.read(65_536):
        parts.append(part)
        time.sleep(0.01)
    connection.request("GET", "/health/live")

    assert b"".join(parts) == expected
    assert connection.getresponse().read() == b'{"status":"healthy"}'
    connection.close()


def test_requests_that_come_one_behind_the_other_are_answered_in_order(server):
    with connect(server) as connection:
        connection.sendall(ASK + b"\r\nGET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk

    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.endswith(b'{"status":"healthy"}')


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(server):
    for _ in range(2 * THREADS):
        with connect(server) as connection:
            connection.sendall(ASK + b"\r\n")
            connection.recv(1_024)

    assert server.call("/health/live")[0] == 200
    assert "Traceback" not in server.log.read_text()
