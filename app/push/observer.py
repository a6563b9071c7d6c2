"""What is counted of the push client; whoever counts takes part of it or nothing."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(*_: object) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Hear of each event by kind with its seconds on the way, of ends and gaps by reason, and what is subscribed for.

    The last is told by credential, kind and count.
    """

    received: Callable[[str, float | None], None] = _nothing
    ended: Callable[[str], None] = _nothing
    gap: Callable[[str], None] = _nothing
    subscribed: Callable[[str, str, int], None] = _nothing
