"""The statements of the journal's hot path, built once: building them each time would cost more than running them."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    type_coerce,
    update,
)

from app.orders.doubt import FRESH_MS, FRESH_PAUSE_MS
from app.orders.states import State
from app.storage.engine import Storage
from app.storage.order_tables import order_commands
from app.storage.prepared import Prepared

DATABASE_CLOCK: Final = literal_column("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", BigInteger)
"""The server's clock, one for all machines (PostgreSQL documentation, "Current Date/Time")."""

CHANGED: Final = ("state", "attempts", "order_number", "number_claim", "order_id", "answer", "history")
"""What a change of a command's state may change in its row."""

LONGEST_LOOK_MS: Final = 900_000
"""No look at a command is put off for longer."""

LATEST: Final = 200
"""More placements than Tiger takes of an account while any command is prepared."""

NUMBERS_AHEAD: Final = 10_000
"""So far above a number that Tiger offered may numbers lie that commands of ours hold since."""


_compiled: dict[str, "Statements"] = {}


def get_statements(storage: Storage) -> "Statements":
    """Return the statements as a database takes them: all of its kind take the same, however many read the journal."""
    kind = storage.engine.dialect.name
    if kind not in _compiled:
        _compiled[kind] = Statements(storage)
    return _compiled[kind]


class Statements:
    """Each statement, for one kind of database; ``now`` is bound on SQLite and the server's on PostgreSQL."""

    def __init__(self, storage: Storage) -> None:
        table, engine = order_commands, storage.engine
        self.now: ColumnElement[int] = bindparam("now", type_=BigInteger) if storage.is_sqlite else DATABASE_CLOCK
        read_at = type_coerce(self.now, BigInteger).label("read_at")
        new_row = insert(table).values(
            {column.name: bindparam(column.name) for column in table.columns}
            | {
                "created_at": self.now,
                "busy_until": self.now + bindparam("busy_ms", type_=BigInteger),
                "sent_by": self.now + bindparam("sending_ms", type_=BigInteger),
                "next_look_at": self.now + bindparam("look_in_ms", type_=BigInteger),
            }
        )
        self.insert = Prepared(engine, new_row.returning(*table.columns, read_at))
        self.update = Prepared(
            engine,
            update(table)
            .where(table.c.id == bindparam("its_id"), table.c.revision == bindparam("its_revision"))
            .values(
                {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in CHANGED}
                | {
                    "revision": table.c.revision + 1,
                    "busy_until": func.coalesce(self.now + bindparam("busy_ms", type_=BigInteger), table.c.busy_until),
                    "sent_by": func.coalesce(self.now + bindparam("sending_ms", type_=BigInteger), table.c.sent_by),
                    "sent_by_tiger": func.coalesce(
                        bindparam("new_sent_by_tiger", type_=BigInteger), table.c.sent_by_tiger
                    ),
                    "next_look_at": self.now + bindparam("look_in_ms", type_=BigInteger),
                }
            )
            .returning(*table.columns, read_at),
        )
        self.postpone = (
            update(table)
            .where(table.c.id == bindparam("its_id"), table.c.revision == bindparam("its_revision"))
            .values(
                looks=table.c.looks + 1,
                next_look_at=self.now + bindparam("look_in_ms", type_=BigInteger),
                sent_by_tiger=func.coalesce(table.c.sent_by_tiger, bindparam("tiger_now", type_=BigInteger)),
            )
        )
        self.select = select(*table.columns, read_at)
        self.read = Prepared(engine, self.select.where(table.c.id == bindparam("its_id")))
        self.holder = Prepared(
            engine,
            self.select.where(
                table.c.account == bindparam("its_account"),
                table.c.claim == bindparam("its_claim"),
                table.c.api_key_id == bindparam("its_api_key_id"),
            ),
        )
        # A moment too far away was written before the clock was set back.
        is_in_doubt = table.c.state.in_([State.PREPARED.value, State.SENDING.value, State.UNKNOWN.value])
        is_due = or_(
            table.c.next_look_at <= self.now,
            table.c.next_look_at > self.now + LONGEST_LOOK_MS,
            and_(
                table.c.next_look_at > self.now + FRESH_PAUSE_MS,
                table.c.created_at > self.now - FRESH_MS,
                is_in_doubt,
            ),
        )
        self.due = self.select.where(is_due).order_by(table.c.next_look_at)
        # Whatever still has to be looked at, as the reconciler finds it; SQLite uses no index for IS NOT NULL.
        is_unsettled = (table.c.next_look_at >= 0, table.c.account == bindparam("its_account"))
        self.unsettled = self.select.where(*is_unsettled, table.c.kind == bindparam("its_kind"))
        # Numbers grow, whatever clocks do.
        is_latest = (table.c.number_claim >= 0, table.c.account == bindparam("its_account"))
        self.latest = self.select.where(*is_latest).order_by(table.c.number_claim.desc()).limit(LATEST)
        is_recent = table.c.created_at > self.now - bindparam("age_ms", type_=BigInteger)
        bodies = select(table.c.body).where(*is_latest, is_recent)
        self.recent_bodies = bodies.order_by(table.c.number_claim.desc()).limit(LATEST)
        offered = bindparam("offered", type_=BigInteger)
        self.last_number = select(func.max(table.c.number_claim)).where(
            table.c.account == bindparam("its_account"),
            table.c.number_claim >= offered,
            table.c.number_claim < offered + NUMBERS_AHEAD,
        )
