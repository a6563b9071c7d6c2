"""Compare answers by their shape, and hold them against the published schemas."""

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

Shape = Any


def get_shape(value: Any) -> Shape:
    """Return the members of a value, without what they hold: a list is what its elements have in common."""
    if isinstance(value, dict):
        return {name: get_shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [get_shape(value[0])] if value else []
    return None


def fits(shape: Shape, other: Shape) -> bool:
    """Tell whether two shapes are the same, where null and an empty list may stand for anything."""
    if not shape or not other:
        return True
    if isinstance(shape, dict) and isinstance(other, dict):
        return shape.keys() == other.keys() and all(fits(shape[name], other[name]) for name in shape)
    if isinstance(shape, list) and isinstance(other, list):
        return fits(shape[0], other[0])
    return False


def close(schema: Any) -> Any:
    """Return a schema that also refuses members it does not name, so that none stays undescribed."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: close(part) for name, part in schema.items()}
    is_object = closed.get("type") == "object" and "properties" in closed
    return {"additionalProperties": False, **closed} if is_object else closed


def get_problems(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Return where a value does not fit a schema of the document."""
    whole = {**close(schema), "components": close(document["components"])}
    validator = validator_for(whole, default=Draft202012Validator)(
        whole, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]
