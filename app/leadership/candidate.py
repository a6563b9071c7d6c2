"""Stand for election, lead while the lease lasts, and step down when it does not."""

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
import traceback
from collections.abc import Callable, Sequence

from app.clock import get_elapsed
from app.config.credentials import ConfigurationError
from app.errors import GatewayError
from app.leadership.job import Job
from app.leadership.lease import Lease, LeaseRow
from app.leadership.scheduler import JobScheduler
from app.leadership.term import LeadershipLost, Term

CLOCK_JUMP_SECONDS = 2.0
HANDOVER_SECONDS = 5.0
LOOK_SECONDS = 1.0
STANDSTILL_SECONDS = 60.0
"""Without any job begun: several are due each second."""
NOBODY_LEASES = 3.0
LEAST_NOBODY_SECONDS = 30.0
"""For so many leases, and so long, nobody may lead before it is a trouble: the next one takes over after one."""
REPEAT_SECONDS = 600.0
"""Before what fails each time is logged as an error again."""

logger = logging.getLogger(__name__)


class Candidate:
    """One process that stands for election: a thread that watches the lease, and leads when it gets it."""

    def __init__(
        self, lease: Lease, lease_seconds: float, jobs: Sequence[Job], on_tick: Sequence[Callable[[], None]]
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.term: Term | None = None
        self._lease = lease
        self._lease_seconds = lease_seconds
        self._jobs = jobs
        self._on_tick = on_tick
        self._running = {job.name: threading.Lock() for job in jobs}
        self._scheduler: JobScheduler | None = None
        self._seen: LeaseRow | None = None
        self._seen_at = 0.0
        self._led_at = get_elapsed()
        """When a leader was last seen to be there."""
        self._clock_offset = time.time() - get_elapsed()
        self._performed_at = 0.0
        self._troubled: set[str] = set()
        self._told_at: dict[str, float] = {}
        """When the unexpected failure of each work was last logged as an error."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadership", daemon=True)
        self._thread.start()

    def find_problem(self) -> str | None:
        """Return a sentence where nobody seems to lead, so that no scheduled work is done anywhere."""
        seconds = get_elapsed() - self._led_at
        if self.term is not None or seconds < max(LEAST_NOBODY_SECONDS, NOBODY_LEASES * self._lease_seconds):
            return None
        return f"no worker leads since {seconds:.0f} s: tokens are not refreshed, and no other scheduled work is done"

    def stop(self) -> None:
        """Stand no longer; a leader ends its jobs and leaves the lease to the next at once."""
        self._stopping.set()
        self._thread.join(HANDOVER_SECONDS)
        term = self.term
        is_held = term is not None and term.seconds_left > 0
        self._step_down()
        # A job that is still at work keeps the lease: the next leader then waits for the lease to run out.
        if term is not None and is_held and self._wait_for_jobs(HANDOVER_SECONDS):
            with contextlib.suppress(GatewayError):
                self._lease.leave(term.number)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._guarded("election", self._stand)
            self._guarded("clock", self._follow_clock)
            for work in self._on_tick:
                self._guarded(work.__qualname__, work)
            self._stopping.wait(min(LOOK_SECONDS, self._lease_seconds / 6))

    def _stand(self) -> None:
        if self.term is None:
            self._follow()
            return
        try:
            if self.term.seconds_left <= self._lease_seconds * 2 / 3:
                self.term.renew()
        except LeadershipLost:
            logger.warning("Another worker has taken over; this one leads no longer")
        if self._jobs and get_elapsed() - self._performed_at > STANDSTILL_SECONDS:
            # The lease is left to run out: what is at work still may count on it.
            logger.error("Scheduled work is no longer begun here: this worker leads no longer")
            self._step_down()
        elif self.term.ended.is_set():
            self._step_down()

    def _follow(self) -> None:
        row = self._lease.fetch()
        now = get_elapsed()
        if self._seen is None or (row.term, row.beat) != (self._seen.term, self._seen.beat):
            self._seen, self._seen_at = row, now
            if row.holder is not None:
                self._led_at = now
        if row.holder is not None and now - self._seen_at < self._lease_seconds:
            return
        number = self._lease.take(self.name, row)
        if number is not None:
            self._begin(number, now)

    def _begin(self, number: int, since: float) -> None:
        term = Term(number, self._lease_seconds, since, lambda: self._lease.renew(number))
        self._performed_at = get_elapsed()
        try:
            scheduler = JobScheduler(self._jobs, lambda job: self._perform(job, term))
            scheduler.start()
        except BaseException:
            # Whoever has no jobs leads nobody: the next one may be able to.
            term.ended.set()
            self._lease.leave(number)
            raise
        self._scheduler, self.term = scheduler, term
        logger.info("This worker leads now: scheduled work runs here (%s, term %d)", self.name, number)

    def _step_down(self) -> None:
        if self.term is not None:
            self._led_at = get_elapsed()
        term, self.term = self.term, None
        scheduler, self._scheduler = self._scheduler, None
        self._seen = None
        if term is not None:
            term.ended.set()
        if scheduler is not None:
            scheduler.stop()

    def _perform(self, job: Job, term: Term) -> None:
        self._performed_at = get_elapsed()
        lock = self._running[job.name]
        if not lock.acquire(blocking=False):
            return
        try:
            if term.seconds_left:
                self._guarded(job.name, lambda: job.run(term))
        finally:
            lock.release()

    def _follow_clock(self) -> None:
        offset = time.time() - get_elapsed()
        jump = offset - self._clock_offset
        if abs(jump) > CLOCK_JUMP_SECONDS:
            logger.warning("The clock was set by %+.0f s; scheduled work keeps to elapsed time", jump)
            if self._scheduler is not None:
                self._scheduler.run_now()
        # A clock that is slewed slowly never adds up to a jump.
        self._clock_offset = offset

    def _guarded(self, what: str, work: Callable[[], None]) -> None:
        """Run one piece of work; whatever it raises is logged, now and then in a row, and ends nothing but itself."""
        try:
            work()
        except LeadershipLost:
            logger.warning("%s: ended, since this worker leads no longer", what)
        except (GatewayError, ConfigurationError) as error:
            if what not in self._troubled:
                logger.warning("%s: %s; it is tried again", what, error)
            self._troubled.add(what)
        except Exception as error:  # noqa: BLE001 - the edge of a job: the next run must come whatever this one did.
            # The text of an exception may quote a token: only its type and the lines it passed are logged.
            trace = "".join(traceback.format_tb(error.__traceback__))
            is_told = get_elapsed() - self._told_at.get(what, -REPEAT_SECONDS) < REPEAT_SECONDS
            level = logging.DEBUG if is_told else logging.ERROR
            logger.log(level, "%s: unexpected %s; it is tried again\n%s", what, type(error).__name__, trace)
            if not is_told:
                self._told_at[what] = get_elapsed()
        else:
            self._troubled.discard(what)
            self._told_at.pop(what, None)

    def _wait_for_jobs(self, seconds: float) -> bool:
        ends = get_elapsed() + seconds
        return all(lock.acquire(timeout=max(0.0, ends - get_elapsed())) for lock in self._running.values())
