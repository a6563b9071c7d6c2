"""Read messages of Tiger's push service into dataclasses: a field's name and annotation say how it is read.

``avg_price`` is read from ``avgPrice``. What a message leaves out where it can tell so is None. Most fields cannot tell
zero from absence [proto3]: a text that is empty, a moment 0 and a price 0 are None, every other number is 0 then.
"""

import dataclasses
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, get_type_hints

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from app.tiger.wire import values

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Values = Mapping[str, Any]

Moment = Annotated[int | None, "moment"]
"""Epoch milliseconds."""
Price = Annotated[Decimal | None, "price"]
"""None where Tiger writes 0, as it does where there is none."""
Scaled = Annotated[Decimal | None, "scaled"]
"""A whole number beside which another field says how many decimals it has."""

_SHORTEST_DIGITS: Final = range(6, 10)
_REMEMBERED: Final = 4_096


class UnreadableData(Exception):
    """Say that a message contradicts itself; nothing of it is used."""


def make_reader(kind: type[T], descriptor: Descriptor) -> Callable[[Message], T]:
    """Return what reads a message of that type into a frozen dataclass.

    Raises:
        KeyError: The dataclass has a field that the message does not have.
    """
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in dataclasses.fields(kind)]
    readers = [_make_field_reader(descriptor.fields_by_name[get_wire_name(name)], hints[name]) for name in names]

    def read(message: Message) -> T:
        found = {field.name: value for field, value in message.ListFields()}
        return kind(*[reader(found) for reader in readers])

    return read


def get_wire_name(name: str) -> str:
    """Return how Tiger spells a field."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _make_field_reader(field: FieldDescriptor, hint: Any) -> Callable[[Values], Any]:
    name, marks = field.name, getattr(hint, "__metadata__", ())
    convert = _choose_conversion(field)
    if field.is_repeated:
        return lambda found: tuple(map(convert, found.get(name, ())))
    if "scaled" in marks:
        return lambda found: values.scaled(found.get(name, 0), found.get(f"{name}Scale", 0))
    if "moment" in marks:
        return lambda found: values.milliseconds(found.get(name))
    if "price" in marks:
        return lambda found: convert(found.get(name)) or None
    absent = None if field.has_presence else field.default_value
    return lambda found: convert(found.get(name, absent))


def _choose_conversion(field: FieldDescriptor) -> Callable[[Any], Any]:
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return values.decimal
    if field.type == FieldDescriptor.TYPE_FLOAT:
        return get_shortest
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda text: text or None
    return lambda value: value


@lru_cache(_REMEMBERED)
def get_shortest(value: float | None) -> Decimal | None:
    """Return the decimal with the fewest digits that is this number in four bytes: 0.1, not 0.10000000149."""
    if value is None:
        return None
    for digits in _SHORTEST_DIGITS:
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return values.decimal(text)
    return values.decimal(value)
