"""Serve so that no client can keep a thread: one loop reads all connections, and threads only answer.

gunicorn's own threaded worker gives a thread to a connection before its request is there, writes an answer as slowly as
its client reads, and waits on its main thread for a client to close.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from app.config.credentials import ConfigurationError
from app.errors import StorageUnavailable
from app.server.listening import HANDOVER
from app.server.loop import LEAVING_SECONDS, Loop

LISTENING_SECONDS = 0.2
"""For connections that are being opened when the end of the worker begins."""
SUCCESSION_SECONDS = 15.0
"""For the workers that a reload starts, before the old ones stop listening without them."""
SWEEP_SECONDS = 0.5
SWITCH_SECONDS = 0.001
"""For a thread that computes, before another has its turn: on its way to a stream a quote passes through five."""
TURN_SECONDS = 0.05
"""Between two looks of a worker that ends."""
AGAIN_SECONDS = 1.0
"""Before a worker that found no database is started once more."""


class GatewayWorker(Worker):  # type: ignore[misc] # gunicorn has no types.
    """Read and write on the main thread, answer on others."""

    max_body_bytes = 65_536
    connections_per_address = 0
    """How many one address may have open at this worker; any number where 0. Loopback always may."""
    when_ending: Callable[[], None] | None = None
    """Called when the end begins: requests may take until the moment at which the worker is killed."""

    when_leaving: Callable[[], None] | None = None
    """Called on the worker's own thread once nobody new is let in: requests that may be answered at once are to be."""

    _is_alive = True

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
        try:
            super().init_process()
        except (ConfigurationError, StorageUnavailable, SystemExit) as error:
            # The module of the application has made an exit of it, for servers that would show a traceback.
            cause = error.__cause__ if isinstance(error, SystemExit) else error
            if self.booted or not isinstance(cause, ConfigurationError | StorageUnavailable):
                raise
            self._abandon_start(cause)

    def _abandon_start(self, error: ConfigurationError | StorageUnavailable) -> NoReturn:
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
        sys.setswitchinterval(SWITCH_SECONDS)
        loop = Loop(self)
        HANDOVER.report_ready(self.age)
        while self.alive:
            loop.turn(SWEEP_SECONDS)
            if self.ppid != os.getppid():
                self.log.info("Parent changed, shutting down: %s", self)
                break
        self._end(loop)

    def _end(self, loop: Loop) -> None:
        """Wait for a successor, take in who has been let in by the system, answer everybody, and close."""
        ends_at = time.monotonic() + SUCCESSION_SECONDS
        while HANDOVER.is_awaited(self.age) and time.monotonic() < ends_at:
            loop.turn(TURN_SECONDS)
        if self.when_leaving is not None:
            self.when_leaving()
        ends_at = time.monotonic() + LISTENING_SECONDS
        while time.monotonic() < ends_at:
            loop.turn(TURN_SECONDS)
        loop.stop_listening()
        ends_at = time.monotonic() + self.cfg.graceful_timeout
        last_at = time.monotonic() + LEAVING_SECONDS
        while not loop.is_empty and time.monotonic() < ends_at:
            loop.hurry(last_at)
            loop.turn(TURN_SECONDS)
        loop.close()
