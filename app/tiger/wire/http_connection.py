"""One kept connection to a server: send a request in one piece, and read its answer within a deadline."""

import select
import socket
import ssl
import time
import zlib
from dataclasses import dataclass
from typing import Final, NamedTuple

from app.tiger.deadline import Deadline

CONNECT_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 30.0
"""A kept connection is not used after this: load balancers drop idle ones, and a cut order is an order in doubt."""
MAXIMUM_ANSWER_BYTES: Final = 16 * 1024 * 1024
MAXIMUM_HEAD_BYTES: Final = 64 * 1024
CHUNK_BYTES: Final = 64 * 1024
CONTINUE: Final = range(100, 200)
EMPTY: Final = frozenset({204, 304})
PACKED: Final = frozenset({b"gzip", b"x-gzip", b"deflate"})
EITHER_FORM: Final = zlib.MAX_WBITS | 32
"""To have zlib see by itself whether it is gzip's form or its own."""


class NotHTTP(OSError):
    """Say that what came is no answer of an HTTP server."""


class Oversized(Exception):
    """Say that an answer is larger than any that is read."""


class Server(NamedTuple):
    """A server that connections are kept to."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Hold an HTTP answer as received, whatever its status."""

    status: int
    body: bytes


@dataclass(slots=True)
class Exchange:
    """Follow one attempt: its deadline, and how far it came."""

    deadline: Deadline
    is_reused: bool = False
    is_sent: bool = False
    is_answered: bool = False

    def remaining(self) -> float:
        """Return the seconds left, more than none.

        Raises:
            TimeoutError: The deadline has passed; a socket timeout of 0 would mean a socket that never waits.
        """
        remaining = self.deadline.remaining()
        if not remaining:
            raise TimeoutError
        return remaining


