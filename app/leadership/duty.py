"""A duty: work that exactly one worker of all does, again and again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.leadership.lead import Lead


class LeadLost(Exception):
    """This process leads no longer, or cannot prove that it does: end the duty without another act."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Work for the leader, run at once when it takes the lead and each interval from then on, never twice at a time.

    ``run`` is given the lead, which it confirms before each act that a stale leader must not do.
    """

    name: str
    interval_seconds: float
    run: Callable[["Lead"], None]
