"""Rows that have no place in the chain yet: read them, put them in order, and see whether one of them is missing."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from app.storage.audit_tables import audit_rows

IS_WAITING: Final = audit_rows.c.position.is_(None)
_ROW: Final = select(audit_rows.c.at).where(
    audit_rows.c.writer == bindparam("its_writer"), audit_rows.c.number == bindparam("its_number")
)


def is_any_waiting(connection: Connection) -> bool:
    """Return whether there is one."""
    return connection.execute(select(audit_rows.c.number).where(IS_WAITING).limit(1)).first() is not None


def count_waiting(connection: Connection) -> tuple[int, int | None]:
    """Return how many there are, and when the oldest of them was written."""
    count, oldest = connection.execute(select(func.count(), func.min(audit_rows.c.at)).where(IS_WAITING)).one()
    return count, oldest


def read_waiting(connection: Connection, most: int) -> list[dict[str, Any]]:
    """Return some of them: of each writer the first ones, so that none overtakes another of its writer."""
    waiting = select(audit_rows).where(IS_WAITING).order_by(audit_rows.c.writer, audit_rows.c.number).limit(most)
    return [dict(row) for row in connection.execute(waiting).mappings()]


def order_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows by their time, but those of each writer by their number, whatever its clock did."""
    latest: dict[str, int] = {}
    keyed = []
    for row in rows:
        at = latest[row["writer"]] = max(row["at"], latest.get(row["writer"], row["at"]))
        keyed.append(((at, row["writer"], row["number"]), row))
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


def find_gaps(connection: Connection, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each place where rows of a writer are missing, before these or between them.

    What another instance has linked meanwhile is asked of the database: to remember it would make a gap of it.
    """
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row["writer"], []).append(row["number"])
    for writer, of_one in numbers.items():
        before = of_one[0] - 1
        if before > 0 and connection.execute(_ROW, {"its_writer": writer, "its_number": before}).first() is None:
            yield f"row {before} of {writer}, and perhaps others before it, is missing"
        for last, number in itertools.pairwise(of_one):
            if number != last + 1:
                yield f"rows {last + 1} to {number - 1} of {writer} are missing"
