"""The readings of Tiger that concern orders, one at a time and in combinations."""

import random
from collections.abc import Mapping

from app.simulator.readings import get_choices

CONCERNING_ORDERS = (
    "order_numbers",
    "used_number",
    "lookup_by_number",
    "missing_order",
    "unaffordable",
    "expired_day_order",
    "order_rate",
    "refusal_language",
    "ioc_fok",
    "cancel",
    "market_order_outside_rth",
)


def list_single_readings() -> list[Mapping[str, str]]:
    """Return each value of each reading alone; all others stay what is best attested."""
    choices = get_choices()
    return [{name: value} for name in CONCERNING_ORDERS for value in choices[name]]


def draw_readings(seed: int) -> dict[str, str]:
    """Return a value of each."""
    chance, choices = random.Random(f"readings {seed}"), get_choices()  # noqa: S311 - repeatable, not secret.
    return {name: chance.choice(choices[name]) for name in CONCERNING_ORDERS}
