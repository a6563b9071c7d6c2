"""A stream passes nginx as docs/deploy configures it: each event at once, and a heartbeat in silence."""

import socket

import pytest

from tests.events.hearing import ORDER
from tests.support.client import FIRST, FULL_KEY
from tests.support.nginx import Proxied, needs_nginx, running_nginx

REQUEST = (
    "GET /api/stream/events?account={account}&topics=orders HTTP/1.1\r\n"
    "Host: tiger.example.com\r\nAuthorization: Bearer {key}\r\n\r\n"
)


def open_stream(proxied: Proxied) -> socket.socket:
    """Open a stream through nginx, over TLS."""
    _, port, trust = proxied
    plain = socket.create_connection(("127.0.0.1", port), 20)
    connection = trust.wrap_socket(plain, server_hostname="tiger.example.com")
    connection.sendall(REQUEST.format(account=FIRST, key=FULL_KEY).encode())
    return connection


def read_up_to(connection: socket.socket, piece: bytes) -> bytes:
    """Return what comes up to a piece; whatever is late runs into the timeout of the socket."""
    read = b""
    while piece not in read:
        chunk = connection.recv(65_536)
        assert chunk, read
        read += chunk
    return read


@needs_nginx
@pytest.mark.long
def test_nginx_passes_heartbeats_and_events_on_as_they_come(tmp_path):
    with running_nginx(tmp_path, "nginx.conf") as proxied, open_stream(proxied) as stream:
        head = read_up_to(stream, b"event: snapshot")
        read_up_to(stream, b"\r\n:\n\n")
        proxied[0].call("/api/trade/place-order", ORDER)
        event = read_up_to(stream, b'"type": "accepted"')

        assert head.startswith(b"HTTP/1.1 200")
        assert b"event: orders" in event
