"""Change an audit trail as somebody with the database's password does, and see that each change is found and named.

One change at a time: a byte of a row or of a checkpoint, a row taken away, added, swapped with another, the end cut off
with the checkpoints that know of it. Then the trail is put back as it was.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from app.audit.audit import Audit
from app.audit.examination import verify
from app.audit.report import Report
from app.storage.audit_tables import audit_chain, audit_checkpoints, audit_rows
from app.storage.engine import Storage
from app.storage.upgrade import upgrade
from bench.campaign.databases import empty_database
from tests.support import audit_trails as trails

ROWS: Final = 240
CHECKPOINT_ROWS: Final = 50
TABLES: Final = (audit_rows, audit_checkpoints, audit_chain)
FIRST_PLACE: Final = 2
LAST_PLACES: Final = 8
"""Rows at both ends are left to the changes of their neighbours."""


@dataclass(slots=True)
class Result:
    """What was changed, by kind, and what of it was not named."""

    changes: Counter[str] = field(default_factory=Counter)
    unnamed: list[tuple[str, list[str]]] = field(default_factory=list)
    is_whole: bool = False
    """Whether what was put back was found to be as it was written."""

    @property
    def is_good(self) -> bool:
        """Tell whether each change was named, and nothing else."""
        return self.is_whole and not self.unnamed


def run(changes: int, folder: Path, database_url: str, seed: int = 18) -> Result:
    """Make so many changes to a trail in this database, which is empty or up to date."""
    storage = Storage(database_url, folder)
    try:
        upgrade(storage, folder)
        audit = trails.open_trail(storage, folder, checkpoint_rows=CHECKPOINT_ROWS)
        for _ in range(0, ROWS, 2 * CHECKPOINT_ROWS):
            trails.write_rows(audit, min(2 * CHECKPOINT_ROWS, ROWS))
        return _change(audit, changes, random.Random(seed))  # noqa: S311 - it has to be the same each time.
    finally:
        storage.close()


def _change(audit: Audit, changes: int, chance: random.Random) -> Result:
    result = Result()
    kept = _keep(audit.storage)
    end = len(kept[0])
    for number in range(changes):
        change = trails.CHANGES[number % len(trails.CHANGES)]
        position = chance.randrange(FIRST_PLACE, end - LAST_PLACES)
        with audit.storage.writing(relaxed=True) as connection:
            named = change(connection, position, chance)
        report = _verify(audit)
        result.changes[change.__name__] += 1
        if not named.is_in(report):
            result.unnamed.append((named.what, [problem.sentence for problem in report.problems]))
        with audit.storage.writing(relaxed=True) as connection:
            _restore(connection, kept)
        if number % 100 == 0:
            print(f"{number} of {changes} changes", file=sys.stderr, flush=True)
    result.is_whole = not _verify(audit).found
    return result


def _verify(audit: Audit) -> Report:
    return verify(audit.storage, audit.keys, audit.seen)


def _keep(storage: Storage) -> list[list[dict[str, Any]]]:
    with storage.reading() as connection:
        return [[dict(row) for row in connection.execute(select(table)).mappings()] for table in TABLES]


def _restore(connection: Connection, kept: list[list[dict[str, Any]]]) -> None:
    for table, rows in zip(TABLES, kept, strict=True):
        connection.execute(delete(table))
        connection.execute(insert(table), rows)


def main() -> int:
    """Run it, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--database-url", help="A server; without one it is a file.")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, empty_database(given.database_url, Path(folder)) as database:
        result = run(given.changes, Path(folder), database.url, given.seed)
    print("| change | made |\n|---|---|")
    for kind, count in sorted(result.changes.items()):
        print(f"| {kind} | {count} |")
    for what, sentences in result.unnamed:
        print(f"not named: {what}: {sentences}")
    print(f"{result.changes.total() - len(result.unnamed)} of {result.changes.total()} named, whole again: ", end="")
    print(f"{result.is_whole}, in {time.monotonic() - started:.0f} s")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
