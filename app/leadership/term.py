"""The term, as a job is given it: proof that this process still leads, and a way to wait that ends with it."""

import threading
from collections.abc import Callable

from app.clock import get_elapsed


class LeadershipLost(Exception):
    """This process leads no longer, or cannot prove that it does: end the job without another act."""


class Term:
    """One term of this process as the leader.

    The lease is counted from before the heartbeat was sent, the others count from after they saw it: while it lasts
    here nobody else can have taken over.
    """

    def __init__(self, number: int, lease_seconds: float, renewed_at: float, renew: Callable[[], bool]) -> None:
        """Take how to send a heartbeat (False: the lease is another's), and when the first one was sent."""
        self.number = number
        self.ended = threading.Event()
        self._lease_seconds = lease_seconds
        self._renewed_at = renewed_at
        self._renew = renew
        self._renewing = threading.Lock()

    @property
    def seconds_left(self) -> float:
        """Return for how long nobody else can lead, without a further heartbeat."""
        if self.ended.is_set():
            return 0.0
        return max(0.0, self._renewed_at + self._lease_seconds - get_elapsed())

    def confirm(self, seconds: float | None = None) -> None:
        """Make sure that this process leads, and will for so many seconds (half the lease by default).

        Call it before each act that a stale leader must not do; it asks the database only when the lease runs low.

        Raises:
            LeadershipLost: Another leads, or the database cannot say.
        """
        needed = self._lease_seconds / 2 if seconds is None else seconds
        if self.seconds_left < needed:
            self.renew()
        if self.seconds_left < needed:
            raise LeadershipLost(f"term {self.number} cannot be held for {needed:g} s")

    def renew(self) -> None:
        """Send a heartbeat now.

        Raises:
            LeadershipLost: The lease is another's; this term has ended.
            StorageUnavailable: The database does not answer; the term ends with its lease unless it answers in time.
        """
        with self._renewing:
            if self.ended.is_set():
                raise LeadershipLost(f"term {self.number} has ended")
            started = get_elapsed()
            if not self._renew():
                self.ended.set()
                raise LeadershipLost(f"term {self.number} was taken over")
            self._renewed_at = started

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether the time passed with the term still on."""
        return not self.ended.wait(max(0.0, seconds))
