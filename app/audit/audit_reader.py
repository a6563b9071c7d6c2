"""Read the chain from the database, quickly and in parts, so that it may be of any length."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, select

from app.audit.chain import Head, read_head
from app.audit.checkpoints import Checkpoint
from app.audit.content import CONTENT
from app.audit.verification import Row
from app.storage.audit_tables import audit_checkpoints, audit_rows
from app.storage.engine import Storage
from app.storage.prepared import Prepared

PART: Final = 5_000
NOWHERE: Final = -1


class AuditReader:
    """The rows, checkpoints and head of one database."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        columns = [audit_rows.c[name] for name in ("position", "hash", "code", *CONTENT)]
        place = audit_rows.c.position
        linked = select(*columns).where(place > bindparam("after", type_=BigInteger)).order_by(place).limit(PART)
        waiting = select(*columns).where(place.is_(None)).order_by(audit_rows.c.writer, audit_rows.c.number)
        self._linked = Prepared(storage.engine, linked)
        self._waiting = Prepared(storage.engine, waiting.limit(20 * PART))

    def read_rows(self, after: int = 0) -> Iterator[Sequence[Row]]:
        """Yield the linked rows behind a position, in parts; what is linked meanwhile comes, too."""
        while True:
            with self._storage.reading() as connection:
                rows = self._linked.all(connection.connection, {"after": after})
            if not rows:
                return
            yield rows
            after = rows[-1][0]

    def read_waiting(self) -> Sequence[Row]:
        """Return the rows that are not linked yet."""
        with self._storage.reading() as connection:
            return self._waiting.all(connection.connection, {})

    def read_checkpoints(self) -> list[Checkpoint]:
        """Return the checkpoints in their order; a figure that is none, as SQLite allows, is nowhere."""
        ordered = select(audit_checkpoints).order_by(audit_checkpoints.c.number)
        with self._storage.reading() as connection:
            rows = connection.execute(ordered).all()
        return sorted(
            (
                Checkpoint(_get_figure(row.number), _get_figure(row.position), row.hash, row.at, *row[-2:])
                for row in rows
            ),
            key=lambda checkpoint: checkpoint.number,
        )

    def read_head(self) -> Head | None:
        """Return where the chain ends, as its head says."""
        with self._storage.reading() as connection:
            return read_head(connection)


def _get_figure(value: object) -> int:
    return value if isinstance(value, int) else NOWHERE
