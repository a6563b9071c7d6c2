"""Keep secrets out of the trail: those that this gateway has, and whatever looks like one in what a client sends."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.logs.redaction import redact

WITHHELD: Final = "[withheld]"
SHORTEST_KNOWN: Final = 8
"""A shorter secret is not looked for: it would be found in every other word."""
SHORTEST: Final = 8

SECRET_NAME: Final = re.compile(r"(?i)token|secret|passw|signature|private|authorization|api_?key$")
"""Names of members whose value is nobody's business, whatever it looks like."""
_NAMED: Final = r"(?P<named>\b[\w-]*(?:passw\w*|pwd|secret\w*|token|api[_-]?key|authorization)[\"']?\s*[=:]\s*)\S+"
_IN_ADDRESS: Final = r"(?P<scheme>[a-z][\w+.-]*://)[^\s/]*@"
LOOKS_SECRET: Final = re.compile(
    rf"(?is)-----BEGIN .*|(?-s:{_NAMED}|{_IN_ADDRESS})"
    r"|\btr[a-z]_[\w-]{20,}|\beyJ[\w-]{8,}\.[\w+/=.-]+|(?<!\w)[0-9a-f]{40,}(?!\w)"
    r"|(?-i:(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{40,})"
)
"""A PEM key, what is named a secret, who opens an address, what a gateway gives out once, a JWT, 160 bits or more."""


class Withholding:
    """Withhold the secrets that are known, and what looks like one."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        # The longest first: one may be part of another.
        words = sorted({word for word in known if len(word) >= SHORTEST_KNOWN}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def clean(self, value: Any) -> Any:
        """Return a value of JSON's with every secret in it withheld."""
        if isinstance(value, str):
            return self.clean_text(value)
        if isinstance(value, Mapping):
            return {
                name: WITHHELD if SECRET_NAME.search(name) and each else self.clean(each)
                for name, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.clean(each) for each in value]
        return value

    def clean_text(self, text: str) -> str:
        """Return a text with every secret in it withheld."""
        if len(text) < SHORTEST:
            return text
        if self._known is not None:
            text = self._known.sub(WITHHELD, text)
        return redact(LOOKS_SECRET.sub(_withhold, text))


def _withhold(match: re.Match[str]) -> str:
    """Return what stays of a secret: what it is called, or which kind of address it opens."""
    if scheme := match["scheme"]:
        return f"{scheme}{WITHHELD}@"
    return f"{match['named'] or ''}{WITHHELD}"
