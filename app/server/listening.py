"""The listening side: how many files may be open, who listens during a reload, and an end that resets nobody."""

import contextlib
import ctypes
import mmap
import os
import resource
import socket
import struct
import sys
from typing import Any

MOST_CONNECTIONS = 16_384
"""Of each worker, however many files may be open."""
OWN_FILES = 512
"""For databases, connections to Tiger, and logs."""
LEAST_CONNECTIONS = 256

SO_ATTACH_FILTER = 26
NO_NEW_CONNECTIONS = (
    (0x30, 0, 0, 13),  # Load the byte of the TCP header that holds its flags,
    (0x54, 0, 0, 0x12),  # keep SYN and ACK of them,
    (0x15, 0, 1, 0x02),  # and where SYN stands alone, a client asks for a connection:
    (0x06, 0, 0, 0),  # drop that,
    (0x06, 0, 0, 0xFFFFFFFF),  # and let through everything else.
)
"""A program of Linux's packet filter (instruction, jump if true, jump if false, operand)."""


class Handover:
    """A reload, in memory that the master and all workers share: the old ones serve until a new one can.

    gunicorn tells the old workers to end when it has started the new ones, which then have seconds to go.
    """

    def __init__(self) -> None:
        self._ages = mmap.mmap(-1, 16)
        self.is_asked = False
        """In the master: whether a reload waits for its turn; another one would find the same settings."""

    def begin(self, newest: int) -> None:
        """Say that all workers up to this age are to be replaced; they are numbered as they are started."""
        self.is_asked = False
        struct.pack_into("QQ", self._ages, 0, newest, 0)

    def report_ready(self, age: int) -> None:
        """Say that a worker of this age serves."""
        if age > struct.unpack_from("Q", self._ages)[0]:
            struct.pack_into("Q", self._ages, 8, age)

    def is_awaited(self, age: int) -> bool:
        """Tell whether a worker of this age is to be replaced and none yet serves in its place."""
        replaced, ready = struct.unpack_from("QQ", self._ages)
        return bool(age <= replaced and not ready)


HANDOVER = Handover()


def raise_open_files() -> int:
    """Let this process, and those it starts, open as many files as it may; return how many connections that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        wanted - OWN_FILES if soft == resource.RLIM_INFINITY else max(LEAST_CONNECTIONS, min(wanted, soft) - OWN_FILES)
    )


def let_nobody_in(server: Any) -> None:
    """Make the system drop what asks for a new connection, while those that are being opened are let in.

    A socket that is closed resets whoever waits in its queue, and while it is open somebody may join. A client whose
    first packet is dropped sends it again a second later: to whoever listens by then, or to be refused.
    """
    HANDOVER.begin(0)
    # Where another process goes on with the same socket, as in an upgrade, it must not become deaf.
    is_ours = os.getpid() == server.pid and not (server.reexec_pid or server.master_pid or server.systemd)
    if not is_ours or sys.platform != "linux" or not all(isinstance(each, tuple) for each in server.cfg.address):
        return
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in NO_NEW_CONNECTIONS)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HL", len(NO_NEW_CONNECTIONS), ctypes.addressof(buffer))
    for listener in server.LISTENERS:
        with contextlib.suppress(OSError):
            listener.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
