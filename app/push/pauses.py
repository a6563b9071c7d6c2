"""How long it is waited before the next try."""

import random
from dataclasses import dataclass
from typing import Final

DOWN_SECONDS: Final = 1.0
LONGEST_DOWN_SECONDS: Final = 60.0
REFUSED_SECONDS: Final = 30.0
LONGEST_REFUSED_SECONDS: Final = 600.0
KICKED_SECONDS: Final = 60.0
LONGEST_KICKED_SECONDS: Final = 3_600.0
CALM_SECONDS: Final = 600.0
"""A connection that lasts so long ends a quarrel with another program, and a row of failures."""
_DOUBLINGS: Final = 20


@dataclass(slots=True)
class Pauses:
    """Count what goes wrong in a row; each time doubles the pause up to its longest."""

    losses: int = 0
    refusals: int = 0
    kicks: int = 0

    def after_loss(self) -> float:
        """Return the pause after a lost connection, or one that did not come about: somewhere in its second half."""
        self.losses += 1
        longest = _double(DOWN_SECONDS, self.losses, LONGEST_DOWN_SECONDS)
        # All gateways that lost the same server would come back in the same moment.
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret.

    def after_refusal(self) -> float:
        """Return the pause after a refused sign-in."""
        self.refusals += 1
        return _double(REFUSED_SECONDS, self.refusals, LONGEST_REFUSED_SECONDS) * random.uniform(1.0, 1.2)  # noqa: S311

    def after_kick(self) -> float:
        """Return for how long the tiger_id is left to who took it."""
        self.kicks += 1
        return _double(KICKED_SECONDS, self.kicks, LONGEST_KICKED_SECONDS)

    def note_connection(self, seconds: float) -> None:
        """Take how long a connection lasted since it was let in."""
        self.refusals = 0
        if seconds >= LONGEST_DOWN_SECONDS:
            self.losses = 0
        if seconds >= CALM_SECONDS:
            self.kicks = 0


def _double(first: float, times: int, longest: float) -> float:
    return float(min(longest, first * 2 ** min(times - 1, _DOUBLINGS)))
