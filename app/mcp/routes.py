"""Send a request to a route of the gateway from within a request, in the name of the same caller."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Response, current_app

from app.request_context import CARRIED, get_context, get_request
from app.server.names import ARRIVED_AT

KEPT = frozenset(
    {"REMOTE_ADDR", "REMOTE_PORT", "REMOTE_USER", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"}
    | {"wsgi.version", "wsgi.url_scheme", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"}
    | {ARRIVED_AT}
)
LEFT_OUT = (
    "HTTP_MCP_",
    "HTTP_CONTENT_",
    "HTTP_ACCEPT",
    "HTTP_ORIGIN",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_IDEMPOTENCY_KEY",
)
"""Headers that are about the message, not about who sends it."""


def call_route(
    method: str, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None, **marks: Any
) -> Response:
    """Return the answer of a route, errors included; its request has the id of the one that runs.

    Whatever knows a caller by a request knows this one: its headers, such as a host's cookies, are the same.
    ``marks`` go into its environment, where no client can write.
    """
    outer = get_request().environ
    environ: dict[str, Any] = {
        name: value
        for name, value in outer.items()
        if name in KEPT or (name.startswith("HTTP_") and not name.startswith(LEFT_OUT))
    }
    environ.update(
        REQUEST_METHOD=method,
        PATH_INFO=path,
        QUERY_STRING="",
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH="2",
        HTTP_X_REQUEST_ID=get_context().request_id,
    )
    environ["wsgi.input"] = BytesIO(b"{}")
    environ[CARRIED] = dict(body)
    if idempotency_key is not None:
        environ["HTTP_IDEMPOTENCY_KEY"] = idempotency_key
    environ.update(marks)
    with current_app.request_context(environ):
        return current_app.full_dispatch_request()
