"""How clients write an account, a symbol, a moment and an order: the schemas that requests share by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.tiger.company.financials import FIELD_NAMES
from app.web.guard import LONGEST_ACCOUNT
from schemas.fields import PRINTABLE_TEXT
from schemas.moments import ANY_DAY_PATTERN, EARLIEST_MS, LATEST_MS, TIME_PATTERN


def get_text_schema(longest: int) -> dict[str, Any]:
    """Return the schema of printable text that is not blank."""
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": f"^{PRINTABLE_TEXT}$"}


WRITTEN: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "Account": {
            "description": "The account number; an integer is accepted and taken as a string.",
            "anyOf": [get_text_schema(LONGEST_ACCOUNT), {"type": "integer", "minimum": 0}],
            "examples": ["67686635"],
        },
        "Symbol": {
            "description": (
                "A symbol such as AAPL, BRK.B or 00700. Case is forgiven; 700, 700.HK and HK.00700 mean 00700, US.AAPL "
                "means AAPL, and BRK-B or BRK/B means BRK.B. An option is AAPL251219C00150000, with or without the "
                "spaces of its identifier; a continuous future is written as Tiger does: ESmain."
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
                '("2025-10-29T16:00:00-04:00") or epoch milliseconds, from 1970 to 2199. The end of a range is not '
                "before its beginning."
            ),
            "anyOf": [
                {"type": "string", "pattern": f"^(?:{ANY_DAY_PATTERN})$"},
                {"type": "string", "pattern": f"^{TIME_PATTERN}$"},
                {"type": "integer", "minimum": EARLIEST_MS, "maximum": LATEST_MS},
                {"type": "integer", "enum": [0]},
            ],
            "examples": ["2025-10-29", "2025-10-29 16:00:00", "2025-10-29T16:00:00-04:00", 1761768000000],
        },
        "OrderId": {
            "description": "An order's global id, or the account's own number of it: 64 bits, better sent as text.",
            "anyOf": [
                {"type": "string", "pattern": "^(?:[1-9][0-9]{0,17}|[1-8][0-9]{18})$"},
                {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            ],
            "examples": ["39541233117135872"],
        },
        "FigureName": {
            "description": "The name of a figure: one of the three documented ones, or Tiger's.",
            "type": "string",
            "enum": sorted(FIELD_NAMES),
        },
    }
)
"""Component name → schema."""
