"""A trail for tests, and changes of it as somebody with the database's password makes them."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from app.audit.audit import Audit, open_audit
from app.audit.report import Report
from app.settings import AuditSettings, Settings
from app.storage.audit_tables import audit_checkpoints, audit_rows
from app.storage.engine import Storage

SECRET = b"a secret of the tests, longer than thirty-two characters"
COLUMNS = ("writer", "number", "at", "event", "actor", "account", "subject", "details", "code", "position", "hash")
SIGNED_COLUMNS = ("position", "hash", "at", "public_key", "signature")
FIGURES = {"number", "at", "position"}


@dataclass(frozen=True)
class Named:
    """A change: what it is, and the place of the row, or the number of the checkpoint, that has to be named."""

    what: str
    position: int | None = None
    checkpoint: int | None = None

    def is_in(self, report: Report) -> bool:
        """Tell whether a report names it."""
        if self.checkpoint is not None:
            return any(f"checkpoint {self.checkpoint}" in problem.sentence for problem in report.problems)
        return any(problem.position == self.position for problem in report.problems)


Change = Callable[[Connection, int, random.Random], Named]


def open_trail(
    storage: Storage,
    folder: Any,
    *secrets: bytes,
    checkpoint_rows: int = 1_000,
    found: Callable[[str], None] = lambda _fault: None,
) -> Audit:
    """Return the audit of a database that has the schema."""
    settings = Settings(instance=folder, audit=AuditSettings(checkpoint_rows=checkpoint_rows))
    return open_audit(settings, storage, secrets or (SECRET,), found=found)


def write_rows(audit: Audit, count: int) -> None:
    """Write so many rows, some alone and some together, and link them."""
    for first in range(0, count, 4):
        with audit.storage.writing(relaxed=True) as connection:
            for number in range(first, min(first + 4, count)):
                details = {"state": "sending", "body": {"symbol": "AAPL", "number": number}}
                audit.trail.write(connection, "order.received", "key:1:bot", account="1", subject="c", details=details)
    audit.chain.link()


def change_byte(connection: Connection, position: int, chance: random.Random) -> Named:
    """Change one byte of one column of a row."""
    name = chance.choice(COLUMNS)
    _change_byte(connection, audit_rows, "position", position, name, chance)
    return Named(f"{name} of {position}", position)


def change_checkpoint(connection: Connection, _position: int, chance: random.Random) -> Named:
    """Change one byte of one column of a checkpoint."""
    number, name = chance.choice(_list(connection, audit_checkpoints, "number")), chance.choice(SIGNED_COLUMNS)
    _change_byte(connection, audit_checkpoints, "number", number, name, chance)
    return Named(f"{name} of checkpoint {number}", checkpoint=number)


def remove(connection: Connection, position: int, _chance: random.Random) -> Named:
    """Take a row away."""
    connection.execute(delete(audit_rows).where(audit_rows.c.position == position))
    return Named(f"without {position}", position)


def remove_checkpoint(connection: Connection, _position: int, chance: random.Random) -> Named:
    """Take a checkpoint away."""
    number = chance.choice(_list(connection, audit_checkpoints, "number"))
    connection.execute(delete(audit_checkpoints).where(audit_checkpoints.c.number == number))
    return Named(f"without checkpoint {number}", checkpoint=number)


def add(connection: Connection, position: int, _chance: random.Random) -> Named:
    """Put a copy of a row, under another number, at the end of the chain."""
    row = connection.execute(select(audit_rows).where(audit_rows.c.position == position)).mappings().one()
    end = connection.execute(select(func.max(audit_rows.c.position))).scalar_one()
    connection.execute(insert(audit_rows).values({**row, "number": row["number"] + 100_000, "position": end + 1}))
    return Named(f"a copy of {position}", end + 1)


def swap(connection: Connection, position: int, chance: random.Random) -> Named:
    """Have two rows change places."""
    other = position + chance.choice([1, 2, 7])
    for here, there in ((position, -1), (other, position), (-1, other)):
        connection.execute(update(audit_rows).where(audit_rows.c.position == here).values(position=there))
    return Named(f"{position} and {other} swapped", position)


def cut(connection: Connection, position: int, _chance: random.Random | None = None) -> Named:
    """Cut the end off, with the checkpoints that know of it."""
    for table in (audit_rows, audit_checkpoints):
        connection.execute(delete(table).where(table.c.position >= position))
    return Named(f"cut before {position}", position)


def _change_byte(
    connection: Connection, table: Table, key: str, its_key: int, name: str, chance: random.Random
) -> None:
    column, is_it = table.c[name], table.c[key] == its_key
    value = connection.execute(select(column).where(is_it)).scalar_one()
    if name == "position":
        changed: Any = -value
    elif name in FIGURES:
        # High enough that no other row of the writer has it.
        changed = value ^ (1 << chance.randrange(12, 30))
    else:
        at = chance.randrange(len(value))
        changed = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
    connection.execute(update(table).where(is_it).values({column: changed}))


def _list(connection: Connection, table: Table, name: str) -> list[int]:
    return list(connection.execute(select(table.c[name]).order_by(table.c[name])).scalars())


CHANGES: tuple[Change, ...] = (
    *itertools.repeat(change_byte, 8),
    remove,
    remove,
    add,
    add,
    swap,
    swap,
    cut,
    cut,
    change_checkpoint,
    remove_checkpoint,
)
