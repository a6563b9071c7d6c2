"""One connection of the worker: where it stands, and until when it may stand there."""

import enum
import socket
from typing import Any

from app.server.reading import Incoming
from app.server.writing import Outgoing


class State(enum.Enum):
    """What a connection waits for."""

    READING = "bytes of a request"
    BUSY = "the answer, which a thread makes or will make"
    WRITING = "the client, to take the rest of its answer"
    LEAVING = "the client, to close as well"


class Connection:
    """A client's socket and what belongs to it."""

    __slots__ = (
        "address", "asked_at", "ends_at", "incoming", "is_kept", "is_used", "is_watched", "outgoing", "server",
        "socket", "state", "written_by",
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

    @property
    def host(self) -> str:
        """Return the address without the port; that of loopback for a socket in the file system."""
        return self.address[0] if isinstance(self.address, tuple) else "127.0.0.1"

    @property
    def is_idle(self) -> bool:
        """Tell whether it waits for the first byte of a request."""
        return self.state is State.READING and self.incoming.is_empty
