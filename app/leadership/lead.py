"""The lead, as a duty is given it: proof that this process still leads, and a way to wait that ends with it."""

import threading
from collections.abc import Callable

from app.leadership.duty import LeadLost
from app.leadership.elapsed import get_elapsed


class Lead:
    """One term of this process as the leader.

    The lease is counted from before the sign of life was sent, the others count from after they saw it: while it
    lasts here nobody else can have taken over.
    """

    def __init__(self, term: int, lease_seconds: float, signed_at: float, give_sign: Callable[[], bool]) -> None:
        """Take how to give a sign of life (False: the seat is another's), and when the first one was given."""
        self.term = term
        self.ended = threading.Event()
        self._lease_seconds = lease_seconds
        self._signed_at = signed_at
        self._give_sign = give_sign
        self._signing = threading.Lock()

    @property
    def seconds_left(self) -> float:
        """Return for how long nobody else can lead, without a further sign of life."""
        if self.ended.is_set():
            return 0.0
        return max(0.0, self._signed_at + self._lease_seconds - get_elapsed())

    def confirm(self, seconds: float | None = None) -> None:
        """Make sure that this process leads, and will for so many seconds (half the lease unless told otherwise).

        Call it before each act that a stale leader must not do; it asks the database only when the lease runs low.

        Raises:
            LeadLost: Another leads, or the database cannot say.
        """
        needed = self._lease_seconds / 2 if seconds is None else seconds
        if self.seconds_left < needed:
            self.give_sign()
        if self.seconds_left < needed:
            raise LeadLost(f"the lead of term {self.term} cannot be held for {needed:g} s")

    def give_sign(self) -> None:
        """Give a sign of life now.

        Raises:
            LeadLost: The seat is another's; this term has ended.
            StorageUnavailable: The database does not answer; the term ends with its lease unless it answers in time.
        """
        with self._signing:
            if self.ended.is_set():
                raise LeadLost(f"term {self.term} has ended")
            started = get_elapsed()
            if not self._give_sign():
                self.ended.set()
                raise LeadLost(f"term {self.term} was taken over")
            self._signed_at = started

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the time passed with the term still on."""
        return not self.ended.wait(max(0.0, seconds))
