"""Check a single value of the settings against what its setting declares."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.config.credentials import ConfigurationError
from app.settings.declaration import Form

KINDS: Mapping[type, str] = MappingProxyType(
    {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
)


def parse_text(variable: str, hint: Any, text: str) -> Any:
    """Return a variable's text as the kind of value that TOML would have given.

    Raises:
        ConfigurationError: It is no such value.
    """
    if hint is str:
        return text
    if hint == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    lowered = text.strip().lower()
    if hint is bool:
        if lowered not in {"true", "false", "1", "0"}:
            raise ConfigurationError(f"{variable} must be true or false")
        return lowered in {"true", "1"}
    try:
        return json.loads(lowered)
    except ValueError as error:
        raise ConfigurationError(f"{variable} must be a number") from error


def check_value(key: str, hint: Any, value: Any, metadata: Mapping[str, Any]) -> Any:
    """Return a value as its setting keeps it; ``metadata`` is that of the setting's field.

    Raises:
        ConfigurationError: It is of another kind, out of bounds, or not of the form that the setting asks for.
    """
    if hint == tuple[str, ...]:
        if key == "simulator.readings" and isinstance(value, dict):
            value = [f"{name}={chosen}" for name, chosen in value.items()]
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ConfigurationError(f'{key} must be a list of strings, such as ["a", "b"]')
        for part in value:
            _check_form(key if metadata["secret"] else f"{key}: {part!r}", part, metadata)
        return tuple(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
        raise ConfigurationError(f"{key} must be {KINDS[hint]}")
    _check_form(key, value, metadata)
    return value


def _check_form(subject: str, value: Any, metadata: Mapping[str, Any]) -> None:
    form: Form | None = metadata["form"]
    if form is not None and not re.fullmatch(form.pattern, value):
        raise ConfigurationError(f"{subject} must be {form.words}")
    if metadata["choices"] and value not in metadata["choices"]:
        raise ConfigurationError(f"{subject} must be one of {', '.join(metadata['choices'])}")
    low, high = metadata["minimum"], metadata["maximum"]
    # Written so that NaN, which compares false with everything, is refused as well.
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        bounds = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ConfigurationError(f"{subject} must be {bounds}")
