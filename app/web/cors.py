"""Answer browsers that ask for a page of another origin, as the setting ``gateway.cors_origins`` says."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, Response, current_app
from flask_cors import cross_origin
from werkzeug.routing import Rule

from app.access.permissions import Access
from app.request_context import get_request
from app.web.guard import get_access, speaks_rest

UNKNOWN = "unknown"
"""The endpoint, in a host application, of what leads nowhere under our prefix."""
CACHEABLE = frozenset({"GET", "HEAD"})
METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
EXPOSED_HEADERS = [
    *("Age", "Allow", "Idempotent-Replayed", "Retry-After", "WWW-Authenticate"),
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-ID", "X-Tiger-Mode"),
]
PREFLIGHT_SECONDS = 7_200
"""How long a browser may keep what a preflight said: the most that Chromium does."""


def allow_origins(target: Flask | Blueprint, origins: Sequence[str], of_agents: Sequence[str] = ()) -> None:
    """Let pages of these origins, or of any with ``*``, read the answers of routes that ask for a key.

    ``of_agents`` are the origins whose pages may call what speaks another protocol, in their place.

    Whatever is open to all would, at a gateway on loopback, be open to every page that its user visits. A request that
    names no origin comes from no page and costs nothing.
    """
    add_headers, add_headers_for_agents = _build(origins), _build(of_agents)

    @target.after_request
    def answer_origin(response: Response) -> Response:
        request = get_request()
        view = None if request.url_rule is None else current_app.view_functions[request.url_rule.endpoint]
        if _is_open_to_all(request.url_rule):
            return response
        has_origin = "Origin" in request.headers
        if has_origin or request.method in CACHEABLE:
            # What is kept of this answer must not be given to a page of another origin.
            response.vary.add("Origin")
        if not has_origin:
            return response
        return add_headers(response) if speaks_rest(view) else add_headers_for_agents(response)


def _build(origins: Sequence[str]) -> Callable[[Response], Response]:
    """Return what adds the headers for these origins; where there are none, it adds none."""

    def keep(response: Response) -> Response:
        return response

    if not origins:
        return keep
    # Every option is named: what is left out is taken from the configuration of a host application.
    return cross_origin(
        origins=list(origins),
        methods=METHODS,
        allow_headers="*",
        expose_headers=EXPOSED_HEADERS,
        max_age=PREFLIGHT_SECONDS,
        supports_credentials=False,
        send_wildcard=False,
        always_send=False,
        vary_header=False,
        allow_private_network=False,
        automatic_options=False,
    )(keep)


def _is_open_to_all(rule: Rule | None) -> bool:
    """Return whether the route asks for no key; where there is none, the answer gives nothing away."""
    if rule is None or rule.endpoint.endswith(f".{UNKNOWN}"):
        return False
    return get_access(current_app.view_functions[rule.endpoint]) is Access.PUBLIC
