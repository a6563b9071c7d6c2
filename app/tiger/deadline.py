"""The moment by which a call must have ended, whatever its steps."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """Hold one moment of the monotonic clock, in seconds; all steps of a call share it."""

    ends_at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return the seconds that are left, never negative."""
        return max(0.0, self.ends_at - time.monotonic())

    @property
    def has_passed(self) -> bool:
        """Tell whether no time is left."""
        return time.monotonic() >= self.ends_at

    def at_most(self, seconds: float) -> "Deadline":
        """Return this deadline, or the one that many seconds from now when that is sooner."""
        return Deadline(min(self.ends_at, time.monotonic() + seconds))
