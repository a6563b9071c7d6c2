"""Tell which of the client's fields Tiger means when it refuses a parameter."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CLIENT_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "total_quantity": "quantity",
        "total_quantity_scale": "quantity",
        "aux_price": "stop_price",
        "right": "put_call",
        "id": "order_id",
    }
)
"""Fields that a client knows by another name than Tiger."""

TELLING_NAMES: Final = frozenset(
    {"total_quantity", "quantity", "limit_price", "aux_price", "trailing_percent", "cash_amount", "time_in_force"}
    | {"outside_rth", "order_type", "order_id", "expire_time", "symbol", "symbols", "sec_type", "expiry", "strike"}
    | {"market", "period", "begin_time", "end_time", "begin_date", "end_date", "page_token"}
)
"""Names that mean the field wherever they stand; other fields have names that are words of a sentence, too."""

_NAMED: Final = re.compile(r"\bfield '?(\w+)|'([a-z_]+)' (?:cannot|is|was|not)\b")
_WORD: Final = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)*")
_SPELLED_OUT: Final = re.compile(r"\btime in force\b|\btif\b", re.IGNORECASE)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def get_field(text: str) -> str | None:
    """Return the field that a text of Tiger's is about, by the client's name for it, or None where it names none."""
    text = _SPELLED_OUT.sub("time_in_force", text)
    named = _NAMED.search(text)
    if named is not None:
        name: str | None = _spell(named[1] or named[2])
    else:
        name = next((word for word in map(_spell, _WORD.findall(text)) if word in TELLING_NAMES), None)
    return None if name is None else CLIENT_NAMES.get(name, name)


def _spell(name: str) -> str:
    return _HUMP.sub("_", name).lower()
