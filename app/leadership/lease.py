"""The lease of the leader: one row that a worker takes, keeps by sending heartbeats, and leaves.

Nobody's clock decides. A leader grows the row's counter; whoever has watched the counter stand still for the length of
the lease, by its own elapsed time, may take the lease, and only if the counter still stands where it was seen.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import get_now_ms
from app.storage import Storage
from app.storage.token_tables import leadership

NAME, PROBE = "duties", "probe"


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who held the lease when it was read; ``taken_at`` is in epoch milliseconds."""

    holder: str | None
    term: int
    beat: int
    taken_at: int | None


class Lease:
    """The row in the shared database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def fetch(self) -> LeaseRow:
        """Return who holds the lease.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        columns = leadership.c
        statement = select(columns.holder, columns.term, columns.beat, columns.taken_at).where(columns.name == NAME)
        with self._storage.reading() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            self._create()
            return LeaseRow(None, 0, 0, None)
        return LeaseRow(row.holder, row.term, row.beat, row.taken_at)

    def take(self, holder: str, seen: LeaseRow) -> int | None:
        """Take the lease if it stands as it was seen; return the new term, or None where another was first."""
        values = {"holder": holder, "term": seen.term + 1, "beat": 0, "taken_at": get_now_ms()}
        return seen.term + 1 if self._change(values, term=seen.term, beat=seen.beat) else None

    def renew(self, term: int) -> bool:
        """Send a heartbeat; False says that the lease is another's now."""
        return self._change({"beat": leadership.c.beat + 1}, term=term)

    def touch(self) -> None:
        """Change a row beside the lease that nobody reads, to see whether anything can be written."""
        probe = update(leadership).where(leadership.c.name == PROBE).values(beat=leadership.c.beat + 1)
        with contextlib.suppress(IntegrityError), self._at_once() as connection:
            if connection.execute(probe).rowcount == 0:
                connection.execute(insert(leadership).values(name=PROBE, holder=None, term=0, beat=0))

    def leave(self, term: int) -> bool:
        """Leave the lease empty, so that another takes it without waiting."""
        return self._change({"beat": leadership.c.beat + 1, "holder": None}, term=term)

    def _change(self, values: Mapping[str, object], *, term: int, beat: int | None = None) -> bool:
        stands = and_(leadership.c.name == NAME, leadership.c.term == term)
        if beat is not None:
            stands = and_(stands, leadership.c.beat == beat)
        with self._at_once() as connection:
            return connection.execute(update(leadership).where(stands).values(values)).rowcount == 1

    def _create(self) -> None:
        with contextlib.suppress(IntegrityError), self._at_once() as connection:
            connection.execute(insert(leadership).values(name=NAME, holder=None, term=0, beat=0))

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[Connection]:
        """Give a connection on which one statement commits by itself.

        PostgreSQL then needs nothing more from this process: frozen between statement and commit, it would hold the
        row's lock and with it keep every other worker from taking over.
        """
        if self._storage.is_sqlite:
            with self._storage.writing() as connection:
                yield connection
        else:
            with self._storage.reading() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
