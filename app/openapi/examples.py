"""The recorded examples: real requests and the simulator's real answers to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")


@dataclass(frozen=True, slots=True)
class Examples:
    """What was recorded: by route ("POST /api/market/quote") its request and answer, by code an error."""

    requests: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)

    def get_request(self, line: str) -> Any:
        """Return the recorded body of a request to this route, or None."""
        return self.requests.get(line)

    def get_answer(self, line: str) -> Any:
        """Return the recorded answer of this route, or None."""
        return self.answers.get(line)

    def get_error(self, code: str) -> Any:
        """Return a recorded error with this code, or None."""
        return self.errors.get(code)


def read_examples() -> Examples:
    """Return the recorded examples that belong to this release."""
    return Examples(**json.loads(FILE.read_text(encoding="utf-8")))
