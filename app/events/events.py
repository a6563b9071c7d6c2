"""An event of an account, its id, and what its kinds are called."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Self


class Topic(StrEnum):
    """What an event is about; a client chooses."""

    ORDERS = "orders"
    TRANSACTIONS = "transactions"
    POSITIONS = "positions"
    ASSETS = "assets"


TOPICS: Final = frozenset(Topic)
RESTARTED: Final = "restarted"
"""The topic of what every client is told, whatever it chose: numbers were left out, since a power cut undid some."""


class Source(StrEnum):
    """How the gateway learnt it: by sending, by looking for what was in doubt, from Tiger's push, or by comparing."""

    JOURNAL = "journal"
    RECONCILER = "reconciler"
    PUSH = "push"
    POLL = "poll"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that has no number yet."""

    topic: str
    type: str
    source: Source
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventId:
    """The place of an event among those of its account, as clients give it back.

    The era tells a database that began anew from one that went on; the moment says since when something is missing
    where the event itself was deleted.
    """

    number: int
    era: str
    at: int

    def __str__(self) -> str:
        """Return what stands in a stream."""
        return f"{self.number}-{self.era}-{self.at:x}"

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Return the id that was written so, or None where it is none of ours."""
        found = _WRITTEN.fullmatch(written)
        return None if found is None else cls(int(found[1]), found[2], int(found[3], 16))


_WRITTEN: Final = re.compile(r"(0|[1-9]\d{0,17})-([0-9a-f]{1,16})-([0-9a-f]{1,12})")


@dataclass(frozen=True)
class AccountEvent:
    """One row; ``written`` is its data as JSON."""

    account: str
    id: EventId
    topic: str
    type: str
    source: str
    written: str

    def to_json(self) -> str:
        """Return the event as clients read it."""
        head = {
            "id": str(self.id),
            "number": self.id.number,
            "account": self.account,
            "topic": self.topic,
            "type": self.type,
            "source": self.source,
            "at": self.id.at,
        }
        return f'{json.dumps(head)[:-1]}, "data": {self.written}}}'

    @cached_property
    def wire(self) -> bytes:
        """Return the event as it stands in a stream, written once for however many clients."""
        return f"id: {self.id}\nevent: {self.topic}\ndata: {self.to_json()}\n\n".encode()

    def to_dict(self) -> dict[str, Any]:
        """Return the same as an object."""
        found: dict[str, Any] = json.loads(self.to_json())
        return found
