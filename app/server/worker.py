"""Serve so that no client can keep a thread: one loop reads all connections, and threads only answer.

gunicorn's own threaded worker gives a thread to a connection before its request is there, writes an answer as slowly as
its client reads, and waits on its main thread for a client to close.
"""

import contextlib
import os
import queue
import selectors
import socket
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, cast

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable
from app.server.calling import call, call_refused
from app.server.connection import Connection, State
from app.server.listening import HANDOVER
from app.server.reading import Arrived, Incoming, Refusal
from app.server.writing import ANSWER_SECONDS, STALLED_SECONDS, Answer

REQUEST_SECONDS = 10.0
"""From the first byte of a request to its last; the largest that is accepted needs 7 KiB/s."""
LEAVING_SECONDS = 2.0
"""For a client to close its side, so that its answer is not lost to what it still sends; and, at the end of the
worker, for a request that may be under way on a kept connection."""
LISTENING_SECONDS = 0.2
"""For connections that are being opened when the end of the worker begins."""
SUCCESSION_SECONDS = 15.0
"""For the workers that a reload starts, before the old ones stop listening without them."""
SWEEP_SECONDS = 0.5
TURN_SECONDS = 0.05
"""Between two looks of a worker that ends."""
FULL_SECONDS = 0.01
"""Before a worker that has every file open that it may looks at new connections again."""
AGAIN_SECONDS = 1.0
"""Before a worker that found no database is started once more."""
READ_BYTES = 16_384
LOOPBACK = ("127.", "::1", "::ffff:127.")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class GatewayWorker(Worker):  # type: ignore[misc] # gunicorn has no types.
    """Read and write on the main thread, answer on others."""

    max_body_bytes = 65_536
    connections_per_address = 0
    """How many one address may have open at this worker; any number where 0. Loopback always may."""
    when_ending: Callable[[], None] | None = None
    """Called when the end begins: requests may take until the moment at which the worker is killed."""

    _is_alive = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: set[Connection] = set()
        self._hosts: Counter[str] = Counter()
        self._arrived: queue.SimpleQueue[tuple[Connection, Arrived | Refusal]] = queue.SimpleQueue()
        self._answered: deque[tuple[Connection, bool]] = deque()
        self._lock = threading.Lock()
        self._free = threading.Semaphore(0)
        """How many threads wait for a request."""
        self._threads = 0
        self._swept_at = 0.0
        self._is_woken = False

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """Refuse what this worker does not speak."""
        if cfg.is_ssl:
            sys.exit("tiger-rest cannot start: it speaks plain HTTP; put a proxy in front for TLS")

    @property
    def alive(self) -> bool:
        """Tell whether the worker goes on; gunicorn ends it by setting this: on a signal, a reload, or max_requests."""
        return self._is_alive

    @alive.setter
    def alive(self, value: bool) -> None:
        self._is_alive = value
        if not value and self.when_ending is not None:
            self.when_ending()

    def init_process(self) -> None:
        """Start, or end with one line that says what to fix."""
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        try:
            super().init_process()
        except (ConfigurationError, StorageUnavailable, SystemExit) as error:
            # The module of the application has made an exit of it, for servers that would show a traceback.
            cause = error.__cause__ if isinstance(error, SystemExit) else error
            if self.booted or not isinstance(cause, ConfigurationError | StorageUnavailable):
                raise
            self._give_up(cause)

    def _give_up(self, error: ConfigurationError | StorageUnavailable) -> NoReturn:
        """Say what is wrong and end: the first worker of all with the master, which would try for ever."""
        if self.age > 1:
            # The first one speaks for all. Where it serves, the database may come back for this one.
            time.sleep(AGAIN_SECONDS)
            if not self.alive:
                sys.exit(0)
            if isinstance(error, StorageUnavailable):
                self.log.warning("A worker cannot start yet: %s", error)
                sys.exit(1)
        self.log.critical("tiger-rest cannot start: %s", error)
        sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def count_request(self) -> bool:
        """Count a request, and tell whether its connection must end with it."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        return not self.alive

    def run(self) -> None:
        """Serve until the end begins; then answer what was accepted."""
        # A signal writes here as well.
        for wakes in (self._wake_reader, self.PIPE[0]):
            self._selector.register(wakes, READ, (self._hear, wakes))
        for listener in self.sockets:
            listener.setblocking(False)
            self._selector.register(listener, READ, (self._accept, listener))
        HANDOVER.report_ready(self.age)
        while self.alive:
            self._turn(SWEEP_SECONDS)
            if self.ppid != os.getppid():
                self.log.info("Parent changed, shutting down: %s", self)
                break
        self._end()

    def _end(self) -> None:
        """Take in who has been let in by the system, answer everybody, and close."""
        now = time.monotonic()
        while HANDOVER.is_awaited(self.age) and time.monotonic() < now + SUCCESSION_SECONDS:
            self._turn(TURN_SECONDS)
        ends_at = time.monotonic() + LISTENING_SECONDS
        while time.monotonic() < ends_at:
            self._turn(TURN_SECONDS)
        for listener in self.sockets:
            self._selector.unregister(listener)
            while self._accept(listener):
                pass
            listener.close()
        ends_at = time.monotonic() + self.cfg.graceful_timeout
        last_at = time.monotonic() + LEAVING_SECONDS
        while self._connections and time.monotonic() < ends_at:
            for connection in self._connections:
                if connection.is_idle:
                    connection.ends_at = min(connection.ends_at, last_at)
                elif connection.state is State.WRITING:
                    connection.ends_at = min(connection.ends_at, max(last_at, connection.asked_at + REQUEST_SECONDS))
            self._turn(TURN_SECONDS)
        for connection in tuple(self._connections):
            self._close(connection)

    def _turn(self, seconds: float) -> None:
        """Do what has become possible within this time, and what has become due."""
        for key, _ in self._selector.select(seconds):
            act, whom = key.data
            act(whom)
        now = time.monotonic()
        if now >= self._swept_at + seconds:
            self._swept_at = now
            self.notify()
            for connection in [connection for connection in self._connections if connection.ends_at <= now]:
                self._expire(connection)

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
        if len(self._connections) >= self.cfg.worker_connections:
            self._make_room(self._connections)
        try:
            sock, address = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            return False
        except OSError:
            self._make_room(self._connections)  # No more files may be open.
            time.sleep(FULL_SECONDS)
            return False
        sock.setblocking(False)
        incoming = Incoming(self.cfg, address, self.max_body_bytes)
        connection = Connection(sock, address, listener.getsockname(), incoming)
        connection.ends_at = time.monotonic() + (self.cfg.keepalive or REQUEST_SECONDS)
        host, most = connection.host, self.connections_per_address
        if most and not host.startswith(LOOPBACK) and self._hosts[host] >= most:
            self._make_room(other for other in self._connections if other.host == host)
            if self._hosts[host] >= most:
                sock.close()
                return True
        self._hosts[host] += 1
        self._connections.add(connection)
        self._selector.register(sock, READ, (self._read, connection))
        self._read(connection)
        return True

    def _make_room(self, among: Iterable[Connection]) -> None:
        """Close some of those that have waited longest; first those that never got an answer."""
        waiting = [connection for connection in among if connection.state is not State.BUSY]
        waiting.sort(key=lambda connection: (connection.is_used, connection.ends_at))
        for connection in waiting[: 1 + len(waiting) // 64]:
            self._close(connection)

    def _expire(self, connection: Connection) -> None:
        """End what has had its time."""
        if connection.state is State.READING and not connection.incoming.is_empty:
            self._hand_over(connection, connection.incoming.give_up(408, "The request did not arrive in time."))
        else:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        if connection not in self._connections:
            return  # Something else of the same turn has closed it.
        self._connections.remove(connection)
        self._hosts[connection.host] -= 1
        if not self._hosts[connection.host]:
            del self._hosts[connection.host]
        if connection.is_watched:
            self._selector.unregister(connection.socket)
        connection.socket.close()

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
            self._close(connection)
            return
        if connection.state is State.LEAVING:
            if not data:
                self._close(connection)
            return
        if data:
            if connection.incoming.is_empty:
                connection.asked_at = time.monotonic()
                connection.ends_at = connection.asked_at + REQUEST_SECONDS
            connection.incoming.add(data)
            self._take(connection)
        elif connection.incoming.is_empty:
            self._close(connection)
        else:
            self._hand_over(connection, connection.incoming.give_up(400, "The connection ended within the request."))

    def _take(self, connection: Connection) -> None:
        """Give a request that is whole to a thread."""
        incoming = connection.incoming
        try:
            arrived = incoming.take()
        except Refusal as refusal:
            self._hand_over(connection, refusal)
            return
        except Exception:
            self.log.exception("A request could not be read")
            self._close(connection)
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
        self._arrived.put((connection, what))
        if not self._free.acquire(blocking=False) and self._threads < self.cfg.threads:
            self._threads += 1
            threading.Thread(target=self._answer_all, name=f"request-{self._threads}", daemon=True).start()

    # What they are answered.

    def _answer_all(self) -> None:
        """Answer one request after the other, on a thread."""
        while True:
            connection, what = self._arrived.get()
            answer = connection.answer = Answer(connection.socket)
            try:
                if isinstance(what, Refusal):
                    call_refused(self, connection, what, answer)
                    is_kept = False
                else:
                    is_kept = call(self, connection, what, answer)
            except OSError:
                is_kept = False
                answer.drop()
            except Exception:
                self.log.exception("A request could not be answered")
                is_kept = False
            if is_kept and answer.is_written and connection.incoming.is_empty:
                # The loop hears of the next request by itself, and need not be woken.
                connection.is_used = True
                connection.ends_at = time.monotonic() + self.cfg.keepalive
                with self._lock:
                    connection.state = State.READING
                    is_heard_of = connection.is_watched
                if is_heard_of:
                    self._free.release()
                    continue
            self._answered.append((connection, is_kept))
            if not self._is_woken:
                self._is_woken = True
                with contextlib.suppress(BlockingIOError):
                    os.write(self._wake_writer, b".")
            self._free.release()

    def _go_on(self, connection: Connection, is_kept: bool) -> None:
        """Write what is left of an answer; then wait for the next request, or for the client to leave."""
        if connection not in self._connections:
            return
        now, answer = time.monotonic(), connection.answer
        if answer is not None and not answer.is_written:
            connection.state, connection.is_kept = State.WRITING, is_kept
            connection.ends_at, connection.written_by = now + STALLED_SECONDS, now + ANSWER_SECONDS
            self._watch(connection, WRITE, self._write)
            return
        connection.answer = None
        if is_kept:
            connection.state, connection.is_used = State.READING, True
            connection.ends_at = now + self.cfg.keepalive
            self._watch(connection, READ, self._read)
            if not connection.incoming.is_empty:
                connection.asked_at = now
                connection.ends_at = now + REQUEST_SECONDS
                self._take(connection)
            return
        connection.state, connection.ends_at = State.LEAVING, now + LEAVING_SECONDS
        self._watch(connection, READ, self._read)
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)

    def _write(self, connection: Connection) -> None:
        """Write what the client takes now of an answer that it takes slowly."""
        answer = cast("Answer", connection.answer)
        try:
            answer.write()
        except OSError:
            self._close(connection)
            return
        if answer.is_written:
            self._go_on(connection, connection.is_kept)
        else:
            connection.ends_at = min(time.monotonic() + STALLED_SECONDS, connection.written_by)

    def _watch(self, connection: Connection, event: int, act: Callable[[Connection], None]) -> None:
        """Hear of this event of a connection, and of no other."""
        change = self._selector.modify if connection.is_watched else self._selector.register
        change(connection.socket, event, (act, connection))
        connection.is_watched = True
