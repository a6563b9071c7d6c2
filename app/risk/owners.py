"""Whose limits they are, and what is set for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.risk.limits.counters import Counters
from app.risk.limits.table import LIMITS, LimitInput


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose limits they are: an account's, or an API key's, with its lasting id."""

    kind: str
    id: str

    @property
    def row_id(self) -> str:
        """Return the id of its row."""
        return f"{self.kind}:{self.id}"

    @classmethod
    def account(cls, account: str) -> "Owner":
        """Return an account."""
        return cls("account", account)

    @classmethod
    def key(cls, key_id: str) -> "Owner":
        """Return an API key."""
        return cls("key", key_id)


@dataclass(frozen=True, slots=True)
class OwnedLimits:
    """What is set for an owner, by name, the currency of its amounts, and what was counted."""

    owner: Owner
    name: str
    currency: str
    values: Mapping[str, Any]
    counters: Counters

    @property
    def needs(self) -> frozenset[LimitInput]:
        """Return all that its limits need."""
        return _get_needs(tuple(self.values))


@dataclass(frozen=True, slots=True)
class Owners:
    """The limits that one order has to keep; ``is_watched`` says that orders of the account are written down."""

    limits: Sequence[OwnedLimits] = ()
    is_watched: bool = False

    @property
    def needs(self) -> frozenset[LimitInput]:
        """Return all that they need."""
        return _get_needs(tuple(name for each in self.limits for name in each.values))

    @property
    def account_sequence(self) -> int:
        """Return how far the sequence of the account goes; 0 where nothing is written down of its orders."""
        return next((each.counters.sequence for each in self.limits if each.owner.kind == "account"), 0)

    @property
    def has_any(self) -> bool:
        """Return whether an order of theirs has to be written down."""
        return self.is_watched or any(each.values for each in self.limits)


@lru_cache(maxsize=256)
def _get_needs(names: tuple[str, ...]) -> frozenset[LimitInput]:
    """Return all that some limits need: each order asks several times, of the same few."""
    return frozenset().union(*(LIMITS[name].needs for name in names))
