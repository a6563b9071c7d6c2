"""What each kind of command knows: how it is sent, and how one sees at Tiger whether it arrived."""

from dataclasses import dataclass
from typing import Protocol

from app.orders.answers import Answer
from app.orders.entries import Entry
from app.orders.states import State
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended at Tiger: accepted or rejected, what the client is told, and the order it is about."""

    state: State
    answer: Answer
    order_id: str | None = None


class NumberSpent(Exception):
    """Tiger refused the order number because another program used it: this order is not placed, and needs another."""


class Errand(Protocol):
    """One kind of command."""

    def send(self, session: Session, entry: Entry, deadline: Deadline, *, turn: int) -> Outcome:
        """Send it, once; before it were as many turns in which this attempt certainly did not leave.

        Raises:
            NumberSpent: It needs another order number.
            GatewayError: It was not carried out; or, with ``in_doubt``, nobody knows.
        """
        ...

    def look(self, session: Session, entry: Entry, deadline: Deadline, *, thoroughly: bool) -> Outcome | None:
        """Return what became of it, or None where Tiger certainly shows no trace of it at this moment.

        Raises:
            GatewayError: Tiger could not be asked, or its answer proves nothing.
        """
        ...
