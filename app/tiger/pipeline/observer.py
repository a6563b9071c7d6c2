"""What the pipeline reports to whoever counts it: metrics, tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

CacheResult = Literal["hit", "miss", "shared"]
"""From this process's cache; not there, so Tiger was asked; or another worker had asked."""


def _ignore(*_what: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Observer:
    """Functions that are called as things happen, on the thread they happen on; each must be quick and never raise."""

    called: Callable[[str, str, float], None] = _ignore
    """Wire method, "ok" or the code of our error, seconds: one call, its waiting and its retry included."""
    occupied: Callable[[float], None] = _ignore
    """Seconds that a thread was busy with Tiger: with a call of its own, or waiting for one that it shares."""
    sent: Callable[[str], None] = _ignore
    """Wire method: a request that goes out."""
    cached: Callable[[str, CacheResult], None] = _ignore
    """Kind of answer (quote, chain, status, contract, names), and where it came from."""
    coalesced: Callable[[str], None] = _ignore
    """Wire method or kind: a request that shared a call of another one."""
    waited: Callable[[str, float], None] = _ignore
    """Wire method, seconds: a call that waited for its permit."""
    refused: Callable[[str, str], None] = _ignore
    """Wire method or class of work, why: "budget", "breaker" or "bulkhead"."""
    breaker: Callable[[str, str, bool], None] = _ignore
    """Credential, wire method, whether its circuit is open from now on."""
