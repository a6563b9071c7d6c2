"""Keep secrets out of the trail: those that this gateway has, and whatever looks like one in what a client sends."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.logs.redaction import redact

WITHHELD: Final = "[withheld]"
SHORTEST_KNOWN: Final = 8
"""A shorter secret is not looked for: it would be found in every other word."""
SHORTEST: Final = 8
LONGEST: Final = 4_096
SHORTEST_TOKEN: Final = 40
SHORTEST_GIVEN: Final = 24

SECRET_NAME: Final = re.compile(r"(?i)token|secret|passw|signature|private|authorization|api_?key$")
"""Names of members whose value is nobody's business, whatever it looks like."""
_NAMED: Final = r"(?P<named>\b[\w-]{0,99}(?:passw\w*|pwd|secret\w*|token|api[_-]?key|authorization)[\"']?\s*[=:]\s*)\S+"
_IN_ADDRESS: Final = r"(?P<scheme>(?<![\w+.-])[a-z][\w+.-]{0,99}://)[^\s/]*@"
LOOKS_SECRET: Final = re.compile(
    rf"(?is)-----BEGIN .*|(?-s:{_NAMED}|{_IN_ADDRESS})"
    r"|\btr[a-z]_[\w-]{20,}|\beyJ[\w-]{8,}+\.[\w+/=.-]+|(?<!\w)[0-9a-f]{40,}(?!\w)"
    r"|(?-i:(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{40,})"
)
"""A PEM key, what is named a secret, who opens an address, what a gateway gives out once, a JWT, 160 bits or more."""


class Withholding:
    """Withhold the secrets that are known, and what looks like one."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        # The longest first: one may be part of another.
        words = sorted({word for word in known if len(word) >= SHORTEST_KNOWN}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None
        self._shortest_known = len(words[-1]) if words else 0

    def clean(self, value: Any) -> Any:
        """Return a value of JSON's with every secret in it withheld."""
        if isinstance(value, str):
            return self.clean_text(value)
        if isinstance(value, Mapping):
            return {
                name: WITHHELD if each and _is_secret_name(name) else self.clean(each) for name, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.clean(each) for each in value]
        return value

    def clean_text(self, text: str) -> str:
        """Return a text with every secret in it withheld, and what is beyond ``LONGEST`` left out."""
        if len(text) < SHORTEST:
            return text
        # A text may be as long as a body: to search it must not take longer than that allows.
        text = text[:LONGEST]
        if self._known is not None and len(text) >= self._shortest_known:
            text = self._known.sub(WITHHELD, text)
        return redact(LOOKS_SECRET.sub(_withhold, text) if _may_look_secret(text) else text)


@functools.lru_cache(maxsize=1_024)
def _is_secret_name(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _may_look_secret(text: str) -> bool:
    """Return whether it is worth searching: each order has a dozen texts, and few of them have any of these."""
    length = len(text)
    return (
        length >= SHORTEST_TOKEN
        or "=" in text
        or ":" in text
        or "-----" in text
        or "eyJ" in text
        or (length >= SHORTEST_GIVEN and "_" in text)
    )


def _withhold(match: re.Match[str]) -> str:
    """Return what stays of a secret: what it is called, or which kind of address it opens."""
    if scheme := match["scheme"]:
        return f"{scheme}{WITHHELD}@"
    return f"{match['named'] or ''}{WITHHELD}"
