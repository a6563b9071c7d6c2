"""The moment by which a call must have ended, whatever its steps, and what it is made for."""

import time
from dataclasses import dataclass, replace
from enum import Enum
from typing import Self


class Purpose(Enum):
    """What a call to Tiger is made for: all that the stages of a call treat differently follows from it."""

    READ = "read"
    """What a client reads: it may be kept, shared with others, and repeated."""
    ORDER = "order"
    """A read for an order command: it has the orders' share of limits, threads and connections."""
    LOOKUP = "lookup"
    """Looking for an order in doubt: as for an order, but a part of the limits is left to commands."""
    COMMAND = "command"
    """A command: as for an order, it is sent once, and its outcome can be in doubt."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Hold one moment of the monotonic clock, in seconds, and the purpose that all steps until then have."""

    ends_at: float
    purpose: Purpose = Purpose.READ

    @classmethod
    def after(cls, seconds: float, *, since: float | None = None, purpose: Purpose = Purpose.READ) -> Self:
        """Return the deadline that many seconds from now, or from an earlier moment of the monotonic clock."""
        return cls((time.monotonic() if since is None else since) + seconds, purpose)

    @property
    def is_urgent(self) -> bool:
        """Tell whether it is for an order."""
        return self.purpose is not Purpose.READ

    def remaining(self) -> float:
        """Return the seconds that are left, never negative."""
        return max(0.0, self.ends_at - time.monotonic())

    @property
    def has_passed(self) -> bool:
        """Tell whether no time is left."""
        return time.monotonic() >= self.ends_at

    def at_most(self, seconds: float) -> "Deadline":
        """Return this deadline, or the one that many seconds from now when that is sooner."""
        return replace(self, ends_at=min(self.ends_at, time.monotonic() + seconds))

    def for_lookup(self) -> "Deadline":
        """Return this deadline for looking for an order in doubt."""
        return self.for_(Purpose.LOOKUP)

    def for_(self, purpose: Purpose) -> "Deadline":
        """Return this deadline for another purpose."""
        return replace(self, purpose=purpose)
