"""Carry one request to a Tiger server and its answer back, within a deadline, and know whether it was sent.

Connections are kept for each server: never more than the process has threads, never retried behind our back. One that
was kept too long or was closed by the server is replaced before it is used. That is little enough of HTTP to be written
here: what the libraries do besides costs a third of a call's time, and offers no way to learn how far a request came.
"""

import ssl
import threading
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Literal
from urllib.parse import urlsplit

from app.tiger.deadline import Deadline
from app.tiger.wire.http_connection import Exchange, HttpAnswer, HTTPConnection, Oversized, Server
from app.tiger.wire.tls_faults import find_tls_fault

FailureKind = Literal["busy", "unreachable", "timeout", "cut", "oversized"]


class TransportFailure(Exception):
    """Say that no answer came; ``sent`` is true where the whole request may have arrived.

    ``tls_fault`` says what is wrong with the certificate of a server that is unreachable for that.
    """

    def __init__(self, kind: FailureKind, *, sent: bool, tls_fault: str | None = None) -> None:
        super().__init__(f"{kind}, {'sent' if sent else 'not sent'}")
        self.kind = kind
        self.sent = sent
        self.tls_fault = tls_fault


class _Pool:
    """The connections to one server: the one that was used last is used next."""

    def __init__(self, connections: int) -> None:
        self.places = threading.BoundedSemaphore(connections)
        self.idle: list[HTTPConnection] = []

    def take(self) -> HTTPConnection | None:
        """Return a kept connection that may be used, or None."""
        while self.idle:
            try:
                connection = self.idle.pop()
            except IndexError:
                return None
            if connection.may_be_used:
                return connection
            connection.close()
        return None

    def close(self) -> None:
        """Close what is not in use."""
        idle, self.idle = self.idle, []
        for connection in idle:
            connection.close()

    __del__ = close


class Transport:
    """Post requests over the kept connections of this process."""

    def __init__(self, connections: int) -> None:
        """Take how many connections there may be to each server."""
        self._connections = connections
        self._pools: dict[Server, _Pool] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def close(self) -> None:
        """Close the connections that are not in use."""
        for pool in tuple(self._pools.values()):
            pool.close()

    def post(
        self,
        url: str,
        body: bytes,
        headers: dict[str, str],
        *,
        deadline: Deadline,
        repeatable: bool,
        clear: Callable[[], None] | None = None,
    ) -> HttpAnswer:
        """Send one request and return its answer, whatever the HTTP status.

        A kept connection that dies before the first byte of an answer is replaced and the request sent again, where it
        certainly did not arrive or ``repeatable`` says that it may arrive twice. ``clear`` is called before each
        sending, once there is a connection; where it raises nothing is sent.

        Raises:
            TransportFailure: No answer came, or one too large.
        """
        fields = {**headers, "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value.translate(_NO_LINES)}\r\n" for name, value in fields.items())
        try:
            server, start = _split(url)
            request = f"{start}{head}\r\n".encode("latin-1") + body
        except ValueError as error:
            # An address or a token that cannot be written into a request.
            raise TransportFailure("unreachable", sent=False) from error
        while True:
            exchange = Exchange(deadline)
            try:
                return self._attempt(server, request, exchange, clear)
            except TransportFailure as failure:
                was_stale = failure.kind == "cut" and exchange.is_reused and not exchange.is_answered
                if not was_stale or (exchange.is_sent and not repeatable):
                    raise

    def _attempt(
        self, server: Server, request: bytes, exchange: Exchange, clear: Callable[[], None] | None
    ) -> HttpAnswer:
        remaining = exchange.deadline.remaining()
        if not remaining:
            raise TransportFailure("timeout", sent=False)
        # Of two threads that come first, both get the pool of one.
        pool = self._pools.get(server) or self._pools.setdefault(server, _Pool(self._connections))
        if not pool.places.acquire(timeout=remaining):
            raise TransportFailure("busy", sent=False)
        connection: HTTPConnection | None = None
        may_be_kept = False
        try:
            connection = pool.take()
            exchange.is_reused = connection is not None
            if connection is None:
                context = self._tls if server.scheme == "https" else None
                connection = HTTPConnection(server, context, exchange)
            if clear is not None:
                clear()
            connection.send(request, exchange)
            answer, may_be_kept = connection.read(exchange)
        except Oversized as error:
            raise TransportFailure("oversized", sent=exchange.is_sent) from error
        except (OSError, ValueError) as error:
            raise _classify(exchange, error) from error
        finally:
            if connection is not None and may_be_kept:
                pool.idle.append(connection)
            elif connection is not None:
                connection.close()
            pool.places.release()
        return answer


_NO_LINES = dict.fromkeys(map(ord, "\r\n"), " ")
"""A value of a field must not begin another one."""


@lru_cache(maxsize=64)
def _split(url: str) -> tuple[Server, str]:
    """Return the server of an address, and how a request to it begins."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    start = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nAccept-Encoding: identity\r\n"
    return Server(parts.scheme, parts.hostname or "", port), start


def _classify(exchange: Exchange, error: Exception) -> TransportFailure:
    """Tell a failure by how far the attempt came: the type of a socket error does not say that."""
    if exchange.deadline.has_passed:
        return TransportFailure("timeout", sent=exchange.is_sent)
    if exchange.is_sent or exchange.is_reused:
        return TransportFailure("cut", sent=exchange.is_sent)
    return TransportFailure("unreachable", sent=False, tls_fault=find_tls_fault(error))
