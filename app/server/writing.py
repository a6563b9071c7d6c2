"""Write an answer without holding a thread for it: what the socket does not take at once is for the worker's loop."""

import ctypes
import errno
import os
import select
import socket
from collections import deque
from typing import Any

MOST_HELD_BYTES = 1_048_576
"""Of an answer that is made piece by piece, before its maker waits for the client. One piece may be larger."""
STALLED_SECONDS = 30.0
"""For a client to take any further part of an answer."""
ANSWER_SECONDS = 300.0
"""For a client to take all of it."""
MOST_PIECES = 64
FLAGS = socket.MSG_DONTWAIT | getattr(socket, "MSG_NOSIGNAL", 0)
WOULD_BLOCK = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR})

_send = ctypes.PyDLL(None, use_errno=True).send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t


class Outgoing:
    """What gunicorn's response writes to in place of the socket, which does not block."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._pieces: deque[memoryview] = deque()
        self._held_bytes = 0
        self.is_begun = False

    @property
    def is_written(self) -> bool:
        """Tell whether the socket has taken everything."""
        return not self._pieces

    def send(self, data: bytes) -> int:
        """Leave out ``100 Continue``, which gunicorn sends here and the loop has sent where it was due."""
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Write the next part; the first, which is the head, goes with the one behind it.

        Raises:
            OSError: The client has gone, or takes nothing for too long.
        """
        while self._held_bytes > MOST_HELD_BYTES:
            self._wait()
        self._pieces.append(memoryview(data))
        self._held_bytes += len(data)
        if self.is_begun:
            self.write()
        self.is_begun = True

    def send_whole(self, data: bytes) -> None:
        """Write a piece of a stream behind which no other waits, and hold what the socket does not take.

        The interpreter is not let go of meanwhile, as the standard library would: the system takes microseconds, and
        another thread would have the interpreter for a thousand times as long before the next client's turn.

        Raises:
            OSError: The client has gone.
        """
        taken = _send(self._socket.fileno(), data, len(data), FLAGS)
        if taken < 0:
            code = ctypes.get_errno()
            if code not in WOULD_BLOCK:
                raise OSError(code, os.strerror(code))
            taken = 0
        if taken < len(data):
            self._pieces.append(memoryview(data)[taken:])
            self._held_bytes += len(data) - taken

    def drop(self) -> None:
        """Give up what the client will not take."""
        self._pieces.clear()

    def write(self) -> None:
        """Give the socket what it takes.

        Raises:
            OSError: The client has gone.
        """
        while self._pieces:
            try:
                taken = self._socket.sendmsg([self._pieces[n] for n in range(min(MOST_PIECES, len(self._pieces)))])
            except BlockingIOError:
                return
            self._held_bytes -= taken
            while self._pieces and taken >= len(self._pieces[0]):
                taken -= len(self._pieces.popleft())
            if taken:
                self._pieces[0] = self._pieces[0][taken:]

    def _wait(self) -> None:
        poll: Any = select.poll()
        poll.register(self._socket, select.POLLOUT)
        if not poll.poll(STALLED_SECONDS * 1_000):
            raise TimeoutError
        self.write()
