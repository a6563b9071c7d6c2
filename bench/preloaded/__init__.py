"""A library preloaded into gateways, by which their machine goes wrong; it needs a C compiler.

Its clock on the wall, and no other, jumps; a file of it cannot be written.
"""

import os
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("preloaded.c")
LONG = struct.calcsize("l")


@dataclass(frozen=True)
class Machine:
    """The machine of the gateways that are started with these variables."""

    library: Path
    state: Path
    database: Path | None

    @classmethod
    def build(cls, folder: Path, database: Path | None = None) -> "Machine":
        """Compile the library; ``database`` is the SQLite file that cannot always be written."""
        library = folder / "preloaded.so"
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        machine = cls(library, folder / "preloaded.state", database)
        machine.state.write_bytes(bytes(2 * LONG))
        return machine

    @property
    def variables(self) -> dict[str, str]:
        """Return what a process needs in its environment to live on this machine."""
        variables = {"LD_PRELOAD": str(self.library), "PRELOADED_STATE": str(self.state)}
        return variables | ({} if self.database is None else {"PRELOADED_PATH": str(self.database)})

    def set_clock(self, offset_seconds: int) -> None:
        """Set the clock this far from the real one, at once, for all."""
        self._set(0, offset_seconds)

    def set_read_only(self, is_read_only: bool) -> None:
        """Let every write to the database file fail from now on, or none."""
        self._set(1, int(is_read_only))

    def _set(self, index: int, value: int) -> None:
        descriptor = os.open(self.state, os.O_WRONLY)
        os.pwrite(descriptor, struct.pack("l", value), index * LONG)
        os.close(descriptor)
