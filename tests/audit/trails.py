"""A trail for tests, and changes of its rows as somebody with the database's password makes them."""

import itertools
import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from app.audit.audit import Audit, open_audit
from app.settings import Settings
from app.storage.audit_tables import audit_checkpoints, audit_rows
from app.storage.engine import Storage

SECRET = b"a secret of the tests, longer than thirty-two characters"
COLUMNS = ("writer", "number", "at", "event", "actor", "account", "subject", "details", "code", "position", "hash")
FIGURES = {"number", "at", "position"}


def open_trail(storage: Storage, folder: Any, *secrets: bytes) -> Audit:
    """Return the audit of a database that has the schema."""
    return open_audit(Settings(instance=folder), storage, secrets or (SECRET,))


def write_rows(audit: Audit, count: int) -> None:
    """Write so many rows, some alone and some together, and link them."""
    for first in range(0, count, 4):
        with audit.storage.writing(relaxed=True) as connection:
            for number in range(first, min(first + 4, count)):
                details = {"state": "sending", "body": {"symbol": "AAPL", "number": number}}
                audit.trail.write(connection, "order.received", "key:1:bot", account="1", subject="c", details=details)
    audit.chain.link()


def change_byte(connection: Connection, position: int, chance: random.Random) -> str:
    """Change one byte of one column of a row, and say which."""
    column = audit_rows.c[chance.choice(COLUMNS)]
    value = connection.execute(select(column).where(audit_rows.c.position == position)).scalar_one()
    if column.name == "position":
        changed: Any = -position
    elif column.name in FIGURES:
        changed = value ^ (1 << chance.randrange(20))
    else:
        at = chance.randrange(len(value))
        changed = value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
    connection.execute(update(audit_rows).where(audit_rows.c.position == position).values({column: changed}))
    return f"{column.name} of {position}"


def remove(connection: Connection, position: int, _chance: random.Random) -> str:
    """Take a row away."""
    connection.execute(delete(audit_rows).where(audit_rows.c.position == position))
    return f"without {position}"


def add(connection: Connection, position: int, _chance: random.Random) -> str:
    """Put a copy of a row, under another number, at the end of the chain."""
    row = connection.execute(select(audit_rows).where(audit_rows.c.position == position)).mappings().one()
    end = connection.execute(select(func.max(audit_rows.c.position))).scalar_one()
    connection.execute(insert(audit_rows).values({**row, "number": row["number"] + 100_000, "position": end + 1}))
    return f"a copy of {position}"


def swap(connection: Connection, position: int, chance: random.Random) -> str:
    """Have two rows change places."""
    other = position + chance.choice([1, 2, 7])
    for here, there in ((position, -1), (other, position), (-1, other)):
        connection.execute(update(audit_rows).where(audit_rows.c.position == here).values(position=there))
    return f"{position} and {other} swapped"


def cut(connection: Connection, position: int, _chance: random.Random | None = None) -> str:
    """Cut the end off, with the checkpoints that know of it."""
    for table in (audit_rows, audit_checkpoints):
        connection.execute(delete(table).where(table.c.position >= position))
    return f"cut before {position}"


CHANGES: tuple[Callable[[Connection, int, random.Random], str], ...] = (
    *itertools.repeat(change_byte, 6),
    remove,
    add,
    swap,
    cut,
)
