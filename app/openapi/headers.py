"""The headers of requests and responses, as components of the document."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_VISIBLE_ASCII = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}


def _field(description: str, kind: str, *, required: bool = False, **bounds: Any) -> dict[str, Any]:
    return {"description": description, **({"required": True} if required else {}), "schema": {"type": kind, **bounds}}


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": schema}


REQUEST_HEADERS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        parameter["name"]: parameter
        for parameter in (
            _parameter(
                "X-Request-ID",
                "Your own id of the request: up to 128 letters, digits and . _ : - characters. "
                "It comes back, and it stands in the log; without one of this form, the gateway makes one.",
                {"type": "string"},
            ),
            _parameter(
                "Idempotency-Key",
                "Makes a repeat of the command safe: the same key with the same body gives the first answer again, "
                "with another body 409. It belongs to the API key and the account, and is kept for a day at least.",
                _VISIBLE_ASCII,
            ),
            _parameter(
                "Cache-Control",
                "no-cache asks Tiger again even where a young answer is at hand.",
                {"type": "string", "examples": ["no-cache"]},
            ),
        )
    }
)
"""Name → parameter. Authorization is not among them: OpenAPI says it by ``security``."""

RESPONSE_HEADERS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "X-Request-ID": _field("The id of this request, for reports and for the log.", "string", required=True),
        "X-Tiger-Mode": _field(
            "What is at the other end: Tiger, or the simulator.", "string", required=True, enum=["simulator", "live"]
        ),
        "Retry-After": _field("Seconds to wait before trying again.", "integer", minimum=1),
        "Age": _field("Seconds since Tiger gave this answer; only where it was at hand already.", "integer", minimum=0),
        "Idempotent-Replayed": _field(
            "true where this is the first answer again, to a repeat of the command.", "string", enum=["true"]
        ),
        "WWW-Authenticate": _field("How to authenticate: Bearer.", "string"),
        "Allow": _field("The methods that the path takes.", "string"),
        "X-RateLimit-Limit": _field("Requests of the window; only where the key has a limit.", "integer", minimum=0),
        "X-RateLimit-Remaining": _field("Requests left in the window; only where the key has a limit.", "integer"),
        "X-RateLimit-Reset": _field(
            "When the window ends, in epoch seconds; only where the key has a limit.", "number"
        ),
    }
)
"""Name → header."""

ALWAYS = ("X-Request-ID", "X-Tiger-Mode")
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def refer_to_request_header(name: str) -> dict[str, Any]:
    """Return a reference to a header that a request may carry."""
    return {"$ref": f"#/components/parameters/{name}"}


def refer_to_headers(*names: str) -> dict[str, Any]:
    """Return the headers of a response by name: those of every response, and these."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*ALWAYS, *names)}
