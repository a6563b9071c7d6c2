"""What currencies are worth: fixed rates, because money has to add up over years."""

from decimal import Decimal

DOLLARS_PER_UNIT = {
    "USD": Decimal(1),
    "HKD": Decimal("0.128"),
    "CNH": Decimal("0.14"),
    "SGD": Decimal("0.74"),
}
"""United States dollars for one unit of the currencies that accounts hold."""

_ALIASES = {"CNY": "CNH"}


def get_units_per_dollar(currency: str) -> float | None:
    """Return how much of a currency one dollar buys, None for an unknown one."""
    dollars = DOLLARS_PER_UNIT.get(_ALIASES.get(currency, currency))
    return None if dollars is None else float(round(1 / dollars, 6))
