"""Several gates as one: a command passes where each of them lets it, and the first refusal counts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import PoolProxiedConnection

from app.errors import GatewayError
from app.orders.gate import Admission, Gate, Said
from app.orders.records import CommandRecord, NewCommand
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.orders import Order
from app.tiger.trading.prepared_orders import PreparedOrder


class Gates:
    """The gates, in their order; it raises what they raise."""

    def __init__(self, *gates: Gate) -> None:
        self._gates = gates

    def prepare(
        self, session: Session, command: NewCommand, prepared: PreparedOrder | None, deadline: Deadline
    ) -> Admission:
        """Have each of them prepared."""
        return _Admissions([gate.prepare(session, command, prepared, deadline) for gate in self._gates])

    def readmit(self, driver: PoolProxiedConnection, record: CommandRecord) -> None:
        """Let pass what each of them lets pass again."""
        for gate in self._gates:
            gate.readmit(driver, record)

    def note_refusal(self, session: Session, command: NewCommand, error: GatewayError) -> None:
        """Tell each of them; it knows its own refusals."""
        for gate in self._gates:
            gate.note_refusal(session, command, error)


class _Admissions:
    """The admissions of one command."""

    def __init__(self, admissions: Sequence[Admission]) -> None:
        self._admissions = admissions

    @property
    def order(self) -> Order | None:
        """Return the order that the rules went by, where one of them did."""
        return next((each.order for each in self._admissions if each.order is not None), None)

    def admit(self, driver: PoolProxiedConnection, record: CommandRecord) -> Said:
        """Let it pass where each of them does."""
        said: dict[str, Any] = {}
        for admission in self._admissions:
            said.update(admission.admit(driver, record))
        return said
