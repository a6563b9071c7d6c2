"""Frames on the wire: the length as a varint, then so many bytes of one message."""

from collections.abc import Iterator
from typing import Final

LARGEST_FRAME: Final = 4 * 1024 * 1024
"""Far more than Tiger has to say at once; who announces more is not read from any further."""
MOST_LENGTH_BYTES: Final = 5
_MORE: Final = 0x80


class UnreadableFrame(Exception):
    """Say that what came is no frame, or no message: nothing behind it can be trusted either."""


def write_frame(message: bytes) -> bytes:
    """Return a message as a frame."""
    length, head = len(message), bytearray()
    while length >= _MORE:
        head.append(length & 0x7F | _MORE)
        length >>= 7
    head.append(length)
    return bytes(head) + message


class FrameReader:
    """Cut a stream of bytes into messages, however it comes; what waits is one frame at most, and a chunk."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that are whole now.

        Raises:
            UnreadableFrame: A length that nobody would send.
        """
        self._buffer += data
        start = 0
        try:
            while (found := self._find(start)) is not None:
                begin, end = found
                start = end
                yield bytes(self._buffer[begin:end])
        finally:
            del self._buffer[:start]

    def _find(self, start: int) -> tuple[int, int] | None:
        """Return where the message that begins there lies, or None while it has not come whole."""
        length = 0
        for place in range(MOST_LENGTH_BYTES):
            position = start + place
            if position >= len(self._buffer):
                return None
            byte = self._buffer[position]
            length |= (byte & 0x7F) << (7 * place)
            if not byte & _MORE:
                if length > LARGEST_FRAME:
                    raise UnreadableFrame(f"a frame of {length} bytes is announced")
                end = position + 1 + length
                return (position + 1, end) if end <= len(self._buffer) else None
        raise UnreadableFrame("a length does not end")
