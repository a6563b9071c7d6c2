"""Decode single values of Tiger's answers: what is missing, odd or not finite becomes None, nothing is guessed.

Tiger sends numbers as JSON numbers or as strings ("90.0", "3.94E11"), leaves fields out, sends null, and the SDK's
own parser lets NaN and Infinity through.
"""

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

MAXIMUM_EXPONENT = 60
"""Beyond ten to this power either way a figure is noise, and expanding it would only cost memory."""
EXACT = 2**53
"""Whole numbers below this are the same as floats."""


def decimal(value: Any) -> Decimal | None:
    """Return the finite decimal with exactly the digits that were sent, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        result = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not result.is_finite() or abs(result.adjusted()) > MAXIMUM_EXPONENT:
        return None
    return result


def number(value: Any) -> int | float | None:
    """Return a finite number for JSON: an int stays one, a float stays one, a string becomes what it spells."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    parsed = decimal(value)
    return None if parsed is None else float(parsed)


def price(value: Any) -> int | float | None:
    """Return a price for JSON; Tiger writes 0 where there is none (recorded answers: no bid is 0.0 with size 0)."""
    return number(value) or None


def side(value: Any, size: Any) -> int | float | None:
    """Return a bid or an ask price; one of 0 stands only where somebody really offers something at it."""
    return number(value) if decimal(size) else price(value)


def ratio(value: Any) -> int | float | None:
    """Return a part of a whole as a number: Tiger writes some as "26.29%", which is 0.2629, and others as they are."""
    if isinstance(value, str) and value.strip().endswith("%"):
        percent = decimal(value.strip()[:-1])
        return None if percent is None else float(percent.scaleb(-2))
    return number(value)


def figure(value: Any) -> int | float | None:
    """Return a finite number for JSON, an int where it is whole, however it is written: a volume, a size."""
    # Bars are full of them, so the usual ones do not go through a decimal: ten times the time.
    if (type(value) is int or (type(value) is float and value.is_integer())) and -EXACT < value < EXACT:
        return int(value)
    return json_number(decimal(value))


def whole(value: Any) -> int | None:
    """Return an int where the value is a whole number, however it is written (300, 300.0, "300"), else None."""
    if type(value) is int and -EXACT < value < EXACT:
        return value
    parsed = decimal(value)
    return int(parsed) if parsed is not None and parsed == parsed.to_integral_value() else None


def scaled(value: Any, scale: Any) -> Decimal | None:
    """Return ``value`` × 10^-``scale``, Tiger's way to write fractions; a missing scale is 0, an odd one gives None."""
    parsed = decimal(value)
    exponent = 0 if scale is None else whole(scale)
    if parsed is None or exponent is None or not 0 <= exponent <= MAXIMUM_EXPONENT:
        return None
    return parsed.scaleb(-exponent)


def json_number(value: Decimal | None) -> int | float | None:
    """Return the JSON number of a decimal: an int where it is whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def text(value: Any) -> str | None:
    """Return the trimmed text, or None where it is missing, empty or not text."""
    return value.strip() or None if isinstance(value, str) else None


def identifier(value: Any) -> str | None:
    """Return an id as text, since ids exceed 2^53; zero and empty mean that there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value else None
    found = text(value)
    return None if found == "0" else found


def milliseconds(value: Any) -> int | None:
    """Return epoch milliseconds, or None where there is no moment (missing, zero, negative)."""
    found = whole(value)
    return found if found is not None and found > 0 else None


def truth(value: Any) -> bool | None:
    """Return a JSON boolean, or None; Tiger also writes 0, 1, "true" and "false"."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if isinstance(value, (int, float)) and value in (0, 1) else None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the object, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def rows(data: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list answer, whether Tiger sent a list, ``{"items": [...]}``, one object or nothing."""
    items = data.get("items", [data] if data else []) if isinstance(data, dict) else data
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
