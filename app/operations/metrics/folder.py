"""The folder in which the processes of one gateway keep their numbers.

Whoever enters while nobody else is there begins afresh, which makes a start clean whatever server was started. Files of
processes that have ended are added up into one, since counters must not fall while others still count.
"""

import contextlib
import fcntl
import os
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from prometheus_client.mmap_dict import MmapedDict

from app.operations.metrics.value_file import MADE, ValueFile

ENDED = 0
"""Stands where a process's id would, in the file that adds up the processes that have ended."""
ROOM_BYTES = {"counter": 524_288, "histogram": 1_048_576, "gauge": 16_384, "level": 16_384}
PREFIXES = {"gauge": "gauge_livemax_", "level": "gauge_livesum_"}
"""How prometheus_client names what is not simply added up."""


class MetricsFolder:
    """A process's stay in the folder, from its creation to ``leave``."""

    def __init__(self, path: Path) -> None:
        """Enter.

        Raises:
            OSError: The folder cannot be made or written.
        """
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("presence", "change"):
            (path / name).touch(0o600)
        self._presence = (path / "presence").open("a")
        try:
            if _try_lock(self._presence):
                for file in (*path.glob("*.db"), *path.glob(f"*{MADE}")):
                    file.unlink(missing_ok=True)
            fcntl.flock(self._presence, fcntl.LOCK_SH)
            self._add_up_ended()
        except OSError:
            self._presence.close()
            raise

    def create(self, kind: str, process: int) -> ValueFile:
        """Create a file of a process for all that is of one kind; of gauges the largest counts, of levels the sum.

        Raises:
            OSError: There is no room.
        """
        name = f"{PREFIXES.get(kind, f'{kind}_')}{process}-{secrets.token_hex(4)}.db"
        return ValueFile(self._path / name, ROOM_BYTES[kind])

    @contextlib.contextmanager
    def reading(self) -> Iterator[list[str]]:
        """Give the files to add up, and keep them in place until the block ends."""
        with (self._path / "change").open("a") as change:
            fcntl.flock(change, fcntl.LOCK_SH)
            files = [file for file in self._path.glob("*.db") if not _is_gauge(file) or _is_alive(_get_process(file))]
            yield [str(file) for file in files]

    def get_processes(self) -> set[int]:
        """Return the processes that count here and are alive."""
        return {process for file in self._path.glob("*.db") if _is_alive(process := _get_process(file))}

    def leave(self) -> None:
        """Leave; the files stay for those who are still there."""
        self._presence.close()

    def _add_up_ended(self) -> None:
        with (self._path / "change").open("a") as change:
            fcntl.flock(change, fcntl.LOCK_EX)
            ended = [file for file in self._path.glob("*.db") if not _is_alive(_get_process(file))]
            for kind in ("counter", "histogram"):
                files = [file for file in ended if file.name.startswith(kind)]
                if len(files) > 1:
                    self._replace(files, self._read_sums(files), kind)
            for file in filter(_is_gauge, ended):
                file.unlink(missing_ok=True)

    def _replace(self, files: list[Path], sums: dict[str, float], kind: str) -> None:
        # In this order a crash loses numbers, which Prometheus takes for a restart; in the other it would double them.
        for file in files:
            file.unlink()
        total = self.create(kind, ENDED)
        for key, value in sums.items():
            total.set(key, value)
        total.close()

    @staticmethod
    def _read_sums(files: list[Path]) -> dict[str, float]:
        sums: dict[str, float] = defaultdict(float)
        for file in files:
            for key, value, _timestamp, _position in MmapedDict.read_all_values_from_file(str(file)):
                sums[key] += value
        return sums


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _get_process(file: Path) -> int:
    match = re.search(r"_(\d+)-", file.name)
    return int(match[1]) if match else ENDED


def _is_gauge(file: Path) -> bool:
    return file.name.startswith("gauge")


def _is_alive(process: int) -> bool:
    if process == ENDED:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
