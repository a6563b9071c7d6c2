"""What each kind of command knows: how it is sent, and how one sees at Tiger whether it arrived."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from app.orders.records import CommandRecord
from app.orders.results import CommandResult
from app.orders.states import State
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended at Tiger: accepted or rejected, what the client is told, and the order it is about.

    ``note`` is what the journal's event says besides.
    """

    state: State
    answer: CommandResult
    order_id: str | None = None
    note: dict[str, Any] = field(default_factory=dict)


class NumberSpent(Exception):
    """Another program's order has the order number: this order is not placed, and needs another one."""


class NumberRefused(Exception):
    """Tiger refused the order number and shows no order under it: nobody knows whether that is this very order."""


class CommandHandler(Protocol):
    """One kind of command."""

    def send(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome:
        """Send it, once.

        Raises:
            NumberSpent: It needs another order number.
            NumberRefused: It is in doubt, and needs another order number should it never show.
            GatewayError: It was not carried out; or, with ``in_doubt``, nobody knows.
        """
        ...

    def look(self, session: Session, record: CommandRecord, deadline: Deadline) -> Outcome | None:
        """Return what became of it, or None where Tiger certainly shows no trace of it at this moment.

        Raises:
            GatewayError: Tiger could not be asked, or its answer proves nothing.
        """
        ...
