"""How clients write an account, a symbol, a moment and an order: the schemas that requests share by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.access.guard import LONGEST_ACCOUNT
from schemas.moments import EARLIEST_MS, LATEST_MS

UNPRINTABLE = r"\u0000-\u001f\u007f-\u00a0\u2028\u2029"
PRINTABLE_TEXT = rf"^[^{UNPRINTABLE}]*[^ {UNPRINTABLE}][^{UNPRINTABLE}]*$"


def get_text_schema(longest: int) -> dict[str, Any]:
    """Return the schema of printable text that is not blank."""
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": PRINTABLE_TEXT}


WRITTEN: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "Account": {
            "description": "The account number; an integer is accepted and taken as a string.",
            "anyOf": [get_text_schema(LONGEST_ACCOUNT), {"type": "integer", "minimum": 0}],
            "examples": ["67686635"],
        },
        "Symbol": {
            "description": (
                "A symbol such as AAPL, BRK.B or 00700. Case is forgiven, and 700 means 00700; "
                "a continuous future is written as Tiger does: ESmain."
            ),
            "type": "string",
            "minLength": 1,
            "maxLength": 32,
            "pattern": "^[A-Za-z0-9.^][A-Za-z0-9 ./^-]*$",
            "examples": ["AAPL", "BRK.B", "00700"],
        },
        "Moment": {
            "description": (
                'A date ("2025-10-29", "20251029"), a date and time ("2025-10-29 16:00:00"), RFC 3339 '
                '("2025-10-29T16:00:00-04:00") or epoch milliseconds, from 1970 to 2200.'
            ),
            "anyOf": [
                {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                {"type": "string", "pattern": r"^\d{8}$"},
                {
                    "type": "string",
                    "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?$",
                },
                {"type": "integer", "minimum": EARLIEST_MS, "maximum": LATEST_MS},
            ],
            "examples": ["2025-10-29", "2025-10-29 16:00:00", "2025-10-29T16:00:00-04:00", 1761768000000],
        },
        "OrderId": {
            "description": "An order's global id, or the account's own number of it: 64 bits, better sent as text.",
            "anyOf": [
                {"type": "string", "pattern": r"^[1-9]\d{0,18}$"},
                {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            ],
            "examples": ["39541233117135872"],
        },
    }
)
"""Component name → schema."""
