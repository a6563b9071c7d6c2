"""One connection of the push service: bytes in and out, heartbeats, and how much waits for a client to read it."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, Protocol, cast

from app.simulator.push.fields import UnreadableFrame
from app.simulator.push.frames import FrameReader, write_frame
from app.simulator.push.messages import decode
from app.simulator.push.recognition import HANDSHAKE, Forget, Recognized
from app.simulator.push.tls import TlsLayer

MOST_UNREAD_BYTES = 512 * 1024
"""What waits for a client that does not read; one that leaves more is cut off."""
LAGGING_BYTES = 64 * 1024
"""From so much on, quotes are left out for it: a newer one comes soon."""
KERNEL_BYTES = 64 * 1024
SIGN_IN_SECONDS = 10.0
"""So long a connection may stay open without having signed in."""
FAREWELL_SECONDS = 1.0
"""So long a closed connection waits for its client to read what was written before."""
PATIENCE = 3
"""After so many intervals without a word from the client it is taken for gone."""


class Listener(Protocol):
    """Hear what a connection receives, and its end."""

    def received(self, connection: "PushConnection", request: dict[str, Any]) -> None:
        """Take a request, which may have any fields or none."""

    def heartbeat_is_due(self, connection: "PushConnection") -> None:
        """Send a sign of life."""

    def lost(self, connection: "PushConnection") -> None:
        """Forget a connection that is gone."""


class PushConnection(Recognized):
    """Speak frames with one client; ``tiger_id`` is empty until it has signed in."""

    def __init__(self, listener: Listener, get_context: Callable[[], ssl.SSLContext], forget: Forget) -> None:
        self.tiger_id = ""
        self._listener = listener
        self._get_context = get_context
        self._forget = forget
        self._transport: asyncio.Transport | None = None
        self._tls: TlsLayer | None = None
        self._frames = FrameReader()
        self._is_first = True
        self._heard = 0.0
        self._deadline: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over, and give the client some time to sign in."""
        self._transport = cast("asyncio.Transport", transport)
        underlying = transport.get_extra_info("socket")
        if underlying is not None:
            # What the kernel keeps for a client that does not read counts as well.
            underlying.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        self._deadline = asyncio.get_running_loop().call_later(SIGN_IN_SECONDS, self.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature.
        """Let go of everything."""
        self._transport = None
        self._stop_timers()
        self._listener.lost(self)
        self._forget(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes in, through TLS where the first of them are a handshake."""
        if self._is_first:
            self._is_first = False
            if data.startswith(HANDSHAKE):
                self._tls = TlsLayer(self._get_context())
        self._heard = asyncio.get_running_loop().time()
        try:
            for message in self._frames.feed(self._decrypt(data)):
                if self._transport is not None and not self._transport.is_closing():
                    self._listener.received(self, decode("Request", message))
        except (UnreadableFrame, ssl.SSLError):
            self.close()

    def _decrypt(self, data: bytes) -> bytes:
        if self._tls is None:
            return data
        plain = self._tls.receive(data)
        self._write(self._tls.take_output())
        return plain

    @property
    def is_lagging(self) -> bool:
        """Say whether so much waits to be read that what is of the moment had better be left out."""
        return self._transport is None or self._transport.get_write_buffer_size() > LAGGING_BYTES

    def send(self, message: bytes) -> None:
        """Send a message as a frame; a client that has left too much unread is cut off instead."""
        frame = write_frame(message)
        self._write(frame if self._tls is None else self._tls.encrypt(frame))

    def send_part(self, message: bytes) -> None:
        """Send the first half of a frame, and close the connection inside it."""
        frame = write_frame(message)
        part = frame[: max(1, len(frame) // 2)]
        self._write(part if self._tls is None else self._tls.encrypt(part))
        self.close()

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or not data:
            return
        transport.write(data)
        if transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
            transport.abort()

    def begin_heartbeats(self, send_ms: int, receive_ms: int) -> None:
        """Send a heartbeat every ``receive_ms``, and expect something from the client every ``send_ms``.

        Both are as the client calls them; 0 means never.
        """
        self._stop_timers()
        loop = asyncio.get_running_loop()
        if receive_ms:
            self._heartbeat = loop.call_later(receive_ms / 1000, self._beat, receive_ms / 1000)
        if send_ms:
            self._deadline = loop.call_later(PATIENCE * send_ms / 1000, self._look, PATIENCE * send_ms / 1000)

    def _beat(self, seconds: float) -> None:
        self._heartbeat = asyncio.get_running_loop().call_later(seconds, self._beat, seconds)
        self._listener.heartbeat_is_due(self)

    def _look(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        left = self._heard + seconds - loop.time()
        if left <= 0:
            self.close()
        else:
            self._deadline = loop.call_later(left, self._look, seconds)

    def _stop_timers(self) -> None:
        for timer in (self._deadline, self._heartbeat):
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """Close the connection, with what has been written still sent to a client that reads."""
        self._stop_timers()
        if self._transport is not None and self.is_lagging:
            self._transport.abort()
        elif self._transport is not None:
            self._transport.close()
            self._deadline = asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self._transport.abort)
