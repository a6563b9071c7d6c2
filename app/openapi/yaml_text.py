"""Write a JSON document as YAML, in blocks; scalars are written as JSON, which YAML 1.2 reads as they are."""

import json
from collections.abc import Iterator
from typing import Any


def write_yaml(document: Any) -> str:
    """Return the document as YAML text."""
    return "\n".join(_write(document, 0)) + "\n"


def _write(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _hang(f"{indent}{_write_scalar(name)}:", member, depth)
    elif isinstance(value, list) and value:
        for member in value:
            yield from _hang(f"{indent}-", member, depth)
    else:
        yield indent + _write_scalar(value)


def _hang(head: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        yield head
        yield from _write(value, depth + 1)
    else:
        yield f"{head} {_write_scalar(value)}"


def _write_scalar(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Readers of YAML 1.1 take 1e-05 for a string, and 1.0e-05 for the number it is.
    return text.replace("e", ".0e", 1) if isinstance(value, float) and "e" in text and "." not in text else text
