"""The loop of a worker: it accepts, reads and writes all connections without waiting for any; threads only answer."""

import contextlib
import os
import selectors
import socket
import threading
import time
from collections import deque
from typing import Any, cast

from app.server.calling import call, call_refused
from app.server.connections import Connection, Connections, State
from app.server.reading import Arrived, Incoming, Refusal
from app.server.streaming import Streaming
from app.server.threads import AnsweringThreads
from app.server.writing import ANSWER_SECONDS, STALLED_SECONDS, Outgoing

REQUEST_SECONDS = 10.0
"""From the first byte of a request to its last; the largest that is accepted needs 7 KiB/s."""
LEAVING_SECONDS = 2.0
"""For a client to close its side, so that its answer is not lost to what it still sends; and, at the end of the
worker, for a request that may be under way on a kept connection."""
FULL_SECONDS = 0.01
"""Before a worker that has every file open that it may looks at new connections again."""
READ_BYTES = 16_384
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Loop:
    """What one worker has open. Only what is called ``answer`` here runs on another thread than the worker's own."""

    def __init__(self, worker: Any) -> None:
        """Take the worker for its settings, its log, its listening sockets, and the pipe that signals write to."""
        self._worker = worker
        self._cfg = worker.cfg
        self._selector = selectors.DefaultSelector()
        self._connections = Connections(self._selector)
        self._threads = AnsweringThreads(worker.cfg.threads, self._answer)
        self._streaming = Streaming(self._connections, self._rouse, self._leave)
        self._answered: deque[tuple[Connection, bool]] = deque()
        self._lock = threading.Lock()
        self._is_woken = False
        self._swept_at = 0.0
        self._wakes, self._wake = worker.PIPE
        self._selector.register(self._wakes, READ, (self._hear, self._wakes))
        for listener in worker.sockets:
            listener.setblocking(False)
            self._selector.register(listener, READ, (self._accept, listener))

    @property
    def is_empty(self) -> bool:
        """Tell whether no connection is open."""
        return not self._connections

    def stop_listening(self) -> None:
        """Let in who has been let in by the system already, and nobody else."""
        for listener in self._worker.sockets:
            self._selector.unregister(listener)
            while self._accept(listener):
                pass
            listener.close()

    def hurry(self, last_at: float) -> None:
        """Wait for no request that has not begun by then, nor long for a client that takes its answer slowly.

        Streams end with a word about when to come again.
        """
        for connection in self._connections:
            if connection.is_idle:
                connection.ends_at = min(connection.ends_at, last_at)
            elif connection.stream is not None and connection.state is State.STREAMING:
                connection.stream.end()
                connection.ends_at = min(connection.ends_at, last_at)
            elif connection.state is State.WRITING:
                connection.ends_at = min(connection.ends_at, max(last_at, connection.asked_at + REQUEST_SECONDS))

    def close(self) -> None:
        """Close what is still open."""
        for connection in self._connections:
            self._connections.close(connection)

    def turn(self, seconds: float) -> None:
        """Do what has become possible within this time, and what has become due."""
        for key, _ in self._selector.select(self._streaming.get_patience(seconds)):
            act, whom = key.data
            act(whom)
        now = time.monotonic()
        self._streaming.write_due(now)
        if now >= self._swept_at + seconds:
            self._swept_at = now
            self._worker.notify()
            for connection in self._connections:
                if connection.ends_at <= now:
                    self._expire(connection)

    def _rouse(self) -> None:
        """Have the loop look around, whatever it waits for; any thread may call this."""
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(BlockingIOError):
                os.write(self._wake, b".")

    def _hear(self, reader: int) -> None:
        """Go on with the connections whose answers are made."""
        with contextlib.suppress(BlockingIOError):
            os.read(reader, 4_096)
        self._is_woken = False
        while self._answered:
            self._go_on(*self._answered.popleft())

    # Who comes, and how many.

    def _accept(self, listener: Any) -> bool:
        """Let one connection in, and tell whether there was one."""
        if len(self._connections) >= self._cfg.worker_connections:
            self._connections.make_room()
        try:
            sock, address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            return False
        except OSError:
            self._connections.make_room()  # No more files may be open.
            time.sleep(FULL_SECONDS)
            return False
        sock.setblocking(False)
        incoming = Incoming(self._cfg, address, self._worker.max_body_bytes)
        connection = Connection(sock, address, listener.getsockname(), incoming)
        connection.ends_at = time.monotonic() + (self._cfg.keepalive or REQUEST_SECONDS)
        if self._connections.let_in(connection, self._worker.connections_per_address):
            self._connections.watch(connection, READ, self._read)
            self._read(connection)
        return True

    def _expire(self, connection: Connection) -> None:
        """End what has had its time."""
        if connection.state is State.READING and not connection.incoming.is_empty:
            self._hand_over(connection, connection.incoming.abandon(408, "The request did not arrive in time."))
        elif connection.state is State.STREAMING:
            self._streaming.expire(connection, time.monotonic())
        else:
            self._connections.close(connection)

    # What they send.

    def _read(self, connection: Connection) -> None:
        """Take in what has arrived."""
        with self._lock:
            is_early = connection.state is State.BUSY
            connection.is_watched = not is_early
        if is_early:
            self._selector.unregister(connection.socket)
            return
        try:
            data = connection.socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._connections.close(connection)
            return
        if connection.state is State.LEAVING:
            if not data:
                self._connections.close(connection)
            return
        if data:
            if connection.incoming.is_empty:
                connection.asked_at = time.monotonic()
                connection.ends_at = connection.asked_at + REQUEST_SECONDS
            connection.incoming.add(data)
            self._take(connection)
        elif connection.incoming.is_empty:
            self._connections.close(connection)
        else:
            self._hand_over(connection, connection.incoming.abandon(400, "The connection ended within the request."))

    def _take(self, connection: Connection) -> None:
        """Give a request that is whole to a thread."""
        incoming = connection.incoming
        try:
            arrived = incoming.take()
        except Refusal as refusal:
            self._hand_over(connection, refusal)
            return
        except Exception:
            self._worker.log.exception("A request could not be read")
            self._connections.close(connection)
            return
        if arrived is not None:
            self._hand_over(connection, arrived)
        elif incoming.wants_continue:
            incoming.wants_continue = False
            with contextlib.suppress(OSError):
                connection.socket.send(CONTINUE)

    def _hand_over(self, connection: Connection, what: Arrived | Refusal) -> None:
        connection.asked_at = time.monotonic()
        connection.state, connection.ends_at = State.BUSY, float("inf")
        self._threads.submit(connection, what)

    # What they are answered.

    def _answer(self, connection: Connection, what: Arrived | Refusal) -> None:
        """Answer one request, on a thread."""
        outgoing = connection.outgoing = Outgoing(connection.socket)
        is_kept = False
        try:
            if isinstance(what, Refusal):
                call_refused(self._worker, connection, what, outgoing)
            else:
                most, most_of_address = self._cfg.worker_connections, self._worker.connections_per_address
                may_stream = self._connections.have_room_for_stream(connection, most, most_of_address)
                is_kept = call(self._worker, connection, what, outgoing, may_stream=may_stream)
        except OSError:
            outgoing.drop()
        except Exception:
            self._worker.log.exception("A request could not be answered")
        if is_kept and outgoing.is_written and connection.incoming.is_empty:
            # The loop hears of the next request by itself, and need not be woken.
            connection.is_used = True
            connection.ends_at = time.monotonic() + self._cfg.keepalive
            with self._lock:
                connection.state = State.READING
                is_heard_of = connection.is_watched
            if is_heard_of:
                return
        self._answered.append((connection, is_kept))
        self._rouse()

    def _go_on(self, connection: Connection, is_kept: bool) -> None:
        """Write what is left of an answer; then wait for the next request, or for the client to leave."""
        if connection not in self._connections:
            return
        if connection.stream is not None:
            self._connections.note_stream(connection)
            self._streaming.begin(connection, connection.stream)
            return
        now, outgoing = time.monotonic(), connection.outgoing
        if outgoing is not None and not outgoing.is_written:
            connection.state, connection.is_kept = State.WRITING, is_kept
            connection.ends_at, connection.written_by = now + STALLED_SECONDS, now + ANSWER_SECONDS
            self._connections.watch(connection, WRITE, self._write)
            return
        connection.outgoing = None
        if is_kept:
            connection.state, connection.is_used = State.READING, True
            connection.ends_at = now + self._cfg.keepalive
            self._connections.watch(connection, READ, self._read)
            if not connection.incoming.is_empty:
                connection.asked_at = now
                connection.ends_at = now + REQUEST_SECONDS
                self._take(connection)
            return
        self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        """Say that nothing more comes, and wait a little for the client to close, too."""
        connection.state, connection.ends_at = State.LEAVING, time.monotonic() + LEAVING_SECONDS
        self._connections.watch(connection, READ, self._read)
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._connections.close(connection)

    def _write(self, connection: Connection) -> None:
        """Write what the client takes now of an answer that it takes slowly."""
        outgoing = cast("Outgoing", connection.outgoing)
        try:
            outgoing.write()
        except OSError:
            self._connections.close(connection)
            return
        if outgoing.is_written:
            self._go_on(connection, connection.is_kept)
        else:
            connection.ends_at = min(time.monotonic() + STALLED_SECONDS, connection.written_by)
