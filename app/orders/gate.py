"""Who may stop an order before it is sent: the limits, halts and confirmations of ``app.risk`` as the orders know them.

A command passes three times: ``prepare`` may ask Tiger and takes its time; ``admit`` decides in the transaction that
makes the row say SENDING; what stands for long after that is asked again right before the wire, by the clearance that
``app.tiger`` has of the sessions. Cancellations pass always, and none of the three is asked about them.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from sqlalchemy import PoolProxiedConnection

from app.errors import ConfirmationRequired, GatewayError, LimitExceeded, TooBusy, TradingHalted
from app.orders.records import CommandRecord, Kind, NewCommand
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder

GATED: Final = frozenset({Kind.PLACE, Kind.MODIFY})
REFUSALS: Final = (LimitExceeded, TradingHalted, ConfirmationRequired)
REFUSED_AGAIN: Final = (TradingHalted, TooBusy)
"""What is raised of a command that was let pass once, when it is to be sent again."""

Said = Mapping[str, Any]
"""What the audit trail is to say of an admission, in JSON's types."""
Admit = Callable[[PoolProxiedConnection, CommandRecord], Said]
NOTHING: Final[Said] = MappingProxyType({})


class Admission(Protocol):
    """What is known of one command when it asks to be sent."""

    @property
    def order(self) -> Order | None:
        """Return the order that is to be changed as the rules went by it, where they did."""
        ...

    def admit(self, driver: PoolProxiedConnection, record: CommandRecord) -> Said:
        """Let the command be sent for the first time, in the transaction that has just written its row.

        Whatever is counted is counted here, and undone with the row. What it returns stands in the audit trail's row
        of the command.

        Raises:
            GatewayError: It is not sent. A row that said PREPARED before is denied then; there is no other.
        """
        ...


class Gate(Protocol):
    """The rules that a placement or a change of an order has to pass."""

    def prepare(
        self, session: Session, command: NewCommand, prepared: PreparedOrder | None, deadline: Deadline
    ) -> Admission:
        """Read what the rules need to know of a command; ``prepared`` is what is sent of a placement.

        Raises:
            GatewayError: It is not sent; also where something is needed and cannot be had.
        """
        ...

    def readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Let a command that never arrived be sent again, in the same way; it was counted the first time.

        Raises:
            TradingHalted: It is left in doubt, as it was.
            TooBusy: The same: what it took is counted no longer.
        """
        ...

    def note_refusal(self, session: Session, command: NewCommand, error: GatewayError) -> None:
        """Take note of a command that one of the rules refused; nothing of it was sent."""
        ...


class _Admitted:
    """The admission of a command that no rule is about."""

    order = None

    def admit(self, _driver: PoolProxiedConnection, _record: CommandRecord) -> Said:
        """Let it pass."""
        return NOTHING


ADMITTED: Final[Admission] = _Admitted()


class OpenGate:
    """The gate of a gateway without rules."""

    def prepare(
        self, _session: Session, _command: NewCommand, _prepared: PreparedOrder | None, _deadline: Deadline
    ) -> Admission:
        """Ask nothing."""
        return ADMITTED

    def readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Let it pass."""

    def note_refusal(self, session: Session, command: NewCommand, error: GatewayError) -> None:
        """Have nothing to note."""
