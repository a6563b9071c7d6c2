"""Write the streams of a worker on the thread of its loop, a few at a time: none of them holds a thread."""

import selectors
import socket
import time
from collections.abc import Callable
from typing import cast

from app.server.connections import Connection, Connections, State
from app.server.stream import HEARTBEAT, HEARTBEAT_SECONDS, Stream
from app.server.stream_rounds import Rounds
from app.server.writing import STALLED_SECONDS, Outgoing

PROMPT_SECONDS = 0.01
"""Between two rounds of those who wait for what is rare, such as what became of an order."""
ROUND_SECONDS = 0.03
"""Between two rounds of the others, at least: what comes meanwhile goes out together."""
STREAM_SECONDS = 0.0001
"""Longer for each stream of a round, some ten times what writing it takes: the rest is for requests."""
LONGEST_ROUND_SECONDS = 0.07
MOST_AT_ONCE = 32
"""Streams that are written before the loop looks at requests again."""
SENT_AHEAD_BYTES = 65_536
"""How much the system holds for a client."""
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
LAST_CHUNK = b"0\r\n\r\n"


class Streaming:
    """The streams among the connections; all but ``_become_due`` runs on the thread of the loop."""

    def __init__(self, connections: Connections, wake: Callable[[], None], leave: Callable[[Connection], None]) -> None:
        """Take what wakes the loop, and what ends a connection whose answer is complete."""
        self._connections = connections
        self._wake = wake
        self._leave = leave
        self._prompt = Rounds(PROMPT_SECONDS)
        self._others = Rounds(ROUND_SECONDS, STREAM_SECONDS, LONGEST_ROUND_SECONDS)

    def begin(self, connection: Connection, stream: Stream) -> None:
        """Serve a stream whose head is written, or will be."""
        connection.state = State.STREAMING
        connection.ends_at = time.monotonic() + HEARTBEAT_SECONDS
        # What a client that reads slowly has not taken yet is old: less of it lies in the system than in the network.
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD_BYTES)
        # Behind a large answer that its client takes slowly, the head may still lie here.
        is_written = cast("Outgoing", connection.outgoing).is_written
        self._connections.watch(connection, READ if is_written else READ | WRITE, self._hear)
        rounds = self._prompt if stream.is_prompt else self._others
        stream.serve(lambda _stream: self._become_due(rounds, connection))

    def get_patience(self, seconds: float) -> float:
        """Return how long the loop may wait for others: at most so long."""
        now = time.monotonic()
        patience = [self._prompt.get_patience(now), self._others.get_patience(now)]
        return min([seconds, *(each for each in patience if each is not None)])

    def write_due(self, now: float) -> None:
        """Write the next of those that have something to send."""
        for rounds in (self._prompt, self._others):
            for connection in rounds.take(now, MOST_AT_ONCE):
                self._write(connection, now)

    def expire(self, connection: Connection, now: float) -> None:
        """Show a client that is silent for want of news that it is not forgotten; drop one that takes nothing."""
        if cast("Outgoing", connection.outgoing).is_written:
            self._send(connection, HEARTBEAT, now)
        else:
            self._connections.close(connection)

    def _become_due(self, rounds: Rounds, connection: Connection) -> None:
        if rounds.add(connection):
            self._wake()

    def _write(self, connection: Connection, now: float) -> None:
        """Send what waits, unless something is on its way still: that one is followed by all that came since."""
        stream, outgoing = connection.stream, connection.outgoing
        if stream is None or outgoing is None or connection not in self._connections or not outgoing.is_written:
            return
        pieces = stream.take()
        connection.is_finished = stream.is_finished
        self._send(connection, pieces, now)

    def _send(self, connection: Connection, pieces: bytes, now: float) -> None:
        outgoing = cast("Outgoing", connection.outgoing)
        if connection.is_chunked:
            pieces = b"%x\r\n%b\r\n" % (len(pieces), pieces) if pieces else pieces
            pieces += LAST_CHUNK if connection.is_finished else b""
        try:
            if pieces:
                outgoing.send_whole(pieces)
        except OSError:
            self._connections.close(connection)
            return
        if not outgoing.is_written:
            connection.ends_at = now + STALLED_SECONDS
            self._connections.watch(connection, READ | WRITE, self._hear)
        elif connection.is_finished:
            self._leave(connection)
        else:
            connection.ends_at = now + HEARTBEAT_SECONDS

    def _hear(self, connection: Connection) -> None:
        """Go on where the client takes more, and end where it has gone, or says anything at all."""
        try:
            connection.socket.recv(1)
        except BlockingIOError:
            pass
        except OSError:
            self._connections.close(connection)
            return
        else:
            self._connections.close(connection)
            return
        outgoing = cast("Outgoing", connection.outgoing)
        if outgoing.is_written:
            return
        try:
            outgoing.write()
        except OSError:
            self._connections.close(connection)
            return
        self._go_on(connection, outgoing, time.monotonic())

    def _go_on(self, connection: Connection, outgoing: Outgoing, now: float) -> None:
        """Wait on for a client that has not taken everything, or send what has come since."""
        if not outgoing.is_written:
            connection.ends_at = now + STALLED_SECONDS
        elif connection.is_finished:
            self._leave(connection)
        else:
            self._connections.watch(connection, READ, self._hear)
            self._write(connection, now)
