"""Ask every read endpoint once, through the gateway's own views, and hold the answers against the published schemas."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import Flask, request

from app.access.permissions import Identity, Permission
from app.errors import GatewayError
from app.gateway import Gateway
from app.request_context import KEY, RequestContext
from app.web.description import JSON
from app.web.envelope import failure

HARMLESS: Final = "/api/trade/preview-order"
"""It needs the permission to trade, and changes nothing."""
EXAMPLE: Final = "AAPL"
"""The stock of the recorded requests, in whose place another one may be asked about; a fund or a Hong Kong stock stands
where no other kind is answered."""
KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict, "array": list, "string": str, "boolean": bool,
    "integer": int, "number": (int, float), "null": type(None),
}  # fmt: skip


def replay(
    app: Flask, gateway: Gateway, document: Mapping[str, Any], account: str, changes: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield each endpoint, what it answered, and where that does not fit; ``changes`` replace recorded fields."""
    prefix = document["servers"][0]["url"].rstrip("/")
    identity = Identity("certify", "certify", frozenset({account}), frozenset(Permission))
    for path, operations in document["paths"].items():
        operation = operations.get("post", {})
        if operation.get("x-permission") != "read" and path != HARMLESS:
            continue
        recorded = operation["requestBody"]["content"][JSON]["example"]
        body = _change(recorded, changes)
        endpoint, _ = app.url_map.bind("localhost").match(prefix + path, method="POST")
        # Both are new: what one request keeps the next must not find.
        with app.app_context(), app.test_request_context(prefix + path, json={**body, "account": account}):
            context = RequestContext(lambda: gateway, "certify", started_at=0, waited_before=0)
            context.identity, context.account, context.session = identity, account, gateway.tiger.session(account)
            request.environ[KEY] = context
            try:
                # Behind its guard, since there is no key.
                response = vars(app.view_functions[endpoint])["__wrapped__"]()
            except GatewayError as error:
                response = failure(error)
        answer = response.get_json()
        schema = operation["responses"]["200"]["content"][JSON]["schema"]
        misfits = sorted(set(find_misfits(document, schema, answer))) if answer["success"] else []
        code = {name: answer[name] for name in ("code", "tiger_code") if name in answer}
        yield {"endpoint": path, "status": response.status_code, **code, "misfits": misfits}


def _change(recorded: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recorded body with other values where they may stand; an expiry is left out, since it is over."""
    kept = {name for name in ("symbol", "symbols") if name in recorded and EXAMPLE not in recorded[name]}
    return {
        name: value if name in kept else changes.get(name, value)
        for name, value in recorded.items()
        if name != "expiry"
    }


def find_misfits(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any, at: str = "body") -> Iterator[str]:
    """Yield where a value does not fit a JSON schema, by member and kind, without a word of the value itself."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    named, options = schema.get("type", []), schema.get("anyOf", [])
    kinds = [named] if isinstance(named, str) else named
    is_kind = any(isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool) for kind in kinds)
    if (kinds and not is_kind) or (options and all(any(find_misfits(document, each, value)) for each in options)):
        yield f"{at} is {type(value).__name__}, not {' or '.join(kinds) or 'one of its kinds'}"
    elif value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at} is none of the values that it may have"
    elif isinstance(value, dict):
        members, further = schema.get("properties", {}), schema.get("additionalProperties") or {}
        yield from (f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value)
        for name, member in value.items():
            # What a schema does not name may be called by a symbol, or by worse.
            known, told = members.get(name, further), name if name in members else "*"
            yield from find_misfits(document, known, member, f"{at}.{told}")
    elif isinstance(value, list):
        for member in value:
            yield from find_misfits(document, schema.get("items", {}), member, f"{at}[]")
