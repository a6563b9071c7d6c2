"""One modification of an order at a time, of all workers and machines, and none again after a later one.

Tiger takes a modified order whole. One that was read before another modification was carried out, and is sent after it,
would silently undo it.
"""

from typing import Final

from sqlalchemy import ColumnElement, Connection, or_, select, text

from app.orders.records import CommandRecord, Kind
from app.orders.states import State
from app.storage.order_tables import order_commands

UNDER_WAY: Final = (State.SENDING.value, State.UNKNOWN.value)

# The account is enough to tell locks apart: it is held for a moment.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('tiger-rest order ' || :account, 0))")


def queue_up(connection: Connection, account: str) -> None:
    """Let the writing transactions that modify orders of this account go one after the other; on SQLite all do."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"account": account})


def is_another_under_way(connection: Connection, record: CommandRecord) -> bool:
    """Return whether the order that this modification is for is being modified by another.

    One whose worker died counts for as long as it could have been at work.
    """
    table = order_commands.c
    is_busy = (table.state.in_(UNDER_WAY), table.busy_until > record.read_at)
    return _is_there_another(connection, record, table.kind == Kind.MODIFY.value, *is_busy)


def is_overtaken(connection: Connection, record: CommandRecord) -> bool:
    """Return whether a later command may have changed what this one is seen by; sent again it would undo that."""
    table = order_commands.c
    is_later = (table.created_at >= record.created_at, table.state != State.DENIED.value)
    return _is_there_another(connection, record, table.kind != Kind.PLACE.value, *is_later)


def _is_there_another(connection: Connection, record: CommandRecord, *conditions: ColumnElement[bool]) -> bool:
    """Return whether there is such a command for the same order, which it may have named by its other name."""
    table = order_commands.c
    name = record.requested_order_id or ""
    placed = select(table.order_id, table.order_number).where(
        table.account == record.account,
        table.kind == Kind.PLACE.value,
        or_(table.order_id == name, table.order_number == int(name)),
    )
    names = {name} | {str(found) for row in connection.execute(placed) for found in row if found is not None}
    others = (table.account == record.account, table.requested_order_id.in_(names), table.id != record.id)
    return connection.execute(select(table.id).where(*others, *conditions).limit(1)).first() is not None
