"""Turn marshmallow schemas into JSON Schema (2020-12, as OpenAPI 3.1 takes it)."""

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, fields, missing
from marshmallow.validate import Length

from app.openapi.written import WRITTEN, get_text_schema
from schemas.answers.fields import Answer, Further
from schemas.fields import (
    LARGEST,
    LARGEST_FIGURE,
    LEAST,
    Choice,
    Figure,
    Flag,
    Listed,
    Positive,
    Premium,
    Price,
    Symbol,
    Symbols,
    Text,
    Whole,
    Words,
)
from schemas.info import FigureName
from schemas.instruments import MOST_INSTRUMENTS, Instruments
from schemas.moments import ANY_DAY_PATTERN, DayField, MomentField
from schemas.requests import Body, Part, Parts, Request
from schemas.streams import WrittenTopics
from schemas.trade import ClientOrderId, OrderId
from schemas.transfers import CONTRACT_ID, ContractId

JSONSchema = dict[str, Any]
KEPT = ("description", "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength")


class Components:
    """Collect the schemas that the document refers to by name."""

    def __init__(self) -> None:
        self.schemas: dict[str, JSONSchema] = dict(WRITTEN)

    def refer(self, schema: type[Schema]) -> JSONSchema:
        """Return a reference to a schema, which is described at its first mention."""
        name = schema.__name__
        if name not in self.schemas:
            self.schemas[name] = {}
            self.schemas[name].update(self.describe(schema))
        return _refer(name)

    def describe(self, schema: type[Schema]) -> JSONSchema:
        """Return a schema in full: of a request strict, of an answer open to members that a later release adds."""
        is_body = issubclass(schema, Body)
        members = {field.data_key or name: field for name, field in schema().fields.items()}
        described: JSONSchema = {
            "type": "object",
            "description": inspect.cleandoc(schema.__doc__ or ""),
            "properties": {
                name: self.describe_field(field, null_means_absent=is_body and not field.required)
                for name, field in members.items()
            },
            "required": [name for name, field in members.items() if field.required],
        }
        if issubclass(schema, Request):
            described["properties"]["account"] = _refer("Account")
        if is_body:
            described["additionalProperties"] = False
        further = schema.further if issubclass(schema, Answer) else None
        if isinstance(further, Further):
            described["additionalProperties"] = self.describe_field(further.value)
        return {name: value for name, value in described.items() if value not in ({}, [])}

    def describe_field(self, field: fields.Field[Any], *, null_means_absent: bool = False) -> JSONSchema:
        """Return one member, with what its declaration says about it."""
        described = self._describe_kind(field)
        if field.allow_none or null_means_absent:
            described = _allow_null(described)
        if field.load_default not in (missing, None, ()) and not isinstance(field, fields.Constant):
            default = field.load_default
            described["default"] = list(default) if isinstance(default, tuple) else default
        described |= {name: field.metadata[name] for name in KEPT if name in field.metadata}
        if "example" in field.metadata:
            described["examples"] = [field.metadata["example"]]
        return described

    def _describe_kind(self, field: fields.Field[Any]) -> JSONSchema:
        for kind in type(field).__mro__:
            if kind in KINDS:
                return KINDS[kind](field, self)
        raise TypeError(f"no JSON Schema is known for the field {type(field).__name__}: give it a line in KINDS")


def _refer(name: str) -> JSONSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _allow_null(described: JSONSchema) -> JSONSchema:
    if "type" not in described:
        return {"anyOf": [described, {"type": "null"}]}
    nullable = {**described, "type": [described["type"], "null"]}
    if "enum" in described:
        nullable["enum"] = [*described["enum"], None]
    return nullable


def _describe_list(field: Any, components: Components) -> JSONSchema:
    bounds = [{"minItems": each.min, "maxItems": each.max} for each in field.validators if isinstance(each, Length)]
    known = {name: bound for each in bounds for name, bound in each.items() if bound is not None}
    return {"type": "array", "items": components.describe_field(field.inner)} | known


def _describe_dict(field: Any, components: Components) -> JSONSchema:
    values = field.value_field
    return {"type": "object"} | ({"additionalProperties": components.describe_field(values)} if values else {})


KINDS: Mapping[type, Callable[[Any, Components], JSONSchema]] = MappingProxyType(
    {
        fields.Raw: lambda _field, _components: {},
        fields.String: lambda _field, _components: {"type": "string"},
        fields.Boolean: lambda _field, _components: {"type": "boolean"},
        fields.Float: lambda _field, _components: {"type": "number"},
        fields.Integer: lambda _field, _components: {"type": "integer"},
        fields.Constant: lambda field, _components: {"const": field.constant},
        fields.List: _describe_list,
        fields.Dict: _describe_dict,
        fields.Nested: lambda field, components: components.refer(type(field.schema)),
        Part: lambda field, components: components.refer(field.schema),
        Parts: lambda field, components: (
            _describe_list(field, components) | {"minItems": field.least, "maxItems": field.most}
        ),
        Premium: lambda _field, _components: {"type": "number", "minimum": -int(LARGEST), "maximum": int(LARGEST)},
        Flag: lambda _field, _components: {"type": "boolean"},
        Text: lambda field, _components: get_text_schema(field.longest),
        Symbol: lambda _field, _components: _refer("Symbol"),
        Choice: lambda field, _components: {"type": "string", "enum": list(field.choices)},
        Whole: lambda field, _components: {"type": "integer", "minimum": field.minimum, "maximum": field.maximum},
        Figure: lambda _field, _components: {
            "type": "number", "minimum": -int(LARGEST_FIGURE), "maximum": int(LARGEST_FIGURE),
        },
        Positive: lambda _field, _components: {"type": "number", "minimum": float(LEAST), "maximum": int(LARGEST)},
        Price: lambda _field, _components: {"type": "number", "exclusiveMinimum": 0, "maximum": int(LARGEST)},
        Symbols: lambda field, _components: {
            "type": "array", "minItems": 1, "maxItems": field.most, "items": _refer("Symbol"),
        },
        Instruments: lambda field, components: (
            _describe_list(field, components) | {"minItems": 1, "maxItems": MOST_INSTRUMENTS}
        ),
        Listed: _describe_list,
        Words: lambda field, components: _describe_list(field, components) | {"minItems": 1},
        FigureName: lambda _field, _components: _refer("FigureName"),
        DayField: lambda _field, _components: {"type": "string", "pattern": f"^(?:{ANY_DAY_PATTERN})$"},
        ClientOrderId: lambda field, _components: {"type": "string", "pattern": f"^{field.pattern}$"},
        MomentField: lambda _field, _components: _refer("Moment"),
        ContractId: lambda _field, _components: {
            "type": ["string", "integer"], "pattern": f"^{CONTRACT_ID}$", "minimum": 1, "maximum": 10**18 - 1,
        },
        WrittenTopics: lambda field, _components: {"type": "string", "pattern": f"^{field.pattern}$"},
        OrderId: lambda _field, _components: _refer("OrderId"),
    }
)  # fmt: skip
"""Field type → what it takes or gives; a type is found by itself or by the nearest type it derives from."""
