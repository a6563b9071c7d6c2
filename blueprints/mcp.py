"""Agents: tools for models, by the Model Context Protocol."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import NotFound
from app.mcp.protocol import PATH
from app.request_context import current_gateway
from app.web.guard import guard

blueprint = Blueprint("agents", __name__)


@blueprint.post(PATH)
@guard(Access.KEY, carries_requests=True)
def mcp() -> Response:
    """Answer a message of the Model Context Protocol: list the tools of this API key, or call one."""
    if not current_gateway().settings.mcp.enabled:
        raise NotFound("The setting mcp.enabled switches this off.")
    # With it comes the description of the API, which a worker's start does not wait for.
    from app.mcp.server import answer_message  # noqa: PLC0415

    return answer_message()
