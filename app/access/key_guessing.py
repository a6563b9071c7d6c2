"""Count the refused keys of each address, on this machine, in a file of fixed size."""

import contextlib
import fcntl
import hashlib
import ipaddress
import logging
import os
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

FILE_NAME = "refused_keys"
LIMIT = 100
WINDOW_SECONDS = 60
SLOTS = 4_096
# The number of the minute, the refusals in it, and those in the minute before.
SLOT = struct.Struct("<qII")
IPV6_NETWORK_BITS = 64

logger = logging.getLogger(__name__)


class RefusedKeys:
    """The refusals of the last minute by address, shared by the workers of a machine.

    An address has its slot by a keyed digest, so that nobody can choose one to share. Those who share a slot are
    slowed together, which concerns refused keys alone.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / FILE_NAME
        self._secret = hashlib.sha256(b"refusals" + secret).digest()
        self._one_thread = threading.Lock()
        self._is_logged = False

    def count(self, address: str) -> float | None:
        """Count one refusal; return the seconds until the address is below the limit, or None while it is.

        The limit holds for any 60 seconds: of the minute before, the part that still lies within them is counted. Where
        the file cannot be used nothing is counted: a refused key stays refused, whether or not it can be slowed.
        """
        try:
            return self._count(address)
        except OSError:
            if not self._is_logged:
                self._is_logged = True
                logger.exception("Refused keys cannot be counted, so that nobody who guesses is slowed")
            return None

    def _count(self, address: str) -> float | None:
        with self._slot(address) as (descriptor, offset):
            minute, passed = divmod(time.time(), WINDOW_SECONDS)
            counted_in, current, previous = SLOT.unpack(os.pread(descriptor, SLOT.size, offset).ljust(SLOT.size, b"\0"))
            if counted_in == minute - 1:
                current, previous = 0, current
            elif counted_in != minute:
                current, previous = 0, 0
            current = min(current + 1, 2**32 - 1)
            os.pwrite(descriptor, SLOT.pack(int(minute), current, previous), offset)
        left = 1 - passed / WINDOW_SECONDS
        return WINDOW_SECONDS * left if current + previous * left > LIMIT else None

    @contextlib.contextmanager
    def _slot(self, address: str) -> Iterator[tuple[int, int]]:
        digest = hashlib.blake2b(_get_network(address).encode(), key=self._secret, digest_size=4).digest()
        offset = int.from_bytes(digest) % SLOTS * SLOT.size
        # The lock on the file holds between processes; between threads it does not.
        with self._one_thread:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX, SLOT.size, offset)
                yield descriptor, offset
            finally:
                os.close(descriptor)


def _get_network(address: str) -> str:
    """Return the address, or for IPv6 its network: a subscriber has a whole one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((int(parsed), IPV6_NETWORK_BITS), strict=False))
    return address
