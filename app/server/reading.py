"""Take requests out of the bytes of a connection as they come; nothing here reads a socket or waits.

gunicorn's parser reads a head that is whole. Until then, and for the body, the bytes only lie here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

HEAD_BYTES = 32_768
"""As much as four of the largest headers; nginx takes as much by default."""
CHUNK_LINE_BYTES = 256
"""The size of a chunk and its extensions, which nobody here understands."""
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
UNPRINTABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
ONLY_ONCE = "IDEMPOTENCY-KEY"
END = b"\r\n"
HEAD_END = b"\r\n\r\n"

REFUSED: Mapping[type[Exception], tuple[int, str]] = MappingProxyType(
    {
        LimitRequestLine: (414, "The address of the request is too long."),
        LimitRequestHeaders: (431, "The headers of the request are too many or too large."),
        ExpectationFailed: (417, "The only expectation that can be met is 100-continue."),
        UnsupportedTransferCoding: (501, "The only transfer coding that is understood is chunked."),
        ParseException: (400, "The request line or a header is not well-formed HTTP."),
        NoMoreData: (400, "The request line or a header is not well-formed HTTP."),
    }
)
"""What gunicorn's parser raises → status and sentence; the first that fits."""
TOO_LARGE = (413, "The body is too large.")


class Refusal(Exception):
    """A request that is answered without its view: with a status, a sentence, and what could be read of its head."""

    def __init__(self, status: int, message: str, head: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.head = head


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request of which everything has arrived."""

    request: Any
    body: bytes


class Incoming:
    """What has arrived on one connection and was not taken yet."""

    def __init__(self, cfg: Any, address: Any, max_body_bytes: int) -> None:
        self._cfg = cfg
        self._address = address
        self._max_body_bytes = max_body_bytes
        self._bytes = bytearray()
        self._searched = 0
        self._request: Any = None
        self._body: int | _Chunked = 0
        """How long it is, or how its chunks are taken."""
        self._head = b""
        self.wants_continue = False
        """Whether the client waits for ``100 Continue`` before it sends its body."""

    @property
    def is_empty(self) -> bool:
        """Tell whether no part of a request lies here."""
        return not self._bytes and self._request is None

    def add(self, data: bytes) -> None:
        """Keep what has come."""
        self._bytes += data

    def take(self) -> Arrived | None:
        """Return the next request if it is whole.

        Raises:
            Refusal: It will never be one that can be served.
        """
        try:
            if self._request is None and not self._take_head():
                return None
            framing = self._body
            body = framing.take(self._bytes) if isinstance(framing, _Chunked) else _cut(self._bytes, framing)
        except Refusal as refusal:
            refusal.head = self._get_head()
            raise
        if body is None:
            return None
        arrived = Arrived(self._request, body)
        self._request, self._head, self.wants_continue = None, b"", False
        return arrived

    def abandon(self, status: int, message: str) -> Refusal:
        """Return the refusal of what is here and never became whole."""
        return Refusal(status, message, self._get_head())

    def _get_head(self) -> bytes:
        return self._head or bytes(self._bytes[:HEAD_BYTES])

    def _take_head(self) -> bool:
        if self._searched < len(END) and self._bytes.startswith(END):
            del self._bytes[:2]  # RFC 9112, 2.2: an empty line before the request is ignored.
        start = max(0, self._searched - 3)
        length = self._bytes.find(HEAD_END, start) + len(HEAD_END)
        if length < len(HEAD_END):
            if len(self._bytes) > HEAD_BYTES:
                raise Refusal(*REFUSED[LimitRequestHeaders if END in self._bytes else LimitRequestLine])
            if self._bytes.find(b"\n\n", start) >= 0:
                raise Refusal(*REFUSED[ParseException])
            self._searched = len(self._bytes)
            return False
        self._head, self._searched = bytes(self._bytes[:length]), 0
        if length > HEAD_BYTES:
            raise Refusal(*REFUSED[LimitRequestHeaders])
        del self._bytes[:length]
        self._request = request = self._parse()
        self._body = self._find_body(request.headers)
        self.wants_continue = request.version >= (1, 1) and "EXPECT" in dict(request.headers)
        return True

    def _parse(self) -> Any:
        try:
            request = Request(self._cfg, IterUnreader((self._head,)), self._address)
        except (ParseException, NoMoreData) as error:
            status, message = next(told for kind, told in REFUSED.items() if isinstance(error, kind))
            raise Refusal(status, message) from None
        if [name for name, _ in request.headers].count(ONLY_ONCE) > 1:
            # gunicorn would join them to one that nobody has chosen.
            raise Refusal(400, "The header Idempotency-Key is there twice: send it once.")
        return request

    def _find_body(self, headers: list[tuple[str, str]]) -> "int | _Chunked":
        """Return how the body is framed; the parser has let pass only what can be told."""
        if codings := [value.lower() for name, value in headers if name == "TRANSFER-ENCODING"]:
            if codings != ["chunked"]:
                raise Refusal(*REFUSED[UnsupportedTransferCoding])
            return _Chunked(self._max_body_bytes)
        length = int(dict(headers).get("CONTENT-LENGTH", "0"))
        if length > self._max_body_bytes:
            raise Refusal(*TOO_LARGE)
        return length


class _Chunked:
    """A body in chunks, each with its length."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._body = bytearray()
        self._size: int | None = None

    def take(self, arrived: bytearray) -> bytes | None:
        """Return the body if it is there.

        Raises:
            Refusal: A length is none or does not fit, the body is too large, or something follows it.
        """
        while True:
            if self._size is None:
                self._size = _take_chunk_size(arrived)
            if self._size is None:
                return None
            if len(self._body) + self._size > self._most:
                raise Refusal(*TOO_LARGE)
            chunk = _cut(arrived, self._size + len(END))
            if chunk is None:
                return None
            if not chunk.endswith(END):
                raise Refusal(400, "A chunk is not as long as it says, or fields follow the body: send neither.")
            self._body += chunk[: self._size]
            if self._size == 0:
                return bytes(self._body)
            self._size = None


def _cut(arrived: bytearray, length: int) -> bytes | None:
    """Take so many bytes away, or None while there are fewer."""
    if len(arrived) < length:
        return None
    taken = bytes(arrived[:length])
    del arrived[:length]
    return taken


def _take_chunk_size(arrived: bytearray) -> int | None:
    """Return the length of the next chunk, or None while it has not arrived."""
    end = arrived.find(END, 0, CHUNK_LINE_BYTES)
    if end < 0:
        if len(arrived) >= CHUNK_LINE_BYTES:
            raise Refusal(400, "The line before a chunk is too long.")
        return None
    line = bytes(arrived[:end])
    if UNPRINTABLE.search(line):
        # A proxy may have taken it for the end of the line.
        raise Refusal(400, "The line before a chunk holds a control character.")
    size = line.partition(b";")[0].rstrip(b" \t")
    if not CHUNK_SIZE.fullmatch(size):
        raise Refusal(400, "The length of a chunk is not a hexadecimal number.")
    del arrived[: end + len(END)]
    return int(size, 16)