class HTTPConnection:
    """Speak HTTP/1.1 [RFC 9112] to one server; after any failure it is to be closed.

    What is read is an answer of Tiger's and no more: no redirect is followed, no cookie kept.
    """

    def __init__(self, server: Server, context: ssl.SSLContext | None, exchange: Exchange) -> None:
        """Connect, over TLS where a context for that is given; raises OSError."""
        self._received = bytearray()
        self._used_at = time.monotonic()
        self._socket = socket.create_connection(server[1:], min(CONNECT_SECONDS, exchange.remaining()))
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                self._socket.settimeout(min(CONNECT_SECONDS, exchange.remaining()))
                self._socket = context.wrap_socket(self._socket, server_hostname=server.host)
        except BaseException:
            self.close()
            raise

    @property
    def may_be_used(self) -> bool:
        """Tell whether it may carry another request: kept for a short time, and nothing has come, such as its end."""
        if time.monotonic() - self._used_at >= IDLE_SECONDS or self._received:
            return False
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def send(self, request: bytes, exchange: Exchange) -> None:
        """Send head and body of a request together: as two packets they wake the server twice."""
        self._socket.settimeout(exchange.remaining())
        self._socket.sendall(request)
        exchange.is_sent = True
        self._used_at = time.monotonic()

    def read(self, exchange: Exchange) -> tuple[HttpAnswer, bool]:
        """Return the answer, and whether the connection may be kept.

        Raises:
            OSError: It did not come to its end.
            Oversized: It is too large.
        """
        status, fields = self._read_head(exchange)
        while status in CONTINUE:
            status, fields = self._read_head(exchange)
        may_be_kept = b"close" not in fields.get(b"connection", b"").lower()
        if status in EMPTY:
            body = b""
        elif b"chunked" in fields.get(b"transfer-encoding", b"").lower():
            body = self._read_chunks(exchange)
        elif (length := fields.get(b"content-length")) is not None:
            body = self._take(_read_size(length, 10), exchange)
        else:
            body, may_be_kept = self._read_to_end(exchange), False
        if fields.get(b"content-encoding", b"").lower() in PACKED:
            # Nobody asked for it; but whatever lies between may do so.
            body = _unpack(body)
        return HttpAnswer(status, body), may_be_kept

    def _read_head(self, exchange: Exchange) -> tuple[int, dict[bytes, bytes]]:
        """Return the status, and the fields of the head by name in small letters."""
        line, *lines = self._take_head(exchange).split(b"\n")
        version, _, rest = line.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise NotHTTP("no status line")
        named: dict[bytes, bytes] = {}
        for field in lines:
            name, _, value = field.partition(b":")
            name, value = name.strip().lower(), value.strip()
            if name == b"content-length" and named.get(name, value) != value:
                raise NotHTTP("two lengths")
            named[name] = value
        if version == b"HTTP/1.0":
            named.setdefault(b"connection", b"close")
        return int(rest[:3]), named

    def _read_chunks(self, exchange: Exchange) -> bytes:
        parts, size = [], 0
        while length := _read_size(self._take_line(exchange).partition(b";")[0], 16):
            size += length
            if size > MAXIMUM_ANSWER_BYTES:
                raise Oversized
            parts.append(self._take(length, exchange))
            if self._take_line(exchange):
                raise NotHTTP("a chunk without an end")
        while self._take_line(exchange):
            """Fields may follow, up to an empty line."""
        return b"".join(parts)

    def _read_to_end(self, exchange: Exchange) -> bytes:
        while self._receive(exchange):
            if len(self._received) > MAXIMUM_ANSWER_BYTES:
                raise Oversized
        return bytes(self._received)

    def _take(self, length: int, exchange: Exchange) -> bytes:
        """Return so many of the next bytes."""
        if length > MAXIMUM_ANSWER_BYTES:
            raise Oversized
        while len(self._received) < length:
            if not self._receive(exchange):
                raise NotHTTP("the end came early")
        taken = bytes(self._received[:length])
        del self._received[:length]
        return taken

    def _take_head(self, exchange: Exchange) -> bytes:
        """Return the next bytes up to an empty line; some end their lines without a carriage return."""
        while True:
            for ending in (b"\r\n\r\n", b"\n\n"):
                if (end := self._received.find(ending)) >= 0:
                    return self._take_up_to(end, len(ending))
            self._await_more(exchange)

    def _take_line(self, exchange: Exchange) -> bytes:
        """Return the next bytes up to the end of a line, which is taken as well."""
        while (end := self._received.find(b"\r\n")) < 0:
            self._await_more(exchange)
        return self._take_up_to(end, 2)

    def _take_up_to(self, end: int, skipped: int) -> bytes:
        taken = bytes(self._received[:end])
        del self._received[: end + skipped]
        return taken

    def _await_more(self, exchange: Exchange) -> None:
        if len(self._received) > MAXIMUM_HEAD_BYTES:
            raise NotHTTP("a head without end")
        if not self._receive(exchange):
            raise NotHTTP("the end came early")

    def _receive(self, exchange: Exchange) -> bool:
        """Wait for more bytes, as long as is left of the deadline, however slowly they drip; False at the end."""
        self._socket.settimeout(exchange.remaining())
        chunk = self._socket.recv(CHUNK_BYTES)
        exchange.is_answered = exchange.is_answered or bool(chunk)
        self._received += chunk
        return bool(chunk)


def _read_size(written: bytes, base: int) -> int:
    written = written.strip()
    if not written.isalnum():
        raise NotHTTP("a size that is none")
    try:
        return int(written, base)
    except ValueError:
        raise NotHTTP("a size that is none") from None


def _unpack(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(EITHER_FORM)
    try:
        unpacked = unpacking.decompress(body, MAXIMUM_ANSWER_BYTES)
    except zlib.error:
        raise NotHTTP("a body that cannot be unpacked") from None
    if unpacking.unconsumed_tail:
        raise Oversized
    if not unpacking.eof:
        raise NotHTTP("a body that ends early")
    return unpacked
