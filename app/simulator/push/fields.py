"""Protocol Buffers on the wire: one value of one field, written and read (protobuf.dev, Encoding)."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

WORD_BITS = 64
_WORD = (1 << WORD_BITS) - 1
_MOST_VARINT_BYTES = 10


class UnreadableFrame(ValueError):
    """The bytes are no message."""


class WireType(IntEnum):
    """How the bytes of a value are laid out."""

    VARINT = 0
    EIGHT_BYTES = 1
    LENGTH = 2
    FOUR_BYTES = 5


def write_varint(number: int) -> bytes:
    """Return a number of 0 or more in groups of seven bits, the lowest first."""
    groups = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - the seven bits of a group.
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def read_varint(data: bytes, start: int) -> tuple[int, int]:
    """Return the number that begins at ``start`` and where the next value begins; raises UnreadableFrame."""
    number = 0
    for index, byte in enumerate(data[start : start + _MOST_VARINT_BYTES]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return number & _WORD, start + index + 1
    raise UnreadableFrame("a number does not end")


@dataclass(frozen=True, slots=True)
class Kind:
    """Hold how values of a scalar type are written and read; ``write`` of a varint returns the number to write."""

    wire_type: WireType
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _to_signed(number: int) -> int:
    return number - (1 << WORD_BITS) if number >> (WORD_BITS - 1) else number


_UNSIGNED = Kind(WireType.VARINT, int, int)
_SIGNED = Kind(WireType.VARINT, lambda number: int(number) & _WORD, _to_signed)
_ZIGZAG = Kind(
    WireType.VARINT,
    lambda number: (int(number) << 1) ^ (int(number) >> (WORD_BITS - 1)),
    lambda number: (number >> 1) ^ -(number & 1),
)

KINDS = {
    "uint32": _UNSIGNED,
    "uint64": _UNSIGNED,
    "enum": _UNSIGNED,
    "bool": Kind(WireType.VARINT, int, bool),
    "int32": _SIGNED,
    "int64": _SIGNED,
    "sint32": _ZIGZAG,
    "sint64": _ZIGZAG,
    "double": Kind(WireType.EIGHT_BYTES, struct.Struct("<d").pack, lambda data: struct.unpack("<d", data)[0]),
    "float": Kind(WireType.FOUR_BYTES, struct.Struct("<f").pack, lambda data: struct.unpack("<f", data)[0]),
    "string": Kind(WireType.LENGTH, str.encode, bytes.decode),
}
"""The scalar types that Tiger's messages use."""
_FIXED = {WireType.EIGHT_BYTES: 8, WireType.FOUR_BYTES: 4}


def write_tag(number: int, wire_type: WireType) -> bytes:
    """Return what stands before a field's value."""
    return write_varint(number << 3 | wire_type)


def write_block(data: bytes) -> bytes:
    """Return bytes with their length before them."""
    return write_varint(len(data)) + data


def write_scalar(kind: Kind, value: Any) -> bytes:
    """Return a value without its tag."""
    written = kind.write(value)
    if kind.wire_type is WireType.VARINT:
        return write_varint(written)
    return write_block(written) if kind.wire_type is WireType.LENGTH else bytes(written)


def read_raw(data: bytes, start: int, wire_type: int) -> tuple[int | bytes, int]:
    """Return the raw value at ``start`` and where the next tag begins; raises UnreadableFrame."""
    if wire_type == WireType.VARINT:
        return read_varint(data, start)
    if wire_type == WireType.LENGTH:
        size, start = read_varint(data, start)
    elif wire_type in _FIXED:
        size = _FIXED[WireType(wire_type)]
    else:
        raise UnreadableFrame(f"there is no wire type {wire_type}")
    if start + size > len(data):
        raise UnreadableFrame("a value is cut off")
    return data[start : start + size], start + size
