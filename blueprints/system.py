"""Health and the list of endpoints: open to anyone who reaches the service."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.operations.endpoints import list_endpoints
from app.operations.health import get_health, get_readiness
from app.request_context import current_gateway
from app.web.description import answers
from app.web.envelope import bare, success
from app.web.guard import guard
from schemas.answers.system import EndpointsAnswer, HealthAnswer, LiveAnswer, ReadinessAnswer

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@guard(Access.PUBLIC)
@answers(HealthAnswer, bare=True)
def health() -> Response:
    """Show that the service runs, and what it offers."""
    return bare(get_health(current_gateway()))


@blueprint.get("/health/live")
@guard(Access.PUBLIC)
@answers(LiveAnswer, bare=True)
def live() -> Response:
    """Show that the process answers."""
    return bare({"status": "healthy"})


@blueprint.get("/health/ready")
@guard(Access.PUBLIC)
@answers(ReadinessAnswer, bare=True, statuses=(200, 503))
def ready() -> Response:
    """Show whether requests can be served, and if not, why (503)."""
    readiness = get_readiness(current_gateway())
    return bare(readiness, 200 if readiness["ready"] else 503)


@blueprint.get("/api/endpoints")
@guard(Access.PUBLIC)
@answers(EndpointsAnswer)
def endpoints() -> Response:
    """List every endpoint, grouped by category."""
    return success(list_endpoints())
