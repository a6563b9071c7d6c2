"""What each kind of command knows: how it is sent, and how one sees at Tiger whether it arrived."""

from typing import Protocol

from app.orders.records import CommandRecord
from app.orders.results import CommandResult
from app.tiger.deadline import Deadline


class NumberSpent(Exception):
    """Another program's order has the order number: this order is not placed, and needs another one."""


class NumberRefused(Exception):
    """Tiger refused the order number, and no order was seen under it: nobody knows whether that is this very order.

    Under the same number it can be placed once at most, under another one twice: only a stranger's order that was seen
    frees it of its number. A client is not told the number, which may be that stranger's.
    """


class CommandHandler(Protocol):
    """One command, for one session."""

    def send(self, record: CommandRecord, deadline: Deadline) -> CommandResult:
        """Send it, once.

        Raises:
            NumberSpent: It needs another order number.
            NumberRefused: It is in doubt, and so is whether the order number is its own.
            GatewayError: It was not carried out; or, with ``in_doubt``, nobody knows.
        """
        ...

    def look(self, record: CommandRecord, deadline: Deadline) -> CommandResult | None:
        """Return what became of it, or None where Tiger certainly shows no trace of it at this moment.

        Raises:
            GatewayError: Tiger could not be asked, or its answer proves nothing.
        """
        ...


class LeftCommand:
    """A command that orders nothing itself and that a worker left: it may be begun anew, whatever became of it.

    What it cancelled has commands of its own, which are looked for by themselves.
    """

    def send(self, _record: CommandRecord, _deadline: Deadline) -> CommandResult:
        """Refuse: it is begun anew only by a request."""
        raise NotImplementedError

    def look(self, _record: CommandRecord, _deadline: Deadline) -> CommandResult | None:
        """Return None: Tiger shows no trace of it."""
        return None
