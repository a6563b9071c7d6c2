"""Call a tool: check what only a tool knows, ask its route, count and log how it ended."""

import hashlib
import json
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.access.permissions import Identity
from app.logs.lines import Event
from app.logs.redaction import redact
from app.mcp.definitions import Definition
from app.mcp.protocol import INVALID_PARAMS, ProtocolError
from app.mcp.results import Result, get_advice, get_failure, get_result
from app.mcp.routes import call_route
from app.mcp.tools import CLIENT_ORDER_ID, CONFIRM_TOKEN, Effect
from app.request_context import CONFIRMED, get_context

INVALID, UNCONFIRMED = "invalid_request", "confirmation_required"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ToolCalled(Event):
    """One line for a call of a tool; what it was called with stays out of it."""

    request_id: str
    tool: str
    outcome: str
    seconds: float
    key: str
    account: str | None

    def __str__(self) -> str:
        """Return the line for people."""
        return (
            f"tool {self.tool} {self.outcome} {self.seconds * 1_000:.1f} ms "
            f"key={self.key!r} account={self.account or '-'}"
        )

    def get_fields(self) -> Mapping[str, Any]:
        """Return the members of the line for machines."""
        return {
            "message": "tool",
            "request_id": self.request_id,
            "tool": self.tool,
            "outcome": self.outcome,
            "milliseconds": round(self.seconds * 1_000, 3),
            "key": self.key,
            "account": self.account,
        }


def call_tool(params: Mapping[str, Any], identity: Identity, definitions: Mapping[str, Definition]) -> Result:
    """Return the result of a call; what goes wrong with it is a result as well, for the model to read.

    Raises:
        ProtocolError: There is no such tool, or its arguments are no object.
    """
    name, arguments = params.get("name"), params.get("arguments")
    definition = definitions.get(name) if isinstance(name, str) else None
    if definition is None:
        raise ProtocolError(INVALID_PARAMS, "Unknown tool: tools/list names those there are.")
    if not isinstance(arguments := {} if arguments is None else arguments, dict):
        raise ProtocolError(INVALID_PARAMS, "arguments must be an object.")
    started_at = time.perf_counter()
    result, outcome = _call(definition, arguments)
    seconds, context = time.perf_counter() - started_at, get_context()
    context.gateway.metrics.count_tool_call(definition.tool.name, outcome)
    if logger.isEnabledFor(logging.INFO):
        account = arguments.get("account")
        account = None if account is None else str(account)[:32]
        shown = account if account is None or account.isalnum() else json.dumps(redact(account))
        line = ToolCalled(context.request_id, definition.tool.name, outcome, seconds, identity.name, shown)
        logger.info(line)
    return result


def _call(definition: Definition, arguments: Mapping[str, Any]) -> tuple[Result, str]:
    tool, route = definition.tool, definition.route
    if unknown := sorted(str(name) for name in arguments.keys() - definition.takes):
        taken = ", ".join(sorted(definition.takes)) or "nothing"
        error = f"No such argument: {', '.join(unknown)[:200]}. {tool.name} takes {taken}."
        return _refuse(INVALID, error)
    if missing := sorted(name for name in definition.needs if arguments.get(name) is None):
        error = f"{tool.name} needs {', '.join(missing)}. Nothing was sent."
        return _refuse(UNCONFIRMED if CONFIRM_TOKEN in missing else INVALID, error)
    key = get_idempotency_key(definition, arguments)
    is_placement = CONFIRM_TOKEN in tool.takes
    known = {CLIENT_ORDER_ID: key or arguments[CLIENT_ORDER_ID]} if is_placement else {}
    # Where the setting asks for none, the API key may all the same: its guard says so.
    marks = {CONFIRMED: True} if tool.is_confirmed and CLIENT_ORDER_ID not in definition.needs else {}
    return get_result(tool, call_route(route.method, route.path, arguments, idempotency_key=key, **marks), known)


def _refuse(code: str, error: str) -> tuple[Result, str]:
    return get_failure({"code": code, "error": error, "what_to_do": get_advice(code)}), code


def get_idempotency_key(definition: Definition, arguments: Mapping[str, Any]) -> str | None:
    """Return the key under which a command runs; None where the model names one, or nothing is commanded.

    A placement is named by its confirmation, which was given for this one order: a client's repeat of the call finds
    the order, and a second order needs another preview. To change or cancel an order twice alike does nothing further.
    """
    if definition.tool.effect is not Effect.COMMANDS or isinstance(arguments.get(CLIENT_ORDER_ID), str):
        return None
    token = arguments.get(CONFIRM_TOKEN)
    if isinstance(token, str):
        return f"mcp-{hashlib.sha256(token.encode(errors='surrogatepass')).hexdigest()[:40]}"
    return f"mcp-{uuid.uuid4().hex}"
