"""The connections of a worker: where each stands and until when it may, who is let in, and who makes room."""

import enum
import selectors
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from app.server.reading import Incoming
from app.server.stream import Stream
from app.server.writing import Outgoing

LOOPBACK = ("127.", "::1", "::ffff:127.")
STREAMS_SHARE = 0.5
"""Part of the connections, of all and of one address, that may be streams: nobody makes room by closing one."""


class State(enum.Enum):
    """What a connection waits for."""

    READING = "bytes of a request"
    BUSY = "the answer, which a thread makes or will make"
    WRITING = "the client, to take the rest of its answer"
    STREAMING = "whoever puts something into its stream"
    LEAVING = "the client, to close as well"


UNMOVED = frozenset({State.BUSY, State.STREAMING})


class Connection:
    """A client's socket and what belongs to it."""

    __slots__ = (
        "address", "asked_at", "ends_at", "incoming", "is_chunked", "is_finished", "is_kept", "is_used", "is_watched",
        "outgoing", "server", "socket", "state", "stream", "written_by",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, address: Any, server: Any, incoming: Incoming) -> None:
        self.socket = sock
        self.address = address
        self.server = server
        self.incoming = incoming
        self.state = State.READING
        self.ends_at = 0.0
        """When what it waits for must have happened (monotonic seconds); nothing bounds a thread from here."""
        self.asked_at = 0.0
        """When its request was there; before that, when it began."""
        self.outgoing: Outgoing | None = None
        self.is_kept = False
        """Whether it may carry another request once its answer is written, which must be by ``written_by``."""
        self.written_by = 0.0
        self.is_used = False
        """Whether it has carried an answer."""
        self.is_watched = False
        """Whether the loop hears of its bytes. It does while a thread is at work, until some come too early."""
        self.stream: Stream | None = None
        self.is_chunked = False
        """Whether its stream goes in chunks; otherwise the end of the connection is its end."""
        self.is_finished = False
        """Whether the last piece of its stream has been taken."""

    @property
    def host(self) -> str:
        """Return the address without the port; that of loopback for a socket in the file system."""
        return self.address[0] if isinstance(self.address, tuple) else "127.0.0.1"

    @property
    def is_idle(self) -> bool:
        """Tell whether it waits for the first byte of a request."""
        return self.state is State.READING and self.incoming.is_empty


class Connections:
    """All of them; only the thread of the loop may use this."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._open: set[Connection] = set()
        self._hosts: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()
        self._stream_count = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._open))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._open

    def let_in(self, connection: Connection, most_of_address: int) -> bool:
        """Take a connection; close it where its address has as many as it may, and none of them can make room."""
        host = connection.host
        if most_of_address and not host.startswith(LOOPBACK) and self._hosts[host] >= most_of_address:
            self.make_room(host)
            if self._hosts[host] >= most_of_address:
                connection.socket.close()
                return False
        self._hosts[host] += 1
        self._open.add(connection)
        return True

    def have_room_for_stream(self, connection: Connection, most: int, most_of_address: int) -> bool:
        """Tell whether this one may become a stream, where so many may be open; any thread may ask."""
        if self._stream_count >= most * STREAMS_SHARE:
            return False
        of_address = self._streams.get(connection.host, 0)
        is_few = not most_of_address or of_address < most_of_address * STREAMS_SHARE
        return is_few or connection.host.startswith(LOOPBACK)

    def note_stream(self, connection: Connection) -> None:
        """Count one that has become a stream."""
        self._streams[connection.host] += 1
        self._stream_count += 1

    def make_room(self, host: str | None = None) -> None:
        """Close some, of one address or of all, that have waited longest; first those that never got an answer."""
        waiting = [each for each in self._open if each.state not in UNMOVED and host in {None, each.host}]
        waiting.sort(key=lambda connection: (connection.is_used, connection.ends_at))
        for connection in waiting[: 1 + len(waiting) // 64]:
            self.close(connection)

    def watch(self, connection: Connection, event: int, act: Callable[[Connection], None]) -> None:
        """Hear of this event of a connection, and of no other."""
        change = self._selector.modify if connection.is_watched else self._selector.register
        change(connection.socket, event, (act, connection))
        connection.is_watched = True

    def close(self, connection: Connection) -> None:
        """Close a connection, unless something else of the same turn has done so."""
        if connection not in self._open:
            return
        self._open.remove(connection)
        _discount(self._hosts, connection.host)
        if connection.is_watched:
            self._selector.unregister(connection.socket)
        connection.socket.close()
        if connection.stream is not None:
            _discount(self._streams, connection.host)
            self._stream_count -= 1
            connection.stream.close()


def _discount(counted: Counter[str], host: str) -> None:
    counted[host] -= 1
    if not counted[host]:
        del counted[host]
