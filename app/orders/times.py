"""Where the seconds of an order command go: the parts of ``tiger.order_deadline_seconds``, twelve unless it is set.

0                          0.48                    0.8                                1.0
├─ it may be put on the wire ┼─ it is looked for ────┼─ a repeat may still wait for it ─┤
"""

import math
from dataclasses import dataclass
from typing import Final, Self

from app.tiger.deadline import Deadline

STORAGE_SHARE: Final = 0.35
SWIFT_SHARE: Final = 0.2
"""Parts that it may wait for a lock of either database, one after the other: a cancellation must still go out."""
WORKING_SHARE: Final = 0.8
"""Part that one worker works on it; the rest is for a thread, or another attempt, to wait for."""
SENDING_SHARE: Final = 0.6
"""Part of that in which it may be sent; the rest is for finding out what became of it."""
LEAST_SHARE: Final = 0.1
"""With less than this part left for sending it is not begun: there would be no time to learn its outcome."""
LOOK_SECONDS: Final = 3.0
"""Most time that one look may take: Tiger hanging once should leave time for a second look."""
LAST_SECONDS: Final = 0.15
"""What is kept for writing the outcome and answering."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a command may be worked on, and put on the wire, from now; in milliseconds.

    Without one of them it stays as it was. ``tiger_now`` is Tiger's own time now, where it is known.
    """

    busy_ms: int | None
    sending_ms: int | None
    tiger_now: int | None = None

    @property
    def sent_by_tiger(self) -> int | None:
        """Return until when it may be put on the wire, by Tiger's own clock."""
        return None if self.tiger_now is None else self.tiger_now + (self.sending_ms or 0)


@dataclass(frozen=True, slots=True)
class OrderTimes:
    """Until when a command is worked on, and until when it may be put on the wire.

    Made before the row is written, so that the row's own times are never earlier.
    """

    working: Deadline
    sending: Deadline

    @classmethod
    def until(cls, working: Deadline) -> Self:
        """Return the times of a command that is worked on until then."""
        return cls(working, working.at_most(SENDING_SHARE * working.remaining()))

    def get_timing(self, tiger_now: int | None) -> Timing:
        """Return what the row says of them."""
        busy, sending = (math.ceil(deadline.remaining() * 1_000) for deadline in (self.working, self.sending))
        return Timing(busy, sending, tiger_now)
