"""Read what a user token says about itself.

A token is base64 of ``issued,expires`` (epoch milliseconds, 13 digits each) and 16 opaque bytes, as Tiger publishes it
and ``TigerOpenClientConfig.should_token_refresh`` reads it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

TIMES = re.compile(rb"(\d{13}),(\d{13})")
LONGEST = 4_096
"""No token of Tiger is near this long; the figure bounds what is stored."""


@dataclass(frozen=True, slots=True)
class UserToken:
    """A token and the moments it carries, in epoch milliseconds; None where it cannot be decoded."""

    text: str = field(repr=False)
    issued_at: int | None
    expires_at: int | None

    @property
    def fingerprint(self) -> str:
        """Name the token without telling it."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()[:16]}"

    def is_newer_than(self, other: "UserToken | None") -> bool:
        """Tell whether this is the later one of two; one that cannot be decoded is older than any that can."""
        if other is None:
            return True
        times, others = ((one.issued_at or 0, one.expires_at or 0) for one in (self, other))
        return self.text != other.text and times > others


def read_token(text: str) -> UserToken:
    """Return the token with what it says about itself; a text that says nothing is still a token."""
    try:
        times = TIMES.match(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        times = None
    if times is None or int(times[2]) <= int(times[1]):
        return UserToken(text, None, None)
    return UserToken(text, int(times[1]), int(times[2]))


def get_newest(found: Iterable[UserToken]) -> UserToken | None:
    """Return the latest of some tokens, or None where there is none."""
    newest: UserToken | None = None
    for token in found:
        if token.is_newer_than(newest):
            newest = token
    return newest
