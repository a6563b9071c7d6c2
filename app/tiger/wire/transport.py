"""Carry one request to a Tiger server and its answer back, within a deadline, and know whether it was sent.

Connections come from one pool for each server: never more than the process has threads, kept alive, never retried
behind our back. A connection that was kept too long or was closed by the server is replaced before it is used.
"""

import http.client
import io
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import EmptyPoolError, HTTPError

from app.tiger.deadline import Deadline
from app.tiger.wire.tls_faults import find_tls_fault

CONNECT_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 30.0
"""A kept connection is not used after this: load balancers drop idle ones, and a cut order is an order in doubt."""
MAXIMUM_ANSWER_BYTES: Final = 16 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
SERVERS: Final = 16

FailureKind = Literal["busy", "unreachable", "timeout", "cut", "oversized"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an HTTP answer as received, whatever its status."""

    status: int
    body: bytes


class TransportFailure(Exception):
    """Say that no answer came; ``sent`` is true where the whole request may have arrived.

    ``tls_fault`` says what is wrong with the certificate of a server that is unreachable for that.
    """

    def __init__(self, kind: FailureKind, *, sent: bool, tls_fault: str | None = None) -> None:
        super().__init__(f"{kind}, {'sent' if sent else 'not sent'}")
        self.kind = kind
        self.sent = sent
        self.tls_fault = tls_fault


@dataclass(slots=True)
class Exchange:
    """Follow one attempt: its deadline, and how far it came."""

    deadline: Deadline
    connected: bool = False
    started: bool = False
    sent: bool = False
    answered: bool = False

    @property
    def reused(self) -> bool:
        """Tell whether the request went over a connection that had been kept."""
        return self.started and not self.connected

    def remaining(self) -> float:
        """Return the seconds left, more than none.

        Raises:
            TimeoutError: The deadline has passed; a socket timeout of 0 would mean a socket that never waits.
        """
        remaining = self.deadline.remaining()
        if not remaining:
            raise TimeoutError
        return remaining


_CURRENT: ContextVar[Exchange] = ContextVar("exchange")
"""The attempt of this thread: urllib3 offers no way to hand it to its connections."""


class _Incoming(io.RawIOBase):
    """Read a socket so that every read waits for what is left of the deadline, however slowly bytes drip."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self._socket = connected
        self._raw = connected.makefile("rb", buffering=0)
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._exchange.remaining())
        count = self._raw.readinto(buffer)
        if count:
            self._exchange.answered = True
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Source:
    """Give http.client its file to read from."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self._connected = connected
        self._exchange = exchange

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._connected, self._exchange))


def _bounded_response(exchange: Exchange, connected: socket.socket, **options: Any) -> http.client.HTTPResponse:
    return http.client.HTTPResponse(_Source(connected, exchange), **options)  # type: ignore[arg-type]


class _Observed(HTTPConnection):
    """Keep to the deadline of the attempt, and note in it how far the request came."""

    _used_at = 0.0
    _held: list[bytes] | None = None

    @property
    def is_connected(self) -> bool:
        """Tell whether this connection may carry another request."""
        return time.monotonic() - self._used_at < IDLE_SECONDS and super().is_connected

    def connect(self) -> None:
        exchange = _CURRENT.get()
        exchange.connected = True
        self.timeout = min(CONNECT_SECONDS, exchange.remaining())
        super().connect()

    def request(self, *arguments: Any, **options: Any) -> None:
        exchange = _CURRENT.get()
        exchange.started = True
        self.timeout = exchange.remaining()
        self.response_class = partial(_bounded_response, exchange)  # type: ignore[assignment]
        held: list[bytes] = []
        self._held = held
        try:
            super().request(*arguments, **options)
        finally:
            self._held = None
        self.send(b"".join(held))
        exchange.sent = True
        self._used_at = time.monotonic()

    def send(self, data: Any) -> None:
        """Send head and body of a request together: as two packets they wake the server twice."""
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class _ObservedSecurely(_Observed, HTTPSConnection):
    """Do the same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Observed


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _ObservedSecurely


class Transport:
    """Post requests over the kept connections of this process."""

    def __init__(self, connections: int) -> None:
        self._manager = PoolManager(num_pools=SERVERS, maxsize=connections, block=True, retries=False)
        self._manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._manager.clear()

    def post(self, url: str, body: bytes, headers: dict[str, str], *, deadline: Deadline, repeatable: bool) -> Answer:
        """Send one request and return its answer, whatever the HTTP status.

        A kept connection that dies before the first byte of an answer is replaced and the request sent again, where it
        certainly did not arrive or ``repeatable`` says that it may arrive twice.

        Raises:
            TransportFailure: No answer came, or one too large.
        """
        while True:
            exchange = Exchange(deadline)
            try:
                return self._attempt(url, body, headers, exchange)
            except TransportFailure as failure:
                was_stale = failure.kind == "cut" and exchange.reused and not exchange.answered
                if not was_stale or (exchange.sent and not repeatable):
                    raise

    def _attempt(self, url: str, body: bytes, headers: dict[str, str], exchange: Exchange) -> Answer:
        remaining = exchange.deadline.remaining()
        if not remaining:
            raise TransportFailure("timeout", sent=False)
        mark = _CURRENT.set(exchange)
        try:
            response = self._manager.urlopen(
                "POST",
                url,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
                timeout=Timeout(connect=remaining, read=remaining),
                pool_timeout=remaining,
            )
            return Answer(response.status, _read(response, exchange))
        except EmptyPoolError as error:
            raise TransportFailure("busy", sent=False) from error
        except (HTTPError, OSError) as error:
            raise _classify(exchange, error) from error
        finally:
            _CURRENT.reset(mark)


def _read(response: BaseHTTPResponse, exchange: Exchange) -> bytes:
    """Return the whole body and give the connection back; one with bytes left in it is closed."""
    parts, size, is_whole = [], 0, False
    try:
        while size <= MAXIMUM_ANSWER_BYTES and not is_whole:
            chunk = response.read(CHUNK_BYTES)
            size += len(chunk)
            parts.append(chunk)
            is_whole = not chunk
    finally:
        if not is_whole:
            response.close()
        response.release_conn()
    if not is_whole:
        raise TransportFailure("oversized", sent=exchange.sent)
    return b"".join(parts)


def _classify(exchange: Exchange, error: Exception) -> TransportFailure:
    """Tell a failure by how far the attempt came: the type of a socket error does not say that."""
    if exchange.deadline.has_passed:
        return TransportFailure("timeout", sent=exchange.sent)
    if exchange.sent or exchange.reused:
        return TransportFailure("cut", sent=exchange.sent)
    return TransportFailure("unreachable", sent=False, tls_fault=find_tls_fault(error))
