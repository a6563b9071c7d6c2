"""Orders that are taken and refused afterwards: when, as what, and with which words."""

from dataclasses import dataclass

from app.simulator.readings import Readings
from app.simulator.trading.reasons import LACKING_MONEY, Reason

STATUSES = {"refused_at_once": "Inactive", "taken_then_invalid": "Invalid", "taken_then_inactive": "Inactive"}
"""What a late refusal turns an order into, by the reading ``unaffordable``."""


@dataclass(frozen=True, slots=True)
class LateRefusal:
    """Hold what becomes of an order that was taken: its status and remark, so long after it came."""

    status: str
    remark: str
    delay_seconds: float = 0.0


def find_late_refusal(objection: Reason | None, readings: Readings, delay_seconds: float) -> LateRefusal | None:
    """Return how an order with this objection is refused later; None where it is refused at once, or not at all."""
    if objection != LACKING_MONEY or readings.unaffordable == "refused_at_once":
        return None
    remark = LACKING_MONEY.tell(readings.refusal_language)
    return LateRefusal(STATUSES[readings.unaffordable], remark, delay_seconds)
