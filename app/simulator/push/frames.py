"""Frames on the wire: the length as a varint, then so many bytes of one message."""

from app.simulator.push.fields import UnreadableFrame, write_varint

LARGEST_FRAME = 256 * 1024
"""More than any client has to say; whoever announces more is cut off before it comes."""
_MOST_LENGTH_BYTES = 5


def write_frame(message: bytes) -> bytes:
    """Return a message as a frame."""
    return write_varint(len(message)) + message


class FrameReader:
    """Cut a stream of bytes into messages, however it comes."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now; raises UnreadableFrame for a length that nobody would send."""
        self._buffer += data
        messages = []
        while (head := self._read_length()) is not None:
            length, start = head
            if len(self._buffer) < start + length:
                break
            messages.append(bytes(self._buffer[start : start + length]))
            del self._buffer[: start + length]
        return messages

    def _read_length(self) -> tuple[int, int] | None:
        """Return the length that is announced and where the message begins; None while it has not come whole."""
        length = 0
        for index, byte in enumerate(self._buffer[:_MOST_LENGTH_BYTES]):
            length |= (byte & 0x7F) << (7 * index)
            if not byte & 0x80:
                if length > LARGEST_FRAME:
                    raise UnreadableFrame(f"a frame of {length} bytes")
                return length, index + 1
        if len(self._buffer) >= _MOST_LENGTH_BYTES:
            raise UnreadableFrame("a length does not end")
        return None
