"""How the connection of each tiger_id stands, in the shared database: for the other workers, and the next leader."""

from dataclasses import astuple, dataclass, fields
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.push.pauses import LONGEST_KICKED_SECONDS
from app.storage import Storage
from app.storage.push_tables import push_states as table


@dataclass(frozen=True, slots=True)
class PushRecord:
    """The stored state; times in epoch milliseconds, ``term`` is that of the leader who wrote it."""

    tiger_id: str
    condition: str
    since_ms: int
    reason: str | None
    until_ms: int | None
    kicks: int
    term: int

    def get_wait(self, now_ms: int) -> float:
        """Return the seconds that are left of a pause; one longer than any is from before a change of the clock."""
        wait = ((self.until_ms or 0) - now_ms) / 1_000
        return wait if 0 < wait <= LONGEST_KICKED_SECONDS else 0.0


COLUMNS: Final = [table.c[item.name] for item in fields(PushRecord)]


class PushStore:
    """Read and write it. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def fetch(self, tiger_id: str) -> PushRecord | None:
        """Return how a connection stands, None where none ever stood."""
        with self._storage.reading() as connection:
            row = connection.execute(select(*COLUMNS).where(table.c.tiger_id == tiger_id)).one_or_none()
        return None if row is None else PushRecord(*row)

    def write(self, record: PushRecord) -> None:
        """Write it, unless a later leader has written."""
        values = {item.name: value for item, value in zip(fields(record), astuple(record), strict=True)}
        stands = table.c.tiger_id == record.tiger_id
        with self._storage.writing() as connection:
            if connection.execute(update(table).where(stands, table.c.term <= record.term).values(values)).rowcount:
                return
        try:
            with self._storage.writing() as connection:
                connection.execute(insert(table).values(values))
        except IntegrityError:
            # A later leader's row stands there.
            return
