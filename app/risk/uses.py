"""What one admitted command may do, and what it took of the counters: written with the row of the command itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from app.risk.limits.counters import Taking, write_json


@dataclass(frozen=True, slots=True)
class UsedPart:
    """So much of an instrument may be bought, or sold, or either."""

    name: str
    sides: tuple[str, ...]
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Use:
    """One command that was admitted, until nothing of it can matter any more.

    ``takings`` are what it took by the owner. Of a change ``order_id`` is the order, as far as that is known, and
    ``target`` the quantity that it is to have. ``is_released`` says that it certainly does nothing (more).
    """

    command_id: str
    account: str
    key_id: str
    sequence: int
    orders: int
    parts: tuple[UsedPart, ...] = ()
    takings: Mapping[str, Taking] = field(default_factory=dict)
    order_id: str | None = None
    target: Decimal | None = None
    is_released: bool = False
    age_ms: int = 0

    def write_content(self) -> str:
        """Return what its row keeps besides its columns."""
        parts = [[part.name, part.sides, f"{part.quantity:f}"] for part in self.parts]
        takings = {owner: taking.to_dict() for owner, taking in self.takings.items()}
        target = None if self.target is None else f"{self.target:f}"
        content = {"orders": self.orders, "parts": parts, "takings": takings}
        return write_json({**content, "order_id": self.order_id, "target": target})

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Return the use that a row keeps."""
        content = json.loads(row["content"])
        target = content["target"]
        return cls(
            command_id=row["command_id"],
            account=row["account"],
            key_id=row["api_key_id"],
            sequence=row["sequence"],
            orders=content["orders"],
            parts=tuple(UsedPart(name, tuple(sides), Decimal(said)) for name, sides, said in content["parts"]),
            takings={owner: Taking.from_dict(kept) for owner, kept in content["takings"].items()},
            order_id=content["order_id"],
            target=None if target is None else Decimal(target),
            is_released=bool(row["is_released"]),
            age_ms=max(0, row["read_at"] - row["created_at"]),
        )
