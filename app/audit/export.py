"""The trail as lines of JSON: the chain's id, then each row, and each checkpoint behind the row that it vouches for."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from app.audit.audit_reader import AuditReader
from app.audit.checkpoints import Checkpoint
from app.audit.content import CONTENT, write_json
from app.audit.verification import Row

CHECKPOINT: Final = '{"checkpoint"'
"""How the line of a checkpoint begins."""
COLUMNS: Final = ("position", "hash", "code", *CONTENT)


def write_export(reader: AuditReader) -> Iterator[str]:
    """Yield the lines, as the rows are read."""
    head = reader.read_head()
    yield json.dumps({"chain": head.chain if head else None, "format": 1})
    checkpoints = reader.read_checkpoints()
    for rows in reader.read_rows():
        for row in rows:
            yield write_line(row)
            while checkpoints and checkpoints[0].position <= row[0]:
                yield write_checkpoint(checkpoints.pop(0))


def write_line(row: Row) -> str:
    """Return a row as a line. Its details are an object, unless they are not written as a gateway writes them."""
    members: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    try:
        details = json.loads(members["details"])
    except (TypeError, ValueError):
        details = None
    if details is not None and write_json(details) == members["details"]:
        members["details"] = details
    return json.dumps(members, default=repr)


def write_checkpoint(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as a line."""
    return json.dumps({"checkpoint": {name: getattr(checkpoint, name) for name in Checkpoint.__slots__}})


def read_export(file: Path) -> tuple[str, list[Checkpoint], Iterable[Row]]:
    """Return the chain's id, its checkpoints and its rows, which are read as they are asked for.

    Raises:
        ValueError: It is no export; so do KeyError and TypeError.
    """
    with file.open(encoding="utf-8") as lines:
        chain = json.loads(next(lines, "{}"))["chain"]
        checkpoints = [Checkpoint(**json.loads(line)["checkpoint"]) for line in lines if line.startswith(CHECKPOINT)]
    return chain, checkpoints, _read_rows(file)


def _read_rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            if not line.startswith(CHECKPOINT):
                members = json.loads(line)
                details = members["details"]
                members["details"] = details if isinstance(details, str) else write_json(details)
                yield tuple(members[name] for name in COLUMNS)
