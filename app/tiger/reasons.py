"""Pass on what Tiger wrote only as far as it is safe to show and to log."""

import re
from typing import Final

LONGEST: Final = 240
_SECRET: Final = re.compile(
    r"(?:\b(?:sign|signature|token|authorization|private_key)\b\s*[=:]\s*\S+)|[A-Za-z0-9+/=_]{32,}", re.IGNORECASE
)


def get_reason(text: str) -> str | None:
    """Return Tiger's text on one line, printable, at most 240 characters, without anything that could be a secret."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST]).split())
    safe = _SECRET.sub("…", line)
    return (safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…") or None
