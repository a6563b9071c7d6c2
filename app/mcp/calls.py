"""Call a tool: check what only a tool knows, ask its route, count and log how it ended."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from app.access.permissions import Access, Identity
from app.errors import ConfirmationRequired, GatewayError, InvalidRequest
from app.mcp.definitions import Definition
from app.mcp.protocol import INVALID_PARAMS, ProtocolError
from app.mcp.recording import record_call
from app.mcp.results import Result, get_advice, get_failure, get_result
from app.mcp.routes import call_route
from app.mcp.tools import CLIENT_ORDER_ID, CONFIRM_TOKEN, Effect
from app.request_context import CONFIRMED, get_context
from app.web.guard import count_request
from app.web.order_requests import get_confirmed_key
from app.web.refusals import record_refusal


def call_tool(params: Mapping[str, Any], identity: Identity, definitions: Mapping[str, Definition]) -> Result:
    """Return the result of a call; what goes wrong with it is a result as well, for the model to read.

    Raises:
        ProtocolError: There is no such tool, or its arguments are no object.
        RateLimited: What never came to a route, which counts its requests itself, was too much for the key's limit.
        StorageUnavailable: It cannot be counted.
    """
    name, arguments = params.get("name"), params.get("arguments")
    definition = definitions.get(name) if isinstance(name, str) else None
    if definition is None:
        count_request()
        raise ProtocolError(INVALID_PARAMS, "Unknown tool: tools/list names those there are.")
    if not isinstance(arguments := {} if arguments is None else arguments, dict):
        count_request()
        raise ProtocolError(INVALID_PARAMS, "arguments must be an object.")
    started_at = time.perf_counter()
    result, outcome = _call(definition, arguments)
    record_call(definition.tool, arguments, outcome, time.perf_counter() - started_at, get_context(), identity)
    return result


def _call(definition: Definition, arguments: Mapping[str, Any]) -> tuple[Result, str]:
    tool, route = definition.tool, definition.route
    if unknown := sorted(str(name) for name in arguments.keys() - definition.takes):
        taken = ", ".join(sorted(definition.takes)) or "nothing"
        error = f"No such argument: {', '.join(unknown)[:200]}. {tool.name} takes {taken}."
        return _refuse(InvalidRequest(error))
    if missing := sorted(name for name in definition.needs if arguments.get(name) is None):
        error = f"{tool.name} needs {', '.join(missing)}. Nothing was sent."
        return _refuse(ConfirmationRequired(error) if CONFIRM_TOKEN in missing else InvalidRequest(error))
    for name, choices in tool.only.items():
        if arguments.get(name) is not None and arguments[name] not in choices:
            return _refuse(InvalidRequest(f"{name} is one of {', '.join(choices)} here. Nothing was sent."))
    if route.access is Access.PUBLIC:
        count_request()
    key = get_idempotency_key(definition, arguments)
    is_placement = CONFIRM_TOKEN in tool.takes
    known = {CLIENT_ORDER_ID: key or arguments[CLIENT_ORDER_ID]} if is_placement else {}
    # Where the setting asks for none, the API key may all the same: its guard says so.
    marks = {CONFIRMED: True} if tool.is_confirmed and CLIENT_ORDER_ID not in definition.needs else {}
    return get_result(tool, call_route(route.method, route.path, arguments, idempotency_key=key, **marks), known)


def _refuse(error: GatewayError) -> tuple[Result, str]:
    """Return what is refused before it comes to a route, counted and recorded as routes do."""
    count_request()
    record_refusal(get_context(), error)
    return get_failure({"code": error.code, "error": error.message, "what_to_do": get_advice(error.code)}), error.code


def get_idempotency_key(definition: Definition, arguments: Mapping[str, Any]) -> str | None:
    """Return the key under which a command runs; None where the model names one, or nothing is commanded.

    A placement is named by its confirmation, which was given for this one order: a client's repeat of the call finds
    the order, and a second order needs another preview. To change or cancel an order twice alike does nothing further.
    """
    if definition.tool.effect is not Effect.COMMANDS or isinstance(arguments.get(CLIENT_ORDER_ID), str):
        return None
    token = arguments.get(CONFIRM_TOKEN)
    if isinstance(token, str):
        return get_confirmed_key(token)
    return f"mcp-{uuid.uuid4().hex}"
