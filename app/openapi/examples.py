"""The recorded examples: real requests and the simulator's real answers to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")


@dataclass(frozen=True, slots=True)
class Examples:
    """What was recorded: by route ("POST /api/market/quote") its request and answer, by code an error."""

    requests: Mapping[str, Any]
    answers: Mapping[str, Any]
    errors: Mapping[str, Any]


def read_examples() -> Examples:
    """Return the recorded examples that belong to this release."""
    return Examples(**json.loads(FILE.read_text(encoding="utf-8")))
