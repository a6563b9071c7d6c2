"""Serve so that a slow client cannot keep a thread: gunicorn's threaded worker with a time limit on each request.

gunicorn's own worker gives a connection a thread before it has sent anything, and reads as slowly as the client sends.
Some 32 idle or dripping connections would stop the service.
"""

import functools
import selectors
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.credentials import ConfigurationError
from app.errors import StorageUnavailable

REQUEST_SECONDS = 10.0
"""From the first byte of a request to its last; the largest that is accepted needs 7 KiB/s."""
AGAIN_SECONDS = 1.0
"""Before a worker that found no database is started once more."""
ANSWER_SECONDS = 30.0
"""For the client to take an answer."""


class BoundedSocket(socket.socket):
    """Read what belongs to one request within its time, and write an answer within its own."""

    waited_seconds = 0.0
    """How long the request that is served lay here before there was a thread for it."""

    _arrived_at = float("inf")
    _ends_at = float("inf")

    def arrive(self) -> None:
        """Take that a request has begun to arrive."""
        self._arrived_at = time.monotonic()

    def begin(self) -> None:
        """Start the time of a request."""
        now = time.monotonic()
        self.waited_seconds = max(0.0, now - self._arrived_at)
        self._ends_at = now + REQUEST_SECONDS

    def recv(self, *arguments: Any) -> bytes:
        """Return what has arrived.

        Raises:
            NoMoreData: The time is over: gunicorn then closes the connection, as on a client that went away.
        """
        remaining = self._ends_at - time.monotonic()
        if remaining <= 0:
            raise NoMoreData
        self.settimeout(remaining)
        try:
            return super().recv(*arguments)
        except TimeoutError:
            raise NoMoreData from None
        finally:
            self.settimeout(ANSWER_SECONDS)

    def sendall(self, *arguments: Any) -> None:
        """Write all of it, whether or not anything was read before."""
        self.settimeout(ANSWER_SECONDS)
        super().sendall(*arguments)


class BoundedThreadWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types.
    """Give a connection a thread once it has sent something, and each request so long."""

    when_told_to_end: Callable[[], None] | None = None
    """Called when the end begins: requests may take until the moment at which the worker is killed."""

    _is_alive = True

    @property
    def alive(self) -> bool:
        """Tell whether the worker goes on; gunicorn ends it by setting this: on a signal, a reload, or max_requests."""
        return self._is_alive

    @alive.setter
    def alive(self, value: bool) -> None:
        self._is_alive = value
        if not value and self.when_told_to_end is not None:
            self.when_told_to_end()

    def init_process(self) -> None:
        """Start, or end with one line that says what to mend."""
        try:
            super().init_process()
        except (ConfigurationError, StorageUnavailable) as error:
            if self.booted:
                raise
            self._give_up(error)

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
        told = f"gateway.database_url: {error}" if isinstance(error, StorageUnavailable) else str(error)
        self.log.critical("tiger-rest cannot start: %s", told)
        sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def enqueue_req(self, conn: TConn) -> None:
        """Let a new connection wait for its first bytes in the poller, where it holds nothing."""
        if isinstance(conn.sock, BoundedSocket):
            conn.sock.arrive()
            super().enqueue_req(conn)
            return
        conn.sock = BoundedSocket(fileno=conn.sock.detach())
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        awaken = functools.partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, awaken)

    def handle(self, conn: TConn) -> Any:
        """Serve one request within its time."""
        conn.sock.begin()
        return super().handle(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """Close what waits for its first bytes as soon as what waits for its next ones, on a stop."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)
