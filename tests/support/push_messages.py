"""Messages of Tiger's push service as the SDK has them: filled with something, and as plain values."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

TYPES = {
    getattr(FieldDescriptor, f"TYPE_{name.upper()}"): name
    for name in ("double", "float", "int64", "uint64", "int32", "uint32", "sint64", "sint32", "bool", "string", "enum")
}


def fill(descriptor: Descriptor, seed: int = 1) -> Any:
    """Return a message of the SDK's in which every field holds something of its own; of two bodies the last."""
    message = descriptor._concrete_class()
    for number, field in enumerate(descriptor.fields, seed):
        values = [get_value(field, number + turn) for turn in range(2 if field.is_repeated else 1)]
        if field.is_repeated:
            getattr(message, field.name).extend(values)
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(values[0])
        else:
            setattr(message, field.name, values[0])
    return message


def get_value(field: FieldDescriptor, number: int) -> Any:
    if field.message_type is not None:
        return fill(field.message_type, number)
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    kind = TYPES[field.type]
    large = {"int64": -(2**62), "sint64": -(2**62), "uint64": 2**63, "int32": -(2**30), "sint32": -(2**30)}
    plain = {"string": f"{field.name} 腾讯 {number}", "bool": True, "double": 0.1 + number, "float": 0.5 + number}
    return plain.get(kind, large.get(kind, 0) + number)


def to_values(message: Message) -> dict[str, Any]:
    """Return a message of the SDK's as the simulator writes its own."""
    return {
        field.name: [to_value(item) for item in value] if field.is_repeated else to_value(value)
        for field, value in message.ListFields()
    }


def to_value(value: Any) -> Any:
    return to_values(value) if isinstance(value, Message) else value
