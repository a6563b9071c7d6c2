"""Write down what agents did: a count and a line for each call, and in the audit trail a row for each command."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.access.permissions import Identity
from app.audit import events
from app.audit.actors import name_client
from app.errors import StorageUnavailable
from app.logs.lines import Event
from app.logs.redaction import redact
from app.mcp.tools import Effect, Tool
from app.request_context import RequestContext

GIVEN = ("ok", "unknown")
LONGEST_ACCOUNT = 32

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


def record_call(
    tool: Tool, arguments: Mapping[str, Any], outcome: str, seconds: float, context: RequestContext, identity: Identity
) -> None:
    """Count and log a call; a command that was given is a row of the audit trail as well.

    A command that was refused is there already, by its route or as what never came to one. That a row cannot be
    written changes nothing: the command's own rows are in the transaction of the command.
    """
    context.gateway.metrics.count_tool_call(tool.name, outcome)
    account = arguments.get("account")
    account = None if account is None else str(account)[:LONGEST_ACCOUNT]
    if logger.isEnabledFor(logging.INFO):
        shown = account if account is None or account.isalnum() else json.dumps(redact(account))
        logger.info(ToolCalled(context.request_id, tool.name, outcome, seconds, identity.name, shown))
    if tool.effect is Effect.COMMANDS and outcome in GIVEN:
        details = {"tool": tool.name, "outcome": outcome, "request_id": context.request_id}
        actor = name_client(identity.key_id, identity.name)
        try:
            context.gateway.trail.note(events.TOOL_CALLED, actor, account=account, details=details)
        except StorageUnavailable:
            logger.warning("A call of %s could not be recorded: the database does not answer", tool.name)
