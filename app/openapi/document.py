"""Put the OpenAPI document together."""

from typing import Any

from flask import Flask

from app.access.permissions import Access
from app.openapi.examples import Examples, read_examples
from app.openapi.headers import REQUEST_HEADERS, RESPONSE_HEADERS, refer_to_request_header
from app.openapi.json_schemas import Components
from app.openapi.links import get_links
from app.openapi.responses import Responses
from app.openapi.routes import Route, get_categories, get_routes
from app.version import __version__
from app.web.description import JSON

SECURITY_SCHEME = "api_key"
PATH_EXAMPLES = {"name": "page.css"}
TITLE = "Tiger REST gateway"
DESCRIPTION = """\
Tiger Brokers over plain HTTP: JSON in, JSON out, several accounts behind one service, keys that can do only what they should.

**Envelope.** A success holds `success` (true), `data`, `account` and `timestamp`; an error `success` (false), `error` (a
sentence for a person), `code` (for a machine), `account`, `timestamp` and `request_id`, and `details`, `tiger_code`,
`retryable`, `retry_after` and `data` where they apply. An unknown path, a wrong method (405 `method_not_allowed`, with the
header `Allow`) and a body that is no JSON are answered so too.

**Values.** Order ids are strings: they are larger than a double can count. What Tiger leaves out is null. Times inside
`data` are epoch milliseconds unless they say otherwise.

**Access.** `Authorization: Bearer <api key>`. A key has permissions (`read`, `trade`, `admin`, each on its own) and accounts.
Where no Tiger credentials are configured the simulator answers, `X-Tiger-Mode` says `simulator`, and the keys
`client_key_001` (all accounts, everything) and `client_key_demo` (account 20240830213609658, read and trade) work.

**Orders.** An order command ends as accepted (200), denied by the gateway (400, 429, 503: nothing was sent), rejected by
Tiger (422) or unknown (202 `order_state_unknown`), which is neither success nor failure. With an `Idempotency-Key` a repeat is safe.
"""  # noqa: E501 - paragraphs for a page.


def build_document(app: Flask, outer: str, *, prefix: str = "", server: str = "/") -> dict[str, Any]:
    """Return the OpenAPI document of one gateway.

    Args:
        app: The application it is registered with.
        outer: The name of its outer blueprint.
        prefix: What stands before every path of it in the application.
        server: The URL that paths hang under, as clients see it.
    """
    routes = get_routes(app, outer, prefix)
    components, examples = Components(), read_examples()
    responses = Responses(components, examples)
    operations = {route.operation for route in routes}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        described = describe_operation(route, components, responses, examples)
        if links := get_links(route.line, operations):
            described["responses"]["200"]["links"] = links
        paths.setdefault(route.path, {})[route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": __version__,
            "summary": "A self-hosted REST gateway for Tiger Brokers.",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "tags": [
            {"name": name, "description": description}
            for name, description in get_categories(app, routes, outer).items()
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                SECURITY_SCHEME: {"type": "http", "scheme": "bearer", "description": "An API key of this gateway."}
            },
            "parameters": dict(REQUEST_HEADERS),
            "headers": dict(RESPONSE_HEADERS),
            "responses": dict(sorted(responses.shared.items())),
            "schemas": dict(sorted(components.schemas.items())),
        },
    }


def describe_operation(
    route: Route, components: Components, responses: Responses, examples: Examples
) -> dict[str, Any]:
    """Return one operation: what it is, who may call it, what it takes and what it answers."""
    described: dict[str, Any] = {
        "operationId": route.operation,
        "tags": [route.category],
        "summary": route.summary,
        "description": "\n\n".join(filter(None, (route.documentation, _describe_access(route.access)))),
        "x-permission": route.access.value,
        "security": [] if route.access is Access.PUBLIC else [{SECURITY_SCHEME: _get_roles(route.access)}],
        "parameters": [
            *_describe_variables(route.path),
            *_describe_query(route, components),
            *map(refer_to_request_header, _get_request_headers(route)),
        ],
    }
    if route.request is not None:
        content: dict[str, Any] = {"schema": components.refer(route.request)}
        if (example := examples.requests.get(route.line)) is not None:
            content["example"] = example
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    described["responses"] = responses.describe(route)
    return described


def _describe_access(access: Access) -> str:
    if access is Access.PUBLIC:
        return "Anyone may call it."
    if access.permission is None:
        return "Any valid API key may call it."
    return f"The API key needs the permission `{access.permission.value}`."


def _get_roles(access: Access) -> list[str]:
    return [access.permission.value] if access.permission else []


def _describe_variables(path: str) -> list[dict[str, Any]]:
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "example": PATH_EXAMPLES.get(name, ""),
        }
        for name in names
    ]


def _describe_query(route: Route, components: Components) -> list[dict[str, Any]]:
    """Return the parameters that stand in the query of the address; lists are written with commas."""
    if route.query is None:
        return []
    described = components.describe(route.query)
    required = described.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            **({"description": schema["description"]} if "description" in schema else {}),
            "required": name in required,
            **({"style": "form", "explode": False} if schema.get("type") == "array" else {}),
            "schema": {word: part for word, part in schema.items() if word != "description"},
        }
        for name, schema in described["properties"].items()
    ]


def _get_request_headers(route: Route) -> list[str]:
    names = ["X-Request-ID"]
    if route.access is Access.READ:
        names.append("Cache-Control")
    if route.is_idempotent:
        names.append("Idempotency-Key")
    return names
