"""A job: work that exactly one worker of all does, again and again."""

from collections.abc import Callable
from dataclasses import dataclass

from app.leadership.term import Term


@dataclass(frozen=True, slots=True)
class Job:
    """Work for the leader, run at once when its term begins and each interval from then on, never twice at a time.

    ``run`` is given the term, which it confirms before each act that a stale leader must not do.
    """

    name: str
    interval_seconds: float
    run: Callable[[Term], None]
