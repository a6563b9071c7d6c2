"""Which limits do not let a command pass, and how its client is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.errors import LimitExceeded
from app.risk.limits.case import Case, Excess, NotKnown
from app.risk.limits.checks import show
from app.risk.limits.table import LIMITS, Limit, Unit
from app.risk.owners import OwnedLimits
from app.tiger.wire.values import json_number


@dataclass(frozen=True, slots=True)
class Refused:
    """One limit of an owner that a command does not keep."""

    limits: OwnedLimits
    limit: Limit
    excess: Excess

    @property
    def sentence(self) -> str:
        """Return what a client is told of it."""
        limits, limit, excess = self.limits, self.limit, self.excess
        unit = {Unit.AMOUNT: f" {limits.currency}", Unit.PERCENT: "%"}.get(limit.unit, "")
        named = (("asked", excess.asked), ("left", excess.left))
        figures = ", ".join(f"{name} {show(figure)}" for name, figure in named if figure is not None)
        said = f"The limit of the {limits.owner.kind} {limits.name} is {show(limits.values[limit.name])}{unit}"
        told = f"{said}: {figures}." if figures else f"{said}."
        return f"{told} {excess.reason}" if excess.reason else told

    def to_dict(self) -> dict[str, Any]:
        """Return the same as data."""
        limits, limit, excess = self.limits, self.limit, self.excess
        return {
            "limit": limit.name,
            "of": limits.owner.kind,
            "name": limits.name,
            "unit": limit.unit.value,
            "currency": limits.currency if limit.unit is Unit.AMOUNT else None,
            "value": spell(limits.values[limit.name]),
            "asked": spell(excess.asked),
            "left": spell(excess.left),
            "reason": excess.reason,
        }


def find_refused(limits: OwnedLimits, case: Case | None, reason: str = "") -> list[Refused]:
    """Return the limits of one owner that a command does not keep: all, where nobody knows what it asks."""
    refused = []
    for name, value in limits.values.items():
        limit = LIMITS[name]
        try:
            excess = Excess(reason=reason) if case is None else limit.check(value, case)
        except NotKnown as error:
            excess = Excess(reason=str(error))
        if excess is not None:
            refused.append(Refused(limits, limit, excess))
    return refused


def get_refusal(refused: Sequence[Refused]) -> LimitExceeded:
    """Return the error for a command that was not sent; it names every limit that it does not keep."""
    details: dict[str, list[str]] = {}
    for each in refused:
        details.setdefault(each.limit.name, []).append(each.sentence)
    first = refused[0]
    sentence = f"{first.limit.name}: {first.sentence} Nothing was sent."
    return LimitExceeded(sentence, details=details, data={"limits": [each.to_dict() for each in refused]})


def list_names(error: LimitExceeded) -> Iterable[tuple[str, str]]:
    """Return the limits that an error names, each with whose it is."""
    data = error.data or {}
    return [(each["limit"], each["of"]) for each in data.get("limits", ())]


def spell(value: Any) -> Any:
    """Return a value as JSON has it; amounts to eight places."""
    if isinstance(value, Decimal):
        return json_number(round(value, 8))
    return list(value) if isinstance(value, tuple) else value
