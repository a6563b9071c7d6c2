"""What this machine has seen of the chain, in a file of its own: a database that was set back shows beside it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from app.durable_file import replace_file

FILE_NAME: Final = "audit_seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """A place of the chain: its last row at a moment, with the row's hash, and the number of the last checkpoint."""

    chain: str
    position: int
    hash: str
    checkpoints: int


class SeenFile:
    """The furthest place of the chain that any process of this machine has seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / FILE_NAME

    def read(self) -> Seen | None:
        """Return the furthest place, or None where nothing was seen, or what is there cannot be read."""
        try:
            return Seen(**json.loads(self._file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def note(self, place: Seen) -> str | None:
        """Note a place if it lies further, and return what does not fit with what was seen before."""
        before = self.read()
        if before is not None and before.chain != place.chain:
            return f"this machine has seen another chain, of {before.position} rows: was the database exchanged?"
        if before is not None and before.position > place.position:
            return f"this machine has seen {before.position} rows of the audit chain, and it has {place.position}"
        if before is None or before.position < place.position:
            try:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(self._file, json.dumps(asdict(place)) + "\n")
            except OSError:
                # The next checkpoint tries again.
                return None
        return None
