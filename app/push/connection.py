"""One connection to Tiger's push service: bytes in and out of a socket that never makes anybody wait."""

import contextlib
import selectors
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.tiger.push.address import PushAddress
from app.tiger.push.frames import FrameReader, write_frame

CONNECT_SECONDS: Final = 5.0
CHUNK_BYTES: Final = 64 * 1024
MOST_CHUNKS: Final = 16
"""Read in one turn, so that a flood keeps nobody from looking at the clock."""
MOST_UNSENT_BYTES: Final = 256 * 1024
"""More than a thousand subscriptions; a server that takes none of it is as good as gone."""


class ConnectionEnded(Exception):
    """Say why a connection carries nothing any more."""


def make_context(certificate_file: str) -> ssl.SSLContext:
    """Return how TLS is checked: against the system's authorities, or the certificates of a file alone.

    Such a file may hold the server's own certificate, which is then the only one that is taken.

    Raises:
        OSError: The file cannot be read, or holds no certificate.
    """
    if not certificate_file:
        return ssl.create_default_context()
    context = ssl.create_default_context(cafile=str(Path(certificate_file).expanduser()))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


class Connection:
    """A connection, and what wakes the one thread that uses it; only ``wake`` may be called from another."""

    def __init__(self, address: PushAddress, context: ssl.SSLContext | None) -> None:
        """Connect, over TLS where a context for that is given; raises OSError."""
        self._frames = FrameReader()
        self._unsent = bytearray()
        self._socket = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
        self._woken, self._waker = socket.socketpair()
        self._ready = selectors.DefaultSelector()
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                self._socket = context.wrap_socket(self._socket, server_hostname=address.host)
            for each in (self._socket, self._woken, self._waker):
                each.setblocking(False)
            self._ready.register(self._woken, selectors.EVENT_READ)
            self._ready.register(self._socket, selectors.EVENT_READ)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection, whatever has not been sent."""
        self._ready.close()
        for each in (self._socket, self._woken, self._waker):
            each.close()

    def wake(self) -> None:
        """Have ``receive`` return at once."""
        with contextlib.suppress(OSError, ValueError):
            self._waker.send(b"\0")

    def send(self, message: bytes) -> None:
        """Send a message, or as much of it as goes; the rest follows.

        Raises:
            ConnectionEnded: It is gone, or takes nothing any more.
        """
        self._unsent += write_frame(message)
        self._flush()
        if len(self._unsent) > MOST_UNSENT_BYTES:
            raise ConnectionEnded("the server takes nothing any more")

    def receive(self, seconds: float) -> Iterator[bytes]:
        """Wait for no longer than that, and yield the messages that are whole.

        Raises:
            ConnectionEnded: It is gone.
            UnreadableFrame: What came is no frame.
        """
        is_pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
        for key, _ in self._ready.select(0 if is_pending else max(0.0, seconds)):
            if key.fileobj is self._woken:
                with contextlib.suppress(OSError):
                    self._woken.recv(CHUNK_BYTES)
        self._flush()
        for _ in range(MOST_CHUNKS):
            chunk = self._read()
            if chunk is None:
                return
            yield from self._frames.feed(chunk)

    def _read(self) -> bytes | None:
        """Return what has come, None for nothing yet."""
        try:
            chunk = self._socket.recv(CHUNK_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except OSError as error:
            raise ConnectionEnded(f"the connection broke: {error.strerror or type(error).__name__}") from error
        if not chunk:
            raise ConnectionEnded("the server closed the connection")
        return chunk

    def _flush(self) -> None:
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            raise ConnectionEnded(f"the connection broke: {error.strerror or type(error).__name__}") from error
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
        if self._ready.get_key(self._socket).events != events:
            self._ready.modify(self._socket, events)
