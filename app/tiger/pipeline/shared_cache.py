"""Share an answer among all workers and machines: one of them asks Tiger, the others take what it put down."""

import json
import time
import zlib
from dataclasses import dataclass
from typing import Any, Final, Protocol

from app.errors import StorageUnavailable, TigerTimeout
from app.tiger.pipeline.call import Call, CallResult, Go

CLAIM_SECONDS: Final = 2.0
"""How long the others wait for the one who asks; it may have died."""
POLL_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """What was put down under a key; ``version`` differs from one time to the next."""

    content: bytes
    version: int
    age_seconds: float


class SharedCache(Protocol):
    """The shared place. Every method may raise ``StorageUnavailable``."""

    def read(self, key: str, seen: int = -1) -> SharedAnswer | None:
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


def fetch_shared(shared: SharedCache, key: str, most_seconds: float, call: Call, go: Go) -> tuple[CallResult, bool]:
    """Return an answer that is at most so old, and whether another worker had asked for it.

    Raises:
        TigerTimeout: The one who asks has not come back before the deadline.
        GatewayError: As the next stage does.
    """
    seen = -1
    while True:
        found = shared.read(key, seen)
        if found is not None:
            if found.age_seconds < most_seconds:
                return CallResult(unpack(found.content), time.monotonic() - found.age_seconds), True
            seen = found.version
        if shared.claim(key, CLAIM_SECONDS):
            break
        if not call.deadline.remaining():
            raise TigerTimeout("Tiger did not answer in time.")
        time.sleep(min(POLL_SECONDS, call.deadline.remaining()))
    has_answer = False
    try:
        answer = go(call)
        has_answer = True
    finally:
        if not has_answer:
            release_quietly(shared, key)
    put_quietly(shared, key, pack(answer.value), most_seconds)
    return answer, False


def put_quietly(shared: SharedCache, key: str, content: bytes, keep_seconds: float) -> None:
    """Put an answer down; Tiger has given it, and that the others cannot know is no reason to withhold it here."""
    try:
        shared.put(key, content, keep_seconds)
    except StorageUnavailable:
        return


def release_quietly(shared: SharedCache, key: str) -> None:
    """End a claim; where that cannot be written, the claim ends by itself."""
    try:
        shared.release(key)
    except StorageUnavailable:
        return


def pack(value: Any) -> bytes:
    """Return a JSON value in the form that is put down."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)


def unpack(content: bytes) -> Any:
    """Return the JSON value."""
    return json.loads(zlib.decompress(content))
