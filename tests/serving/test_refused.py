"""What the server itself refuses looks like every other error, wherever in the bytes the fault lies."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.support.client import FIRST
from tests.support.server import Server, running_server

HEAD = (
    b"POST /api/trade/place-order HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer client_key_001\r\n"
    b"Content-Type: application/json\r\nOrigin: https://example.com\r\nX-Request-ID: mine\r\n"
)
ORDER = json.dumps(
    {"account": FIRST, "symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1.5}
).encode()
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = b"%x\r\n%s\r\n" % (len(ORDER), ORDER)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("refused"), "--workers", "1") as running:
        yield running


def send(server: Server, data: bytes, *, ends: bool = False) -> tuple[int, dict[str, str], bytes]:
    """Send this on a connection of its own, half closed behind it if told to; return status, headers and body."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(data)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def count_orders(server: Server) -> int:
    status, answer = server.call("/api/trade/orders", {"account": FIRST, "limit": 100})
    assert status == 200, answer
    return int(answer["data"]["count"])


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        pytest.param(HEAD + b"X: " + b"a" * 9_000 + b"\r\n\r\n", 431, "invalid_request", id="431"),
        pytest.param(HEAD.replace(b"order ", b"order?" + b"a" * 5_000 + b" "), 414, "invalid_request", id="414"),
        pytest.param(HEAD + b"Bad Name: 1\r\n\r\n", 400, "invalid_request", id="400"),
        pytest.param(HEAD + b"Expect: a miracle\r\n\r\n", 417, "invalid_request", id="417"),
        pytest.param(HEAD + b"Transfer-Encoding: sealed\r\n\r\n", 501, "invalid_request", id="501"),
        pytest.param(HEAD + b"Content-Length: 9999999\r\n\r\n", 413, "payload_too_large", id="413"),
        pytest.param(CHUNKED + b"1;" + b"a" * 100_000, 400, "invalid_request", id="100 kB of extensions"),
        pytest.param(CHUNKED + b"5\r\n" + ORDER + b"\r\n0\r\n\r\n", 400, "invalid_request", id="chunk that lies"),
        pytest.param(CHUNKED + WHOLE + b"0\r\nContent-Length: 1\r\n\r\n", 400, "invalid_request", id="trailer"),
        pytest.param(
            HEAD + b"Idempotency-Key: a1\r\nIdempotency-Key: b1\r\nContent-Length: %d\r\n\r\n%s" % (len(ORDER), ORDER),
            400, "invalid_request", id="two idempotency keys",
        ),
    ],
)  # fmt: skip
def test_a_refusal_of_the_server_has_envelope_request_id_and_cors(server, data, status, code):
    before = count_orders(server)
    got, headers, body = send(server, data if data.endswith(b"\r\n\r\n") or status != 414 else data + b"\r\n")
    told = json.loads(body)

    assert (got, told["code"], told["success"]) == (status, code, False)
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Tiger-Mode"] == "simulator"
    assert headers["Connection"] == "close"
    assert headers["X-Request-ID"] == told["request_id"] == "mine"
    assert headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert count_orders(server) == before


@pytest.mark.parametrize("ends", [True, False], ids=["the client ends", "the time is over"])
def test_an_order_whose_body_is_shorter_than_told_is_not_placed(server, ends):
    before = count_orders(server)
    status, _, body = send(server, HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(ORDER) + 1, ORDER), ends=ends)

    assert status == (400 if ends else 408)
    assert json.loads(body)["code"] == "invalid_request"
    assert count_orders(server) == before


def test_an_order_in_chunks_is_placed(server):
    before = count_orders(server)
    status, _, _ = send(server, CHUNKED + WHOLE + b"0\r\n\r\n")

    assert status == 200
    assert count_orders(server) == before + 1


def test_a_client_that_asks_before_it_sends_its_body_is_served(server):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(ORDER))
        first = connection.recv(65_536)
        connection.sendall(ORDER)
        second = connection.recv(65_536)

    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert second.startswith(b"HTTP/1.1 200")


def test_a_head_request_that_is_refused_has_no_body(server):
    status, _, body = send(server, b"HEAD /health HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n")

    assert (status, body) == (400, b"")
