"""Who is told of every change of a command's row, inside the transaction that makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import PoolProxiedConnection

from app.orders.records import CommandRecord
from app.orders.states import State


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it was just written, its state ``before`` (a new one had none), and the event that says why."""

    record: CommandRecord
    before: State | None
    event: str
    details: Mapping[str, Any]


class Witness(Protocol):
    """Write down beside the journal what happens in it: both are written, or neither is."""

    def note(self, driver: PoolProxiedConnection, change: Change) -> None:
        """Take a change, in the row's transaction.

        Cancellations are commands, too, and so is one of all orders. A row that says ACCEPTED is written in a relaxed
        transaction, which a power cut may undo. What this raises undoes the transaction: nothing is sent that is not
        written down. Statements are ``app.storage.prepared``'s, on the driver's own connection.
        """
        ...


Witnesses = Sequence[Witness]
