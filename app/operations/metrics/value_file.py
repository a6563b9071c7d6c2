"""One file of one process: a number for each series, in the form that prometheus_client adds up."""

import functools
import logging
from pathlib import Path
from typing import Final

from prometheus_client.mmap_dict import MmapedDict, mmap_key

from app.operations.metrics.families import BOUNDS, Family

HEAD_BYTES: Final = 8
ENTRY_BYTES: Final = 28
"""At most, of each series besides its key [prometheus_client: MmapedDict]."""
MADE: Final = ".made"
"""Ending of a file that is not ready to be read."""

logger = logging.getLogger(__name__)


class ValueFile:
    """Numbers that outlive the process. Not safe for threads: the caller holds a lock.

    What does not fit is left out: the library would make the file grow by space that the disk may not have, and writing
    there would end the process.
    """

    def __init__(self, path: Path, size_bytes: int) -> None:
        """Create the file with all of its space: where the disk has no room, a mapped file would end the process later.

        Raises:
            OSError: The disk is full, or the file cannot be created.
        """
        made = path.with_name(path.name + MADE)
        try:
            made.touch(0o600, exist_ok=False)
            made.write_bytes(bytes(size_bytes))
            self._values = MmapedDict(str(made))
            made.rename(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise
        self._known: dict[str, float] = {}
        self._left_bytes = size_bytes - HEAD_BYTES

    def __contains__(self, key: str) -> bool:
        """Tell whether a series has begun."""
        return key in self._known

    def add(self, key: str, amount: float) -> None:
        """Add to a series."""
        self.set(key, self._known.get(key, 0.0) + amount)

    def set(self, key: str, value: float) -> None:
        """Give a series its value."""
        if key not in self._known and not self._has_room(key):
            return
        self._known[key] = value
        self._values.write_value(key, value, 0.0)

    def _has_room(self, key: str) -> bool:
        """Take the room of a new series, and tell whether there was any."""
        needed = len(key.encode()) + ENTRY_BYTES
        if needed > self._left_bytes:
            if self._left_bytes > 0:
                logger.warning("The metrics of this process have no room for further series; they are left out")
            self._left_bytes = 0
            return False
        self._left_bytes -= needed
        return True

    def close(self) -> None:
        """Let go of the file, which stays."""
        self._values.close()


@functools.cache
def get_key(family: Family, *values: str) -> str:
    """Return the key of the only sample of a series: a counter's or a gauge's."""
    name = f"{family.name}_total" if family.kind == "counter" else family.name
    return str(mmap_key(family.name, name, list(family.labels), list(values), family.doc))


@functools.cache
def get_histogram_keys(family: Family, *values: str) -> tuple[str, tuple[str, ...]]:
    """Return the key of a histogram's sum, and the keys of its buckets in their order."""
    labels = list(family.labels)
    buckets = tuple(
        str(mmap_key(family.name, f"{family.name}_bucket", [*labels, "le"], [*values, _write_bound(bound)], family.doc))
        for bound in BOUNDS
    )
    return str(mmap_key(family.name, f"{family.name}_sum", labels, list(values), family.doc)), buckets


def _write_bound(bound: float) -> str:
    return "+Inf" if bound == float("inf") else repr(bound)
