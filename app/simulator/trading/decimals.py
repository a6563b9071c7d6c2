"""Between the wire's numbers and the Decimals that all order logic counts in."""

from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from app.simulator.wire import BUSINESS_PARAMETER_ERROR, WireRefusal

ZERO = Decimal(0)
MONEY_GRAIN = Decimal("0.00000001")
SHARE_GRAIN = Decimal("0.00001")
_LARGEST = Decimal(10) ** 15


def read_decimal(name: str, value: Any) -> Decimal | None:
    """Return a finite Decimal from a JSON number or numeric text, None when absent; refuses anything else."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise get_invalid(name)
    try:
        # str() gives a float's shortest form, which is what the client wrote.
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise get_invalid(name) from error
    if not number.is_finite() or abs(number) > _LARGEST:
        raise get_invalid(name)
    return number


def read_integer(name: str, value: Any) -> int | None:
    """Return an integer from a JSON number or numeric text, None when absent; refuses fractions."""
    number = read_decimal(name, value) if not isinstance(value, int) or isinstance(value, bool) else Decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise get_invalid(name)
    return int(number)


def get_invalid(name: str) -> WireRefusal:
    """Return the refusal of a field whose value cannot be read."""
    return WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error(field '{name}' is invalid)")


def get_missing(name: str) -> WireRefusal:
    """Return the refusal of a business field that is absent."""
    return WireRefusal(BUSINESS_PARAMETER_ERROR, f"biz param error(field '{name}' cannot be empty)")


def to_money(amount: Decimal) -> float:
    """Return an amount of money or a price as a JSON number with at most six decimals."""
    return float(round(amount, 6))


def split_scale(quantity: Decimal, scale: int = 0) -> tuple[int, int]:
    """Return the wire's form of a quantity: an integer and the power of ten that it is to be divided by.

    ``scale`` is the least one to use; it grows until nothing is lost.
    """
    while quantity.scaleb(scale) != quantity.scaleb(scale).to_integral_value():
        scale += 1
    return int(quantity.scaleb(scale)), scale


def floor_to(quantity: Decimal, step: Decimal) -> Decimal:
    """Round a positive quantity down to a multiple of ``step``."""
    return (quantity / step).to_integral_value(ROUND_DOWN) * step
