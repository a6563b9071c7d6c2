"""A publisher's socket in the instance folder, where the workers of the machine hear of quotes and say what they want.

A worker that dies closes its end, and follows nothing any more. One that is stopped is sent the latest of each item
when it goes on, and costs the others nothing meanwhile.
"""

import contextlib
import json
import logging
import os
import selectors
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from app.quote_feed.messages import Latest, Message, write_message
from app.quote_feed.publisher import QuotePublisher
from app.server.stream import Stream

NAME: Final = "quotes.sock"
LONGEST_PATH: Final = 100
"""Bytes of a path at which a socket can be bound, with room to spare."""
MOST_WAITING_BYTES: Final = 8_388_608
LONGEST_WISH_BYTES: Final = 4_194_304
LOOK_SECONDS: Final = 0.25
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

logger = logging.getLogger(__name__)


def get_address(instance: Path) -> str | None:
    """Return where the socket is, or None where the folder's path is too long for one."""
    path = str(instance / NAME)
    return path if len(os.fsencode(path)) <= LONGEST_PATH else None


class _Follower:
    """A process at the other end."""

    def __init__(self, connected: socket.socket, publisher: QuotePublisher, blocked: Callable[[], None]) -> None:
        self.socket = connected
        self._publisher = publisher
        self._blocked = blocked
        self._stream = Stream(b"", MOST_WAITING_BYTES)
        self._lock = threading.Lock()
        self._rest = memoryview(b"")
        self._arrived = bytearray()
        self._keys: set[str] = set()
        self.is_gone = False

    @property
    def is_blocked(self) -> bool:
        """Tell whether it takes no more for now."""
        return bool(self._rest)

    def begin(self) -> None:
        """Tell it all that is known, and what comes."""
        self._stream.serve(lambda _stream: self.flush())
        self._publisher.add_outlet(self)

    def report(self, message: Message) -> None:
        """Pass a message on; of an item what waits gives way to what is newer."""
        self._stream.put(write_message(message), message.key if isinstance(message, Latest) else None)

    def flush(self) -> None:
        """Write what waits, as far as it is taken; any thread may call this."""
        with self._lock:
            try:
                while not self.is_gone:
                    if not self._rest:
                        self._rest = memoryview(self._stream.take())
                        if not self._rest:
                            self.is_gone = self._stream.is_finished
                            return
                    self._rest = self._rest[self.socket.send(self._rest) :]
            except BlockingIOError:
                self._blocked()
            except OSError:
                self.is_gone = True

    def hear(self) -> None:
        """Take in what it follows now."""
        try:
            arrived = self.socket.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            arrived = b""
        self._arrived += arrived
        if not arrived or len(self._arrived) > LONGEST_WISH_BYTES:
            self.is_gone = True
            return
        *lines, rest = self._arrived.split(b"\n")
        self._arrived = bytearray(rest)
        if lines:
            try:
                wanted = {str(key) for key in json.loads(lines[-1])}
            except (ValueError, TypeError):
                self.is_gone = True
                return
            self._publisher.follow(wanted - self._keys)
            self._publisher.unfollow(self._keys - wanted)
            self._keys = wanted

    def leave(self) -> None:
        """Let it go, with all that it follows."""
        self.is_gone = True
        self._publisher.remove_outlet(self)
        self._publisher.unfollow(self._keys)
        self.socket.close()


class LocalSocket:
    """Serve the followers of this machine, on a thread of its own, until ``close``."""

    def __init__(self, address: str, publisher: QuotePublisher) -> None:
        self._address = address
        self._publisher = publisher
        self._followers: list[_Follower] = []
        self._is_closed = threading.Event()
        self._wakes, self._wake = socket.socketpair()
        self._wakes.setblocking(False)
        self._wake.setblocking(False)
        self._listener = self._listen()
        self._thread = threading.Thread(target=self._run, name="quotes-socket", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End: the followers look for the next publisher."""
        self._is_closed.set()
        self._rouse()
        self._thread.join(5)

    def _listen(self) -> socket.socket:
        """Listen in the place of whoever did so before; only our own user may come.

        Raises:
            OSError: The folder cannot be written.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        place = f"{self._address}.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            Path(place).unlink()
        listener.bind(place)
        Path(place).chmod(0o600)
        listener.listen(64)
        listener.setblocking(False)
        # In one step, so that nobody finds a socket that is not private or that nobody listens at.
        Path(place).replace(self._address)
        return listener

    def _rouse(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake.send(b".")

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, READ)
            selector.register(self._wakes, READ)
            while not self._is_closed.is_set():
                self._turn(selector)
        for follower in self._followers:
            follower.leave()
        for each in (self._listener, self._wakes, self._wake):
            each.close()

    def _turn(self, selector: selectors.BaseSelector) -> None:
        for key, event in selector.select(LOOK_SECONDS):
            if key.fileobj is self._listener:
                self._accept(selector)
            elif key.fileobj is self._wakes:
                with contextlib.suppress(BlockingIOError):
                    self._wakes.recv(4_096)
            else:
                follower: _Follower = key.data
                if event & READ:
                    follower.hear()
                if event & WRITE:
                    follower.flush()
        for follower in tuple(self._followers):
            if follower.is_gone:
                self._followers.remove(follower)
                selector.unregister(follower.socket)
                follower.leave()
            else:
                selector.modify(follower.socket, READ | WRITE if follower.is_blocked else READ, follower)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        try:
            connected, _ = self._listener.accept()
        except OSError:
            return
        connected.setblocking(False)
        follower = _Follower(connected, self._publisher, self._rouse)
        self._followers.append(follower)
        selector.register(connected, READ, follower)
        follower.begin()
