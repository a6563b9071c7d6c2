"""Tell which of the client's fields Tiger means when it refuses a parameter."""

import re
from typing import Final

from app.tiger.wire.reasons import SAYS_LIFETIME

CLIENT_NAMES: Final = {"total_quantity": "quantity", "aux_price": "stop_price", "right": "put_call", "id": "order_id"}
"""Fields that a client knows by another name than Tiger."""

_LIFETIME: Final = re.compile(rf"\btime in force\b|\btif\b|{SAYS_LIFETIME}")
_NAMED: Final = re.compile(
    r"\bfield '?(\w+)|\b((?!biz_|bad_|not_)[a-z]+(?:_[a-z]+)+|symbols?|market|period|expiry|strike|quantity)\b"
)


def get_field(text: str) -> str | None:
    """Return the field that a text of Tiger's is about, by the client's name for it, or None where it names none."""
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower()
    named = _NAMED.search(_LIFETIME.sub(" time_in_force ", spelled))
    name: str | None = named and (named[1] or named[2])
    return CLIENT_NAMES.get(name, name) if name else None
