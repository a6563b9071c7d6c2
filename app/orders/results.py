"""What an order command ends with, as the client is told and as the journal keeps it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from app.errors import ERRORS, GatewayError, OrderRejected
from app.orders.states import State


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Either the data of a success or the error; ``is_replayed`` where an earlier request of the client earned it.

    ``order_id`` is the order that it is about, and ``note`` what the journal's event says besides: neither is shown.
    """

    data: Mapping[str, Any] | None = None
    error: GatewayError | None = None
    is_replayed: bool = False
    order_id: str | None = None
    note: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Return the state of a command that Tiger ended so."""
        return State.ACCEPTED if self.error is None else State.REJECTED

    def replayed(self) -> Self:
        """Return the same result, marked as an earlier request's."""
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
        """Return the result that the journal kept."""
        content = json.loads(kept)
        if "error" not in content:
            return cls(data=content["data"])
        error = content["error"]
        kind = ERRORS[error.pop("code")]
        return cls(error=kind(error.pop("message"), **error))


def reject(
    sentence: str, data: Mapping[str, Any], *, tiger_code: int | None = None, note: Mapping[str, Any] | None = None
) -> CommandResult:
    """Return the result of a command that Tiger refused, with the order that it was for."""
    error = OrderRejected(sentence, tiger_code=tiger_code, data=data)
    return CommandResult(error=error, order_id=data["order_id"], note=note or {})


def accept(data: Mapping[str, Any], *, note: Mapping[str, Any] | None = None) -> CommandResult:
    """Return the result of a command that Tiger took, with the order that it was for."""
    return CommandResult(data=data, order_id=data["order_id"], note=note or {})
