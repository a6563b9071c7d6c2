"""Verify the trail of a gateway, or an export of it."""

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
    head, checkpoints = reader.read_head(), reader.read_checkpoints()
    chain = head.chain if head else ""
    walk = Verification(keys.all, checkpoints, chain=chain, trusted=trusted, seen=seen.read())
    begun = -1
    while begun < walk.position:
        # More may be linked meanwhile; the head that is read last knows of all of it.
        begun = walk.position
        for rows in reader.read_rows(begun):
            walk.take(rows)
            progress(walk.report.rows, max(walk.report.rows, head.position if head else 0))
        head = reader.read_head()
        if head is None or head.position <= walk.position:
            break
    known = max((checkpoint.number for checkpoint in checkpoints), default=0)
    walk.expect(checkpoint for checkpoint in reader.read_checkpoints() if checkpoint.number > known)
    return walk.finish(head, reader.read_waiting())


def verify_file(file: Path, *, trusted: Iterable[str]) -> Report:
    """Verify an export with nothing but the public keys that are trusted.

    Raises:
        ValueError: It is no export.
    """
    chain, checkpoints, rows = read_export(file)
    walk = Verification({}, checkpoints, chain=chain, trusted=trusted)
    walk.take(rows)
    return walk.finish(None, ())
