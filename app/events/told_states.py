"""How each subject was when something was last told of it; read and written by those who hold the account's counter."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, PoolProxiedConnection, String, and_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app.events.events import Topic
from app.events.sightings import OPEN, State, read_state, write_state
from app.storage.engine import Storage
from app.storage.event_tables import event_counters, told_states
from app.storage.prepared import Prepared

MOST_AT_ONCE = 200


class ToldStates:
    """The rows of all accounts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        insert_one: Any = insert_sqlite if storage.is_sqlite else insert_postgresql
        table = told_states.c
        new = insert_one(told_states).values({column.name: bindparam(column.name) for column in told_states.columns})
        changed = {"state": new.excluded.state, "told_at": new.excluded.told_at}
        key = [table.account, table.subject]
        self._put = Prepared(storage.engine, new.on_conflict_do_update(index_elements=key, set_=changed))
        first = new.on_conflict_do_nothing(index_elements=key).returning(table.subject)
        self._put_first = Prepared(storage.engine, first)
        self._read = Prepared(
            storage.engine,
            select(table.state).where(
                table.account == bindparam("its_account", type_=String),
                table.subject == bindparam("its_subject", type_=String),
            ),
        )

    def find(self, driver: PoolProxiedConnection, account: str, subject: str) -> State | None:
        """Return what was last told of a subject, or None where nothing was."""
        row = self._read.first(driver, {"its_account": account, "its_subject": subject})
        return None if row is None else read_state(row["state"])

    def put(self, driver: PoolProxiedConnection, account: str, subject: str, state: State, now_ms: int) -> None:
        """Write what was told of a subject."""
        self._put.run(driver, _get_row(account, subject, state, now_ms))

    def put_first(self, driver: PoolProxiedConnection, account: str, subject: str, state: State, now_ms: int) -> bool:
        """Write what was told of a subject of which nothing was; return whether that is so."""
        return self._put_first.first(driver, _get_row(account, subject, state, now_ms)) is not None

    def fetch(self, account: str, subjects: Sequence[str]) -> dict[str, State]:
        """Return what was last told of several subjects, for whoever decides nothing by it yet."""
        table, found = told_states.c, dict[str, State]()
        with self._storage.reading() as connection:
            for start in range(0, len(subjects), MOST_AT_ONCE):
                some = subjects[start : start + MOST_AT_ONCE]
                wanted = select(table.subject, table.state).where(table.account == account, table.subject.in_(some))
                found |= {row.subject: read_state(row.state) for row in connection.execute(wanted)}
        return found

    def fetch_all(self, account: str, prefix: str) -> Mapping[str, State]:
        """Return what was last told of all subjects whose names begin so."""
        table = told_states.c
        wanted = select(table.subject, table.state).where(
            table.account == account, table.subject >= prefix, table.subject < prefix + "\U0010ffff"
        )
        with self._storage.reading() as connection:
            return {row.subject: read_state(row.state) for row in connection.execute(wanted)}

    def fetch_held(self, account: str) -> set[str]:
        """Return the names of the positions that were last told to be held, each after its type and a colon."""
        told = self.fetch_all(account, f"{Topic.POSITIONS}:")
        return {subject.partition(":")[2] for subject, state in told.items() if state["figure"] != "0"}

    def purge(self, before_ms: int) -> int:
        """Delete what was told of executions and ended orders so long ago that nobody looks at them any more.

        Of an account that has not been compared since, everything is kept: what is listed then must not seem new.
        """
        table, counters = told_states.c, event_counters.c
        is_over = or_(table.subject.startswith("fill:"), and_(table.subject.startswith("order:"), ~_is_open()))
        compared = select(counters.account).where(counters.compared_at > before_ms)
        old = delete(told_states).where(table.told_at < before_ms, is_over, table.account.in_(compared))
        with self._storage.writing() as connection:
            return connection.execute(old).rowcount


def _get_row(account: str, subject: str, state: State, now_ms: int) -> dict[str, Any]:
    return {"account": account, "subject": subject, "state": write_state(state), "told_at": now_ms}


def _is_open() -> ColumnElement[bool]:
    return told_states.c.state.contains(write_state({"phase": OPEN})[1:-1])
