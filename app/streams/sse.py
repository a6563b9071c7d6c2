"""Write server-sent events, as browsers' EventSource reads them."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

MEDIA_TYPE = "text/event-stream"


def get_event(name: str, data: Mapping[str, Any], event_id: str | None = None) -> bytes:
    """Return one event: its name, its data as JSON in one line, and the id that a client comes back with.

    Raises:
        ValueError: A number is not finite, which is a bug.
    """
    named = f"id: {event_id}\n" if event_id is not None else ""
    return f"{named}event: {name}\ndata: {_encoder.encode(data)}\n\n".encode()


def _encode(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


_encoder = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_encode)
