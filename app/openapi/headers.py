"""The headers of requests and responses, as components of the document."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_VISIBLE_ASCII = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}

REQUEST_HEADERS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "X-Request-ID": {
            "name": "X-Request-ID",
            "in": "header",
            "description": (
                "Your own id of the request: up to 128 letters, digits and . _ : - characters. "
                "It comes back, and it stands in the log; without one of this form, the gateway makes one."
            ),
            "schema": {"type": "string"},
        },
        "Idempotency-Key": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": (
                "Makes a repeat of the command safe: the same key with the same body gives the first answer again, "
                "with another body 409. It belongs to the API key and the account, and is kept for a day at least."
            ),
            "schema": _VISIBLE_ASCII,
        },
        "Cache-Control": {
            "name": "Cache-Control",
            "in": "header",
            "description": "no-cache asks Tiger again even where a young answer is at hand.",
            "schema": {"type": "string", "examples": ["no-cache"]},
        },
    }
)
"""Name → parameter. Authorization is not among them: OpenAPI says it by ``security``."""

RESPONSE_HEADERS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "X-Request-ID": {
            "description": "The id of this request, for reports and for the log.",
            "required": True,
            "schema": {"type": "string"},
        },
        "X-Tiger-Mode": {
            "description": "What is at the other end: Tiger, or the simulator.",
            "required": True,
            "schema": {"type": "string", "enum": ["simulator", "live"]},
        },
        "Retry-After": {
            "description": "Seconds to wait before trying again.",
            "schema": {"type": "integer", "minimum": 1},
        },
        "Age": {
            "description": "Seconds since Tiger gave this answer; only where it was at hand already.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "Idempotent-Replayed": {
            "description": "true where this is the first answer again, to a repeat of the command.",
            "schema": {"type": "string", "enum": ["true"]},
        },
        "WWW-Authenticate": {"description": "How to authenticate: Bearer.", "schema": {"type": "string"}},
        "Allow": {"description": "The methods that the path takes.", "schema": {"type": "string"}},
        "X-RateLimit-Limit": {
            "description": "Requests of the window; only where the key has a limit.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "X-RateLimit-Remaining": {
            "description": "Requests left in the window; only where the key has a limit.",
            "schema": {"type": "integer"},
        },
        "X-RateLimit-Reset": {
            "description": "When the window ends, in epoch seconds; only where the key has a limit.",
            "schema": {"type": "number"},
        },
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
