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

from app.config.credentials import ConfigurationError
from app.errors import GatewayError
from app.leadership.duty import Duty, LeadLost
from app.leadership.elapsed import get_elapsed
from app.leadership.lead import Lead
from app.leadership.scheduler import DutyScheduler
from app.leadership.seat import Occupancy, Seat

CLOCK_JUMP_SECONDS = 2.0
HANDOVER_SECONDS = 5.0
LOOK_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Candidate:
    """One process that stands for election: a thread that watches the seat, and leads when it gets it."""

    def __init__(
        self, seat: Seat, lease_seconds: float, duties: Sequence[Duty], watches: Sequence[Callable[[], None]]
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.lead: Lead | None = None
        self._seat = seat
        self._lease_seconds = lease_seconds
        self._duties = duties
        self._watches = watches
        self._at_work = {duty.name: threading.Lock() for duty in duties}
        self._scheduler: DutyScheduler | None = None
        self._seen: Occupancy | None = None
        self._seen_at = 0.0
        self._clock_offset = time.time() - get_elapsed()
        self._troubled: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadership", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stand no longer; a leader ends its duties and leaves the seat to the next at once."""
        self._stopping.set()
        self._thread.join(HANDOVER_SECONDS)
        lead = self.lead
        is_held = lead is not None and lead.seconds_left > 0
        self._step_down()
        # A duty that is still at work keeps the seat: the next leader then waits for the lease to run out.
        if lead is not None and is_held and self._wait_for_duties(HANDOVER_SECONDS):
            with contextlib.suppress(GatewayError):
                self._seat.leave(lead.term)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._guarded("election", self._stand)
            self._guarded("clock", self._follow_clock)
            for watch in self._watches:
                self._guarded(watch.__qualname__, watch)
            self._stopping.wait(min(LOOK_SECONDS, self._lease_seconds / 6))

    def _stand(self) -> None:
        if self.lead is None:
            self._follow()
            return
        try:
            if self.lead.seconds_left <= self._lease_seconds * 2 / 3:
                self.lead.give_sign()
        except LeadLost:
            logger.warning("Another worker has taken over; this one leads no longer")
        if self.lead.ended.is_set():
            self._step_down()

    def _follow(self) -> None:
        occupancy = self._seat.fetch()
        now = get_elapsed()
        if self._seen is None or (occupancy.term, occupancy.beat) != (self._seen.term, self._seen.beat):
            self._seen, self._seen_at = occupancy, now
        if occupancy.holder is not None and now - self._seen_at < self._lease_seconds:
            return
        term = self._seat.take(self.name, occupancy)
        if term is not None:
            self._lead_on(term, now)

    def _lead_on(self, term: int, since: float) -> None:
        lead = self.lead = Lead(term, self._lease_seconds, since, lambda: self._seat.give_sign(term))
        logger.info("This worker leads now: scheduled work runs here (%s, term %d)", self.name, term)
        self._scheduler = DutyScheduler(self._duties, lambda duty: self._perform(duty, lead))
        self._scheduler.start()

    def _step_down(self) -> None:
        lead, self.lead = self.lead, None
        scheduler, self._scheduler = self._scheduler, None
        self._seen = None
        if scheduler is not None:
            scheduler.stop()
        if lead is not None:
            lead.ended.set()

    def _perform(self, duty: Duty, lead: Lead) -> None:
        lock = self._at_work[duty.name]
        if not lock.acquire(blocking=False):
            return
        try:
            if lead.seconds_left:
                self._guarded(duty.name, lambda: duty.run(lead))
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
        """Run one piece of work; whatever it raises is told, once in a row, and ends nothing but itself."""
        try:
            work()
        except LeadLost:
            logger.warning("%s: ended, since this worker leads no longer", what)
        except (GatewayError, ConfigurationError) as error:
            if what not in self._troubled:
                logger.warning("%s: %s; it is tried again", what, error)
            self._troubled.add(what)
        except Exception as error:  # noqa: BLE001 - the edge of a job: the next run must come whatever this one did.
            # The text of an exception may quote a token: only its type and the lines it passed are logged.
            trace = "".join(traceback.format_tb(error.__traceback__))
            level = logging.DEBUG if what in self._troubled else logging.ERROR
            logger.log(level, "%s: unexpected %s; it is tried again\n%s", what, type(error).__name__, trace)
            self._troubled.add(what)
        else:
            self._troubled.discard(what)

    def _wait_for_duties(self, seconds: float) -> bool:
        ends = get_elapsed() + seconds
        return all(lock.acquire(timeout=max(0.0, ends - get_elapsed())) for lock in self._at_work.values())
