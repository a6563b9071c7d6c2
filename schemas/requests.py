"""Declare the body of a request once: a frozen dataclass whose fields say how marshmallow reads them.

    @dataclass(frozen=True, slots=True)
    class QuoteRequest:
        symbol: str = required(Symbol())

A check of several fields stands in ``__post_init__`` and raises marshmallow's ``ValidationError``.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from marshmallow import Schema, ValidationError, fields, post_load, pre_load

T = TypeVar("T")
D = TypeVar("D")
S = TypeVar("S", bound="Body")
READ_BY = "read_by"


class Body(Schema):
    """An object that a client sends: unknown fields are refused, and null in an optional field means absent."""

    place: ClassVar[str] = "this object"
    filled: ClassVar[frozenset[str] | None] = None
    """Fields of which a dataclass knows what stands in their place: an order has thirty that nobody sends."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"partial": self.filled, **kwargs})
        names = {field.data_key or name: field for name, field in self.load_fields.items()}
        self._optional = frozenset(name for name, field in names.items() if not field.required)
        self.error_messages = {
            **self.error_messages,
            "unknown": f"No such field: {self.place} takes {', '.join(names)}.",
        }

    @pre_load
    def drop_nulls(self, data: object, **_: Any) -> dict[str, Any]:
        """Take null in an optional field as absent."""
        if not isinstance(data, Mapping):
            raise ValidationError("Send an object.")
        return {name: value for name, value in data.items() if value is not None or name not in self._optional}


class Request(Body):
    """The body of a request, which names its account."""

    place = "this endpoint"
    account = fields.Raw(
        required=True, metadata={"description": "The account number, a string.", "example": "20240830213609658"}
    )


def required(field: fields.Field[T], description: str = "", **metadata: Any) -> T:
    """Declare a field that must be sent."""
    field.required = True
    return _declare(field, dataclasses.MISSING, description, metadata)  # type: ignore[no-any-return] # As its type says.


def optional(field: fields.Field[T], default: D, description: str = "", **metadata: Any) -> T | D:
    """Declare a field that may be left out, with what stands in its place then."""
    field.load_default = default
    return _declare(field, default, description, metadata)  # type: ignore[no-any-return] # As its type says.


def get_schema(kind: type) -> type[Request]:
    """Return the schema that reads a body as this dataclass; the account, which the guard has read, is left out."""
    return _make_schema(kind, Request)


def get_part_schema(kind: type) -> type[Body]:
    """Return the schema that reads an object within a body as this dataclass."""
    return _make_schema(kind, Body)


class Part(fields.Field[T]):
    """Read an object of a request as a dataclass whose fields are declared like those of the request."""

    def __init__(self, kind: type[T], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = get_part_schema(kind)
        self._loader = self.schema()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> T:  # noqa: ARG002
        if not isinstance(value, dict):
            raise ValidationError("Send an object.")
        return self._loader.load(value)  # type: ignore[no-any-return] # As the schema was made.


class Parts(fields.Field[Sequence[T]]):
    """Read a list of such objects, of which there are ``least`` to ``most``."""

    def __init__(self, kind: type[T], least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.inner = Part(kind)
        self._list = fields.List(self.inner)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[T]:  # noqa: ARG002
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            number = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            raise ValidationError(f"Send a list of {number} objects.")
        return tuple(part for part in self._list.deserialize(value) if part is not None)


def get_error(message: str, name: str) -> ValidationError:
    """Return the error about one field that only together with others is wrong."""
    return ValidationError({name: [message]})


def _make_schema(kind: type, base: type[S]) -> type[S]:
    def make(_schema: Schema, data: dict[str, Any], **_: Any) -> Any:
        data.pop("account", None)
        return kind(**data)

    read_by = {item.name: item.metadata[READ_BY] for item in dataclasses.fields(kind)}
    filled = frozenset(item.name for item in dataclasses.fields(kind) if item.default is not dataclasses.MISSING)
    members = {**read_by, "__doc__": kind.__doc__, "make": post_load(make), "filled": filled}
    return type(kind.__name__, (base,), members)


def _declare(field: fields.Field[T], default: Any, description: str, metadata: Mapping[str, Any]) -> Any:
    field.metadata = {**field.metadata, **({"description": description} if description else {}), **metadata}
    return dataclasses.field(default=default, metadata={READ_BY: field})
