"""The moment by which a call must have ended, whatever its steps."""

import time
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """Hold one moment of the monotonic clock, in seconds; all steps of a call share it.

    ``is_urgent`` marks what is done for an order: it has its own share of Tiger's limits, of threads and connections.
    ``is_lookup`` marks what of that only looks for an order in doubt: it leaves a part of the limits to commands.
    """

    ends_at: float
    is_urgent: bool = False
    is_lookup: bool = False

    @classmethod
    def after(cls, seconds: float, *, since: float | None = None, is_urgent: bool = False) -> Self:
        """Return the deadline that many seconds from now, or from an earlier moment of the monotonic clock."""
        return cls((time.monotonic() if since is None else since) + seconds, is_urgent)

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
        return replace(self, is_urgent=True, is_lookup=True)
