"""Requests about how much may be ordered; those about limits are made of the table of limits."""

from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from typing import Any, Final

from marshmallow import fields

from app.risk.limits.table import CURRENCIES, LIMITS, Limit, Unit
from schemas.fields import Choice, Flag, Positive, Symbols, Text, Whole, Words
from schemas.requests import get_error, optional

MOST_ORDERS: Final = 1_000_000
MOST_SYMBOLS: Final = 500


@dataclass(frozen=True, slots=True)
class LimitsRequest:
    """Ask for the limits of the caller's key and of the account."""


def _make_field(limit: Limit) -> fields.Field[Any]:
    """Return the field that sets a limit."""
    makers: dict[Unit, Callable[[], fields.Field[Any]]] = {
        Unit.ORDERS: lambda: Whole(0, MOST_ORDERS),
        Unit.WORDS: lambda: Words(limit.words) if limit.words else Symbols(MOST_SYMBOLS),
        Unit.CHOICE: lambda: Choice(limit.words),
        Unit.SWITCH: Flag,
    }
    return makers.get(limit.unit, Positive)()


def _check(body: Any) -> None:
    if not body.values and not body.ended:
        raise get_error("Send at least one limit, or what to clear.", "clear")


SetLimitsRequest: Any = make_dataclass(
    "SetLimitsRequest",
    [
        (
            "key",
            str | None,
            optional(Text(), None, "The name of the API key whose limits these are; of the account without it."),
        ),
        (
            "currency",
            str | None,
            optional(Choice(CURRENCIES), None, "The currency of all its amounts, USD unless set."),
        ),
        ("clear", "tuple[str, ...]", optional(Words(tuple(LIMITS)), (), "Limits that are to end.")),
        *((limit.name, Any, optional(_make_field(limit), None, limit.help)) for limit in LIMITS.values()),
    ],
    namespace={
        "__doc__": "Set limits of the account, or of an API key, and end others; what is not named stays.",
        "__post_init__": _check,
        "values": property(
            # 0 is a limit, and the strictest.
            lambda body: {
                name: value for name in LIMITS if (value := getattr(body, name)) is not None and value is not False
            }
        ),
        "ended": property(lambda body: {*body.clear, *(["reduce_only"] if body.reduce_only is False else [])}),
    },
    frozen=True,
)
"""What sets limits: a field for each."""
SetLimitsRequest.__module__ = __name__
