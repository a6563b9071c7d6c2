"""A server of sockets that does as it is told, and a request to it, for the tests of the transport."""

import socket
from collections.abc import Callable

from app.tiger.deadline import Deadline
from app.tiger.wire.transport import Transport

Behaviour = Callable[[socket.socket], None]
Start = Callable[[Behaviour], str]
BODY = b'{"method": "order_no"}'


def receive(connection: socket.socket) -> bool:
    """Read one whole request; False where the other end has hung up."""
    received = b""
    while BODY not in received:
        chunk = connection.recv(65_536)
        if not chunk:
            return False
        received += chunk
    return True


def answer(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def post(url: str, *, seconds: float = 5.0, body: bytes = BODY, transport: Transport | None = None) -> bytes:
    chosen = transport or Transport(2)
    return chosen.post(url, body, {}, deadline=Deadline.after(seconds), repeatable=False).body
