"""Declare a setting: its default, its bounds or its form, and one sentence for the docs."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """What a text, or each of a list of texts, must look like; ``words`` go on after "must be"."""

    pattern: str
    words: str


def setting(
    default: Any,
    doc: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    form: Form | None = None,
    secret: bool = False,
) -> Any:
    """Declare one setting: its default, the sentence that documents it, its bounds (inclusive) or its form."""
    metadata = {"doc": doc, "minimum": minimum, "maximum": maximum, "choices": choices, "form": form, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)
