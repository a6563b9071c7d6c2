"""What an order command ends with, as the client is told and as the journal keeps it."""

from dataclasses import dataclass
from typing import Any

from app.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Answer:
    """Either the data of a success or the error; ``is_replayed`` where an earlier request of the client earned it."""

    data: dict[str, Any] | None = None
    error: GatewayError | None = None
    is_replayed: bool = False
