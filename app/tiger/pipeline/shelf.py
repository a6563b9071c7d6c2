"""Share an answer among all workers and machines: one of them asks Tiger, the others take what it put on the shelf."""

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from app.errors import StorageUnavailable, TigerTimeout
from app.tiger.deadline import Deadline

CLAIM_SECONDS: Final = 2.0
"""How long the others wait for the one who asks; it may have died."""
POLL_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Shelved:
    """What lies on the shelf under a key; ``version`` differs from one putting down to the next."""

    content: bytes
    version: int
    age_seconds: float


class Shelf(Protocol):
    """The shared place. Every method may raise ``StorageUnavailable``."""

    def read(self, key: str, seen: int = -1) -> Shelved | None:
        """Return what lies there, or None where that is nothing or the version that was seen."""
        ...

    def claim(self, key: str, seconds: float) -> bool:
        """Claim to be the one who asks Tiger; False where another one is at it."""
        ...

    def put(self, key: str, content: bytes, keep_seconds: float) -> None:
        """Put an answer down, for others to take for so long; this ends a claim."""
        ...

    def release(self, key: str) -> None:
        """End a claim with nothing to show."""
        ...


def fetch_shared(
    shelf: Shelf | None, key: str, most_seconds: float, fetch: Callable[[], Any], deadline: Deadline
) -> tuple[Any, float]:
    """Return a JSON value that is at most so old, with its age in seconds: from the shelf, else from Tiger.

    Raises:
        TigerTimeout: The one who asks has not come back before the deadline.
        GatewayError: As ``fetch`` does.
    """
    if shelf is None or most_seconds <= 0:
        return fetch(), 0.0
    seen = -1
    while True:
        found = shelf.read(key, seen)
        if found is not None:
            if found.age_seconds < most_seconds:
                return unpack(found.content), found.age_seconds
            seen = found.version
        if shelf.claim(key, CLAIM_SECONDS):
            break
        if not deadline.remaining():
            raise TigerTimeout("Tiger did not answer in time.")
        time.sleep(min(POLL_SECONDS, deadline.remaining()))
    return _fetch_claimed(shelf, key, most_seconds, fetch), 0.0


def _fetch_claimed(shelf: Shelf, key: str, keep_seconds: float, fetch: Callable[[], Any]) -> Any:
    is_put = False
    try:
        value = fetch()
        try:
            shelf.put(key, pack(value), keep_seconds)
            is_put = True
        except StorageUnavailable:
            # Tiger has answered; that the others cannot know is no reason to withhold it here.
            is_put = True
        return value
    finally:
        if not is_put:
            release_quietly(shelf, key)


def release_quietly(shelf: Shelf, key: str) -> None:
    """End a claim; where that cannot be written, the claim ends by itself."""
    try:
        shelf.release(key)
    except StorageUnavailable:
        return


def pack(value: Any) -> bytes:
    """Return a JSON value in the form that lies on the shelf."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)


def unpack(content: bytes) -> Any:
    """Return the JSON value."""
    return json.loads(zlib.decompress(content))
