"""The server blocks under docs/deploy: nginx accepts them, and nobody gets past them or around the guard behind."""

import json
import socket
import ssl
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.nginx import Proxied, needs_nginx, running_nginx, write_nginx
from tests.support.ports import reserve_port
from tests.support.sse import EventStream


@needs_nginx
@pytest.mark.parametrize("name", ["nginx.conf", "nginx-prefix.conf"])
def test_nginx_accepts_the_server_block(tmp_path, name):
    file = write_nginx(tmp_path, "http://127.0.0.1:9000", reserve_port(), name)

    done = subprocess.run(["nginx", "-t", "-c", file], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    with running_nginx(tmp_path_factory.mktemp("nginx"), "nginx.conf") as running:
        yield running


@pytest.fixture(scope="module")
def prefixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    with running_nginx(tmp_path_factory.mktemp("nginx-prefix"), "nginx-prefix.conf") as running:
        yield running


def send(proxied: Proxied, text: str) -> str:
    """Send these bytes to nginx and return the whole answer."""
    _, port, trust = proxied
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        trust.wrap_socket(plain, server_hostname="tiger.example.com") as connection,
    ):
        connection.sendall(text.replace("\n", "\r\n").encode())
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer.decode()


HEAD = "HTTP/1.1\nHost: tiger.example.com\nConnection: close\n"
KEY = "Authorization: Bearer client_key_001\n"


@needs_nginx
def test_a_request_through_nginx_is_answered(proxied):
    answer = send(proxied, f"GET /api/accounts {HEAD}{KEY}\n")

    assert answer.startswith("HTTP/1.1 200")


@needs_nginx
@pytest.mark.parametrize(
    "path",
    ["/api/../api/accounts", "/health/..%2fapi/accounts", "//api/accounts", "/%61pi/accounts", "/api/accounts%00"],
)
def test_no_path_gets_around_the_guard_behind_nginx(proxied, path):
    answer = send(proxied, f"GET {path} {HEAD}\n")

    assert answer.split()[1] in {"400", "401", "404"}


@needs_nginx
@pytest.mark.parametrize("header", ["SCRIPT_NAME: /api", "X-Script-Name: /api", "X-Forwarded-Prefix: /api"])
def test_no_header_moves_the_path_behind_nginx(proxied, header):
    answer = send(proxied, f"GET /accounts {HEAD}{KEY}{header}\n\n")

    assert answer.startswith("HTTP/1.1 404")


@needs_nginx
def test_a_stream_passes_nginx_event_by_event(proxied):
    _, port, trust = proxied
    by_address = ssl.create_default_context()
    by_address.load_verify_locations(cadata=b"".join(trust.get_ca_certs(binary_form=True)))
    by_address.check_hostname = False
    path = "/api/stream/quotes?account=67686635&symbols=AAPL"
    with EventStream(f"https://127.0.0.1:{port}", path, trust=by_address) as stream:
        events = [stream.read() for _ in range(2)]

        assert [event and event.name for event in events] == ["snapshot", "source"]


@needs_nginx
def test_a_body_beyond_the_limit_ends_at_nginx(proxied):
    answer = send(proxied, f"POST /api/market/quote {HEAD}{KEY}Content-Length: 70000\n\n")

    assert answer.startswith("HTTP/1.1 413")


@needs_nginx
def test_a_prefix_that_nginx_takes_away_is_kept_in_what_the_gateway_says_of_itself(prefixed):
    document = json.loads(send(prefixed, f"GET /tiger/openapi.json {HEAD}\n").partition("\r\n\r\n")[2])
    page = send(prefixed, f"GET /tiger/docs {HEAD}\n")
    accounts = send(prefixed, f"GET /tiger/api/accounts {HEAD}{KEY}\n")
    root = send(prefixed, f"GET /tiger/ {HEAD}Accept: text/html\n\n")

    assert document["servers"][0]["url"] == "/tiger"
    assert "/api/accounts" in document["paths"]
    assert [answer.split()[1] for answer in (page, accounts, root)] == ["200", "200", "302"]
    assert "\r\nLocation: docs\r\n" in root


@needs_nginx
def test_a_client_cannot_choose_a_prefix_of_its_own(proxied):
    document = send(proxied, f"GET /openapi.json {HEAD}X-Forwarded-Prefix: /evil\n\n")

    assert document.startswith("HTTP/1.1 200")
    assert "/evil" not in document
