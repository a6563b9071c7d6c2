"""The fields of answers. Unless it says otherwise, each is always present, and null where Tiger says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import Schema, fields


@dataclass(frozen=True, slots=True)
class Further:
    """What every member of an object is that its schema does not name."""

    value: fields.Field[Any]


class Answer(Schema):
    """The data of an answer; ``further`` is set where it has members whose names are not known beforehand."""

    further: ClassVar[Further | None] = None


def text(
    description: str, *, nullable: bool = True, required: bool = True, choices: Sequence[str] = (), **metadata: Any
) -> fields.String:
    """Describe a string; ``choices`` are all that can come."""
    if choices:
        metadata["enum"] = [*choices, None] if nullable else list(choices)
    return fields.String(required=required, allow_none=nullable, metadata={"description": description, **metadata})


def number(description: str, *, required: bool = True) -> fields.Float:
    """Describe a finite number."""
    return fields.Float(required=required, allow_none=True, metadata={"description": description})


def whole(description: str, *, nullable: bool = True, required: bool = True, **metadata: Any) -> fields.Integer:
    """Describe a whole number."""
    return fields.Integer(required=required, allow_none=nullable, metadata={"description": description, **metadata})


def flag(description: str, *, nullable: bool = True) -> fields.Boolean:
    """Describe a boolean."""
    return fields.Boolean(required=True, allow_none=nullable, metadata={"description": description})


def moment(description: str, *, nullable: bool = True, required: bool = True) -> fields.Integer:
    """Describe a moment in epoch milliseconds."""
    return whole(f"{description}, in epoch milliseconds.", nullable=nullable, required=required, minimum=0)


def written_moment(description: str, *, nullable: bool = True, required: bool = True) -> fields.String:
    """Describe a moment written as RFC 3339 with its offset."""
    return text(f"{description} (RFC 3339).", nullable=nullable, required=required, format="date-time")


def day(description: str, *, nullable: bool = True, required: bool = True) -> fields.String:
    """Describe a calendar day, as the exchange counts days."""
    return text(f"{description} (YYYY-MM-DD).", nullable=nullable, required=required, format="date")


def one(schema: type[Schema], description: str, *, nullable: bool = False, required: bool = True) -> fields.Nested:
    """Describe an object."""
    return fields.Nested(schema, required=required, allow_none=nullable, metadata={"description": description})


def many(schema: type[Schema], description: str, *, nullable: bool = False, required: bool = True) -> fields.List[Any]:
    """Describe a list of objects."""
    metadata = {"description": description}
    return fields.List(fields.Nested(schema), required=required, allow_none=nullable, metadata=metadata)


def texts(description: str, *, choices: Sequence[str] = ()) -> fields.List[Any]:
    """Describe a list of strings."""
    inner = fields.String(metadata={"enum": list(choices)} if choices else {})
    return fields.List(inner, required=True, metadata={"description": description})


def by_name(values: Any, description: str, *, required: bool = True) -> fields.Dict:
    """Describe an object whose members are named by what they are about."""
    return fields.Dict(keys=fields.String(), values=values, required=required, metadata={"description": description})
