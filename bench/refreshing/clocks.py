"""Clocks that jump: a library preloaded into the gateways, which moves their clock on the wall and no other."""

import os
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


@dataclass(frozen=True)
class WallClock:
    """The clock of the gateways that are started with these variables."""

    library: Path
    offset_file: Path

    @classmethod
    def build(cls, folder: Path) -> "WallClock":
        """Compile the library; it needs a C compiler."""
        library = folder / "clock.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"],  # noqa: S607 - found on the PATH.
            check=True,
        )
        clock = cls(library, folder / "offset")
        clock.offset_file.write_bytes(struct.pack("l", 0))
        return clock

    @property
    def variables(self) -> dict[str, str]:
        """Return what a process needs in its environment to live by this clock."""
        return {"LD_PRELOAD": str(self.library), "CLOCK_OFFSET": str(self.offset_file)}

    def set_offset(self, seconds: int) -> None:
        """Set the clock this far from the real one, at once, for all."""
        descriptor = os.open(self.offset_file, os.O_WRONLY)
        os.pwrite(descriptor, struct.pack("l", seconds), 0)
        os.close(descriptor)
