"""What an order command ends with, as the client is told and as the journal keeps it."""

import json
from dataclasses import dataclass, replace
from typing import Any, Self

from app.errors import ERRORS, GatewayError


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Either the data of a success or the error; ``is_replayed`` where an earlier request of the client earned it."""

    data: dict[str, Any] | None = None
    error: GatewayError | None = None
    is_replayed: bool = False

    def replayed(self) -> Self:
        """Return the same answer, marked as an earlier request's."""
        return replace(self, is_replayed=True)

    def to_json(self) -> str:
        """Return the form in which the journal keeps it."""
        if self.error is None:
            return json.dumps({"data": self.data})
        error = self.error
        details = None if error.details is None else {name: list(texts) for name, texts in error.details.items()}
        kept = {"code": error.code, "message": error.message, "tiger_code": error.tiger_code, "details": details}
        return json.dumps({"error": {**kept, "data": error.data}})

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Return the answer that the journal kept."""
        content = json.loads(kept)
        if "error" not in content:
            return cls(data=content["data"])
        error = content["error"]
        kind = ERRORS[error.pop("code")]
        return cls(error=kind(error.pop("message"), **error))
