"""Two instances write one audit trail and link it, all at once, while they are killed: one chain, without a fork.

Each instance is a process with a folder of its own, as another machine has; its threads write rows, some of them in
transactions that are undone, and link without a pause. What a process said it had committed has to stand in the chain,
once, and no instance may have found anything wrong.
"""

import argparse
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select

from app.audit.audit import Audit, open_audit
from app.audit.examination import verify
from app.errors import StorageUnavailable
from app.settings import AuditSettings, Settings
from app.storage.audit_tables import audit_checkpoints, audit_rows
from app.storage.engine import Storage
from app.storage.upgrade import upgrade
from bench.campaign.databases import empty_database

SECRET: Final = b"what the instances of this campaign share, and nobody else"
INSTANCES: Final = 2
WRITING_THREADS: Final = 3
UNDONE_SHARE: Final = 0.2
MOST_ROWS: Final = 4
LIVES: Final = (1.0, 5.0)
"""Seconds from an instance's first row to its death."""
CHECKPOINT_ROWS: Final = 200
COMMITTED, LINKED, FOUND = "committed", "linked", "found"


class Undo(Exception):
    """What a transaction is undone by."""


@dataclass(slots=True)
class Result:
    """What was seen: rows that were said to be committed, killed processes, and what the chain is."""

    promised: int = 0
    kills: int = 0
    linked: int = 0
    checkpoints: int = 0
    linking: Counter[str] = field(default_factory=Counter)
    """How many instances linked rows."""
    lost: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether there is one chain with all that was promised."""
        is_contended = len(self.linking) == INSTANCES and self.kills > 0
        return is_contended and self.linked >= self.promised > 0 and not self.lost and not self.problems


def run(seconds: float, folder: Path, database_url: str, seed: int = 18) -> Result:
    """Have the instances write for so long, killed and begun anew all the while."""
    result, chance = Result(), random.Random(seed)  # noqa: S311 - it has to be the same each time.
    storage = Storage(database_url, folder)
    try:
        upgrade(storage, folder)
        promised: set[str] = set()
        ends = time.monotonic() + seconds
        lives = [
            threading.Thread(
                target=_live, args=(f"instance-{number}", folder, database_url, ends, chance, promised, result)
            )
            for number in range(INSTANCES)
        ]
        for life in lives:
            life.start()
        for life in lives:
            life.join()
        audit = _open(storage, folder)
        audit.chain.link()
        _examine(audit, promised, result)
    finally:
        storage.close()
    return result


def _live(
    name: str, folder: Path, database_url: str, ends: float, chance: random.Random, promised: set[str], result: Result
) -> None:
    """Begin an instance again and again, and kill each."""
    home = folder / name
    home.mkdir(exist_ok=True)
    while time.monotonic() < ends:
        command = [sys.executable, "-m", "bench.audit_instances", "--instance", str(home), "--database-url"]
        with subprocess.Popen([*command, database_url], stdout=subprocess.PIPE, text=True) as process:
            lines = iter(process.stdout or ())
            first = next(lines, "")
            killer = threading.Timer(chance.uniform(*LIVES), _kill, (process,))
            killer.start()
            for line in itertools.chain([first], lines):
                kind, _, rest = line.strip().partition(" ")
                # The last line may have been cut by the kill.
                if kind == COMMITTED and line.endswith("\n"):
                    promised.update(rest.split())
                elif kind == LINKED:
                    result.linking[name] += 1
                elif kind == FOUND:
                    result.problems.append(f"{name} found {rest} while it linked")
            killer.cancel()
        result.kills += 1
        print(f"{name} killed, {len(promised)} rows committed", file=sys.stderr, flush=True)


def _kill(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def _examine(audit: Audit, promised: set[str], result: Result) -> None:
    with audit.storage.reading() as connection:
        rows = connection.execute(select(audit_rows.c.subject, audit_rows.c.position)).all()
        result.checkpoints = len(connection.execute(select(audit_checkpoints.c.number)).all())
    report = verify(audit.storage, audit.keys, audit.seen)
    result.promised, result.linked = len(promised), report.rows
    result.problems = [problem.sentence for problem in report.problems]
    counted = Counter(row.subject for row in rows if row.position is not None)
    result.lost = sorted(subject for subject in promised if counted[subject] != 1)
    if sorted(row.position for row in rows) != list(range(1, len(rows) + 1)):
        result.problems.append("the positions are not 1, 2, 3 and so on")


def _open(storage: Storage, folder: Path, found: Callable[[str], None] = lambda _fault: None) -> Audit:
    settings = Settings(instance=folder, audit=AuditSettings(checkpoint_rows=CHECKPOINT_ROWS))
    return open_audit(settings, storage, [SECRET], found=found)


def serve(folder: Path, database_url: str) -> None:
    """Be an instance, until killed."""
    storage, printing = Storage(database_url, folder), threading.Lock()

    def report(kind: str, *what: str) -> None:
        with printing:
            print(kind, *what, flush=True)

    audit = _open(storage, folder, found=lambda fault: report(FOUND, fault))

    def write() -> None:
        for subjects in _list_subjects():
            with contextlib.suppress(Undo, StorageUnavailable):
                with storage.writing_directly(relaxed=True) as driver:
                    for subject in subjects:
                        audit.trail.write(driver, "order.received", "key:1:bot", account="1", subject=subject)
                    if random.random() < UNDONE_SHARE:  # noqa: S311 - nothing depends on which.
                        raise Undo
                report(COMMITTED, *subjects)

    def link() -> None:
        while True:
            with contextlib.suppress(StorageUnavailable):
                if audit.chain.link(most_batches=1):
                    report(LINKED)

    for work in (*[write] * WRITING_THREADS, link):
        threading.Thread(target=work, daemon=True).start()
    threading.Event().wait()


def _list_subjects() -> Iterator[list[str]]:
    while True:
        yield [random.randbytes(8).hex() for _ in range(random.randint(1, MOST_ROWS))]  # noqa: S311 - names only.


def main() -> int:
    """Run it, and print what was seen; with ``--instance``, be one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--database-url", help="A server; without one it is a file.")
    parser.add_argument("--instance", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.instance is not None:
        serve(given.instance, given.database_url)
        return 0
    with tempfile.TemporaryDirectory() as folder, empty_database(given.database_url, Path(folder)) as database:
        result = run(given.seconds, Path(folder), database.url, given.seed)
    print(f"{result.promised} rows committed, {result.linked} linked in one chain, {result.checkpoints} checkpoints")
    print(f"{result.kills} processes killed; {len(result.linking)} instances linked: {dict(result.linking)}")
    for what in (*(f"not once: {subject}" for subject in result.lost), *result.problems):
        print(what)
    return 0 if result.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
