"""The election as the rest of a gateway sees it: what the leader has to do, and whether this process leads."""

import os
import threading
from collections.abc import Callable

from app.leadership.candidate import Candidate
from app.leadership.job import Job
from app.leadership.lease import Lease, LeaseRow
from app.settings import LeadershipSettings
from app.storage import Storage


class Leadership:
    """This process's part in the election. Nothing happens, and no thread runs, before ``start``."""

    def __init__(self, storage: Storage, settings: LeadershipSettings) -> None:
        self._lease = Lease(storage)
        self._settings = settings
        self._jobs: list[Job] = []
        self._on_tick: list[Callable[[], None]] = []
        self._starting = threading.Lock()
        self._started_in: int | None = None
        self._candidate: Candidate | None = None

    def add_job(self, job: Job) -> None:
        """Have this done by the leader; call it before ``start``."""
        self._jobs.append(job)

    def on_tick(self, work: Callable[[], None]) -> None:
        """Have this called in this process about once a second, leading or not; call it before ``start``.

        It must not block for long: the heartbeats come from the same thread.
        """
        self._on_tick.append(work)

    @property
    def is_leader(self) -> bool:
        """Tell whether this process leads, beyond doubt, at this moment."""
        candidate = self._candidate
        term = candidate.term if candidate else None
        return term is not None and term.seconds_left > 0

    @property
    def name(self) -> str | None:
        """Return the name under which this process stands for election, host:pid:random, or None before it does."""
        return self._candidate.name if self._candidate else None

    def find_problem(self) -> str | None:
        """Return a sentence where nobody seems to lead, as this process sees it; None before it stands for election."""
        return self._candidate.find_problem() if self._candidate else None

    def fetch_lease(self) -> LeaseRow:
        """Return who leads, as the database knows it.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        return self._lease.fetch()

    def start(self) -> None:
        """Stand for election from now on.

        Calling it again changes nothing, except in the child of a fork, where the parent's thread does not run.
        """
        if self._started_in == os.getpid():
            return
        with self._starting:
            if self._started_in != os.getpid():
                self._candidate = Candidate(
                    self._lease, self._settings.lease_seconds, tuple(self._jobs), tuple(self._on_tick)
                )
                self._started_in = os.getpid()

    def stop(self) -> None:
        """Stand no longer; a leader ends its jobs and leaves the lease to the next at once."""
        if self._candidate is not None and self._started_in == os.getpid():
            self._candidate.stop()
