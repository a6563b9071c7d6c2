"""One modification of an order at a time, of all workers and machines.

Tiger takes a modified order whole. One that was read before another modification was carried out, and is sent after it,
would silently undo it.
"""

from typing import Final

from sqlalchemy import Connection, or_, select, text

from app.orders.records import CommandRecord, Kind
from app.orders.states import State
from app.storage.order_tables import order_commands

UNDER_WAY: Final = (State.SENDING.value, State.UNKNOWN.value)

# The account is enough to tell locks apart: it is held for a moment.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('tiger-rest order ' || :account, 0))")


def queue_up(connection: Connection, account: str) -> None:
    """Let the writing transactions that ask for a turn for this account go one after the other; on SQLite all do."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"account": account})


def is_another_under_way(connection: Connection, record: CommandRecord) -> bool:
    """Tell whether the order that this modification is for is being modified by another, which may have named it so.

    One whose worker died counts for as long as it could have been at work.
    """
    table = order_commands
    name = record.requested_order_id
    names = set() if name is None else list_names(connection, record.account, name)
    others = (table.c.account == record.account, table.c.requested_order_id.in_(names), table.c.id != record.id)
    under_way = (table.c.kind == Kind.MODIFY.value, table.c.state.in_(UNDER_WAY), table.c.busy_until > record.read_at)
    return connection.execute(select(table.c.id).where(*others, *under_way).limit(1)).first() is not None


def list_names(connection: Connection, account: str, name: str) -> set[str]:
    """Return what an order is called, its id and the account's own number, as far as its placement tells."""
    table = order_commands
    known = or_(table.c.order_id == name, table.c.order_number == int(name))
    placed = select(table.c.order_id, table.c.order_number).where(
        table.c.account == account, table.c.kind == Kind.PLACE.value, known
    )
    return {name} | {str(found) for row in connection.execute(placed) for found in row if found is not None}
