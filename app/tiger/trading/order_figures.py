"""Figures on their way to Tiger: exactly what the client wrote, or a refusal that says what could be sent."""

from decimal import Decimal
from typing import Final

from app.errors import InvalidRequest

FINEST_STEP: Final = Decimal("1e-10")
"""No market's prices move by less."""


def wire_number(name: str, value: Decimal | None) -> int | float | None:
    """Return the JSON number that prints as exactly this decimal.

    ``json.dumps`` writes the shortest digits that mean a float, so a decimal survives where the float means it alone;
    that holds for up to fifteen digits, and is checked rather than hoped for.

    Raises:
        InvalidRequest: No float prints as this decimal.
    """
    if value is None:
        return None
    printed = float(value)
    if Decimal(repr(printed)) != value:
        raise refuse(name, describe_nearest(value))
    return printed


def describe_nearest(value: Decimal) -> str:
    """Return what a client is told of a figure that is written too finely."""
    nearest = max(abs(Decimal(f"{value:.10f}")), FINEST_STEP).copy_sign(value).normalize()
    return f"It has more digits than Tiger can be sent: the nearest number is {nearest:f}."


def is_whole(quantity: Decimal | None) -> bool:
    """Return whether there is a quantity, and it is no fraction."""
    return quantity is not None and quantity == quantity.to_integral_value()


def get_scale(quantity: Decimal) -> int:
    """Return how many decimals a quantity really has: 1.50 has one."""
    exponent = quantity.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def get_units(quantity: Decimal, scale: int) -> int:
    """Return quantity × 10^scale, which Tiger keeps in a 64 bit integer.

    Raises:
        InvalidRequest: It does not fit.
    """
    units = int(quantity.scaleb(scale))
    if units >= 2**63:
        raise refuse("quantity", "It has more digits than Tiger can be sent.")
    return units


def refuse(name: str, reason: str) -> InvalidRequest:
    """Return the refusal of an order for one of its fields."""
    return InvalidRequest.of_fields({name: [reason]}, "The order cannot be sent")
