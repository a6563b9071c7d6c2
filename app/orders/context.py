"""What all requests of one gateway share in working on order commands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from app.errors import GatewayError
from app.orders.amending import Cancelling, Modifying
from app.orders.doubt import Doubt
from app.orders.gate import Gate
from app.orders.handlers import CommandHandler, LeftCommand
from app.orders.journal import Journal
from app.orders.learned import Learned
from app.orders.naming import fetch_named, find_attached_roles
from app.orders.numbers import OrderNumbers
from app.orders.placing import Placing
from app.orders.records import CommandRecord, Kind, NewCommand
from app.orders.states import RESOLVED, State
from app.orders.transitions import Transitions
from app.orders.waiting import WaitingRoom
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_tickets import OrderChanges


@dataclass(frozen=True, slots=True)
class OrderContext:
    """The parts, each used by all threads; ``note_refusal`` is for commands of which the journal has no row."""

    journal: Journal
    doubt: Doubt
    transitions: Transitions
    numbers: OrderNumbers
    learned: Learned
    waiting_room: WaitingRoom
    gate: Gate
    note_refusal: Callable[[NewCommand, GatewayError], None]

    def get_handler(self, session: Session, record: CommandRecord) -> CommandHandler:
        """Return the handler of a command that the journal knows."""
        if record.kind is Kind.PLACE:
            return Placing(session, self.learned, record.ticket)
        if record.kind is Kind.CANCEL_ALL:
            return LeftCommand()
        if record.kind is Kind.MODIFY:
            return self.get_modifying(session, record.requested, record.changes)
        return Cancelling(session, record.requested, partial(fetch_named, session, self.journal, record.requested))

    def get_modifying(self, session: Session, requested: str, changes: OrderChanges) -> Modifying:
        """Return the handler of a change of the order that a client names so."""
        fetch = partial(fetch_named, session, self.journal, requested)
        find_attached = partial(find_attached_roles, self.journal, session.account.account, requested)
        return Modifying(session, requested, fetch, changes, find_attached)

    def resolve(self, session: Session, record: CommandRecord, deadline: Deadline) -> CommandRecord:
        """Look once for a command that is not resolved, and return its row as it stands then; nothing is sent.

        The deadline says from which share of Tiger's limits: who asks how a command stands pays as a read does.

        Raises:
            GatewayError: Tiger could not be asked.
        """
        tiger_now = session.tiger_now
        if record.state in RESOLVED or (record.state is State.PREPARED and record.may_be_at_work(tiger_now)):
            return record
        if record.state is State.PREPARED:
            self.transitions.abandon(record)
            return self.journal.read(record.id)
        result = self.get_handler(session, record).look(record, deadline)
        if result is None:
            self.transitions.mark_absent(record, session.tiger_now)
        else:
            self.transitions.conclude(record, result, "found", session.tiger_now)
        return self.journal.read(record.id)
