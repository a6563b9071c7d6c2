"""Word of new events among the processes of a machine: a small file that all of them hold in memory.

Whoever listens compares a few bytes many times a second, and asks the database only where word has come. Of several
that listen, one looks for the events that other machines write, and passes the word on.
"""

import fcntl
import logging
import mmap
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Final

SLOT: Final = struct.Struct("<QQQ")
"""Account, number and moment of the last word: of two words no two are the same bytes."""
SLOTS: Final = 1_024
NONE: Final = SLOT.pack(0, 0, 0)

logger = logging.getLogger(__name__)


class WordBoard:
    """The last word of each account; two accounts that share a slot cost each other a second at most.

    Where the file cannot be had there is no word, and the database is asked as often as without it.
    """

    def __init__(self, file: Path) -> None:
        self._words: mmap.mmap | None = None
        self._handle: int | None = None
        self._is_lookout = False
        size = SLOT.size * SLOTS
        try:
            self._handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _allocate(self._handle, size)
            self._words = mmap.mmap(self._handle, size)
        except OSError as error:
            logger.warning("Workers of this machine cannot tell each other of events: %s", error.strerror)

    def put(self, account: str, number: int) -> None:
        """Say that an account has, or is about to have, an event of this number."""
        if (words := self._words) is not None:
            checksum = zlib.crc32(account.encode())
            SLOT.pack_into(words, _find(checksum), checksum, number, time.monotonic_ns())

    def read(self, account: str) -> bytes:
        """Return the last word of an account as it stands; another one is never the same."""
        start = _find(zlib.crc32(account.encode()))
        words = self._words
        return NONE if words is None else words[start : start + SLOT.size]

    def become_lookout(self) -> bool:
        """Tell whether this process is the one of its machine that looks for what other machines write."""
        if not self._is_lookout and self._handle is not None:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            self._is_lookout = True
        return self._is_lookout

    def leave(self) -> None:
        """Leave the looking to another process."""
        if self._is_lookout and self._handle is not None:
            self._is_lookout = False
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self.leave()
        handle, self._handle, self._words = self._handle, None, None
        if handle is not None:
            os.close(handle)


def _allocate(handle: int, size: int) -> None:
    """Give a file all of its space: where the disk has no room, writing to mapped memory would end the process.

    Raises:
        OSError: There is no room.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    elif os.fstat(handle).st_size < size:
        os.ftruncate(handle, size)


def get_number(word: bytes, account: str) -> int | None:
    """Return the number that a word tells of an account, or None where it is another one's."""
    checksum, number, _ = SLOT.unpack(word)
    return number if checksum == zlib.crc32(account.encode()) else None


def _find(checksum: int) -> int:
    return checksum % SLOTS * SLOT.size
