"""Agents: tools for models, by the Model Context Protocol."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import NotFound
from app.mcp.server import answer_message
from app.request_context import current_gateway
from app.web.guard import guard

blueprint = Blueprint("agents", __name__)


@blueprint.post("/mcp")
@guard(Access.KEY, carries_requests=True)
def mcp() -> Response:
    """Answer a message of the Model Context Protocol: list the tools of this API key, or call one."""
    if not current_gateway().settings.mcp.enabled:
        raise NotFound("The setting mcp.enabled switches this off.")
    return answer_message()
