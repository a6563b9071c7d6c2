"""Verify the trail of a gateway, or an export of it."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

from app.audit.audit_keys import AuditKeys
from app.audit.audit_reader import AuditReader
from app.audit.export import read_export
from app.audit.report import Report
from app.audit.seen import SeenFile
from app.audit.verification import Verification
from app.storage.engine import Storage


def verify(
    storage: Storage,
    keys: AuditKeys,
    seen: SeenFile,
    *,
    trusted: Iterable[str] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Verify all that is in the database; ``progress`` is told how many rows of how many are done.

    Raises:
        StorageUnavailable: The database does not answer.
    """
    reader = AuditReader(storage)
    head = reader.read_head()
    chain = head.chain if head else ""
    walk = Verification(keys.all, (), chain=chain, trusted=trusted, seen=seen.read())
    known, before = -math.inf, None
    while True:
        # A gateway goes on meanwhile. What is linked after the first of these readings is among the rows that follow,
        # and the head, which is read last, knows of all of it.
        waiting = reader.read_waiting()
        newer = [checkpoint for checkpoint in reader.read_checkpoints() if checkpoint.number > known]
        known = max((checkpoint.number for checkpoint in newer), default=known)
        walk.expect(newer)
        for rows in reader.read_rows(walk.position):
            walk.take(rows)
            progress(walk.report.rows, max(walk.report.rows, head.position if head else 0))
        head, reached = reader.read_head(), (walk.position, known)
        if head is None or (head.position <= walk.position and head.checkpoints <= known) or reached == before:
            return walk.finish(head, waiting)
        before = reached


def verify_file(file: Path, *, trusted: Iterable[str]) -> Report:
    """Verify an export with nothing but the public keys that are trusted.

    Raises:
        ValueError: It is no export.
    """
    chain, checkpoints, rows = read_export(file)
    walk = Verification({}, checkpoints, chain=chain, trusted=trusted)
    walk.take(rows)
    report = walk.finish(None, ())
    if report.rows and not report.vouched:
        report.add("checkpoint", None, "no checkpoint of a key that is trusted vouches for any of these rows")
    return report
