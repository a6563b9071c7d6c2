"""Follow the publisher of this machine over its socket: say what is wanted, hear what comes."""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Collection
from typing import Final

from app.quote_feed.messages import Message, read_message, write_wishes

SILENT_SECONDS: Final = 5.0
"""A publisher gives a sign each second; one that does not has stopped, and another one may be there."""
CONNECT_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 0.5
MOST_BYTES: Final = 262_144


class Wake:
    """Have the thread that follows look around; any thread may call ``rouse``."""

    def __init__(self) -> None:
        self.reader, self._writer = socket.socketpair()
        self.reader.setblocking(False)
        self._writer.setblocking(False)

    def rouse(self) -> None:
        """Have it look around now."""
        with contextlib.suppress(OSError):
            self._writer.send(b".")

    def clear(self) -> None:
        """Take note."""
        with contextlib.suppress(OSError):
            self.reader.recv(4_096)

    def close(self) -> None:
        """Let go of both ends."""
        self.reader.close()
        self._writer.close()


def connect(address: str | None) -> socket.socket | None:
    """Return a connection to the publisher of this machine, or None where there is none."""
    if address is None:
        return None
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(CONNECT_SECONDS)
    try:
        connected.connect(address)
    except OSError:
        connected.close()
        return None
    return connected


def follow(
    connected: socket.socket,
    wake: Wake,
    get_wishes: Callable[[], Collection[str]],
    take: Callable[[Message], None],
    is_over: Callable[[], bool],
) -> None:
    """Follow until the publisher goes, falls silent or says what nobody understands, or until it is over."""
    said: set[str] | None = None
    arrived, heard_at = bytearray(), time.monotonic()
    with connected, selectors.DefaultSelector() as selector:
        selector.register(connected, selectors.EVENT_READ)
        selector.register(wake.reader, selectors.EVENT_READ)
        while not is_over() and time.monotonic() - heard_at < SILENT_SECONDS:
            wanted = set(get_wishes())
            try:
                if wanted != said:
                    connected.sendall(write_wishes(wanted))
                    said = wanted
                for key, _ in selector.select(LOOK_SECONDS):
                    if key.fileobj is not connected:
                        wake.clear()
                        continue
                    data = connected.recv(MOST_BYTES)
                    if not data:
                        return
                    heard_at = time.monotonic()
                    arrived += data
                    *lines, rest = arrived.split(b"\n")
                    arrived = bytearray(rest)
                    for line in lines:
                        take(read_message(bytes(line)))
            except (OSError, ValueError):
                return
