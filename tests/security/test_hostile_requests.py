"""Requests as someone who means harm would write them, against gunicorn with our file."""

import socket

import pytest

from tests.support.server import Server, running_server

KEY = "Authorization: Bearer client_key_001\r\nContent-Type: application/json"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("hostile"), "--workers", "1") as server:
        yield server


def send(server: Server, text: str) -> str:
    """Send these bytes on a connection of their own and return the whole answer."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(text.replace("\n", "\r\n").replace("\r\r", "\r").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer.decode("latin-1")


@pytest.mark.parametrize(
    "value",
    ["a\x0bb", "a b", "x" * 129, "a;b", "<script>", "é"],
    ids=["control", "space", "long", "semicolon", "markup", "non-ascii"],
)
def test_a_request_id_that_is_not_sane_is_replaced(server, value):
    answer = send(server, f"GET /health/live HTTP/1.1\nHost: x\nConnection: close\nX-Request-ID: {value}\n\n")

    assert value not in answer


def test_a_header_cannot_be_split(server):
    answer = send(
        server, "GET /health/live HTTP/1.1\nHost: x\nConnection: close\nX-Request-ID: a\r\n Set-Cookie: b=c\n\n"
    )

    assert "Set-Cookie" not in answer


@pytest.mark.parametrize(
    "request_text",
    [
        pytest.param("GET /" + "a" * 5_000 + " HTTP/1.1\nHost: x\n\n", id="long line"),
        pytest.param("GET / HTTP/1.1\nHost: x\nX-Large: " + "a" * 9_000 + "\n\n", id="long field"),
        pytest.param("GET / HTTP/1.1\nHost: x\n" + "X-Many: 1\n" * 80 + "\n", id="many fields"),
        pytest.param("GET / HTTP/1.1\nHost: x\nBad Name: 1\n\n", id="field name"),
        pytest.param(
            "POST /health HTTP/1.1\nHost: x\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n", id="two lengths"
        ),
        pytest.param("POST /health HTTP/1.1\nHost: x\nContent-Length: -1\n\n", id="negative length"),
        pytest.param("POST /health HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n\n12", id="length twice"),
    ],
)
def test_a_request_out_of_bounds_is_refused_before_the_application(server, request_text):
    answer = send(server, request_text)

    assert answer.split()[1] in {"400", "414", "431", "501"}


def test_a_body_larger_than_allowed_is_refused_without_being_read(server):
    answer = send(server, f"POST /api/market/quote HTTP/1.1\nHost: x\n{KEY}\nContent-Length: 10000000\n\n{{")

    assert answer.startswith("HTTP/1.1 413")
    assert '"code":"payload_too_large"' in answer


def test_a_chunked_body_larger_than_allowed_is_refused(server):
    chunk = "10000\n" + " " * 65_536 + "\n"
    answer = send(
        server, f"POST /api/market/quote HTTP/1.1\nHost: x\n{KEY}\nTransfer-Encoding: chunked\n\n{chunk * 3}0\n\n"
    )

    assert answer.startswith("HTTP/1.1 413")


@pytest.mark.parametrize(
    "path",
    [
        "/api/../api/accounts",
        "/api/%2e%2e/api/accounts",
        "//api/accounts",
        "/api%2faccounts",
        "/api/accounts/",
        "/api/accounts;x",
    ],
)
def test_a_disguised_path_reaches_no_guarded_view(server, path):
    answer = send(server, f"GET {path} HTTP/1.1\nHost: x\nConnection: close\n\n")

    assert answer.split()[1] in {"401", "404", "308"}


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Prefix: /evil", "SCRIPT_NAME: /api", "X-Original-URL: /health", "X_Forwarded_For: 1"]
)
def test_a_header_cannot_move_the_path(server, header):
    answer = send(server, f"GET /api/accounts HTTP/1.1\nHost: x\nConnection: close\n{header}\n\n")

    assert answer.split()[1] in {"400", "401"}


def test_a_preflight_needs_no_key_and_gives_nothing_away(server):
    answer = send(
        server,
        "OPTIONS /api/trade/place-order HTTP/1.1\nHost: x\nConnection: close\nOrigin: https://example.com\n"
        "Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization,content-type\n"
        "Access-Control-Request-Private-Network: true\n\n",
    )

    assert answer.startswith("HTTP/1.1 200")
    assert "Access-Control-Allow-Origin: " in answer
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Private-Network: true" not in answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(server, method):
    answer = send(server, f"{method} /api/accounts HTTP/1.1\nHost: x\nConnection: close\n\n")

    assert answer.split()[1] in {"400", "404", "405", "501"}


def test_the_server_does_not_tell_its_version(server):
    answer = send(server, "GET /health/live HTTP/1.1\nHost: x\nConnection: close\n\n")

    assert "gunicorn/" not in answer
