"""Metrics for Prometheus; the setting ``metrics.enabled`` switches them off."""

from flask import Blueprint, Response, request

from app.access.permissions import Access
from app.errors import NotFound
from app.operations.scrape import scrape
from app.request_context import current_gateway
from app.web.description import answers
from app.web.guard import guard

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/metrics")
@guard(Access.PUBLIC)
@answers(None, NotFound, media_type="text/plain")
def metrics() -> Response:
    """Return what all workers have counted, in the text format of Prometheus."""
    return scrape(current_gateway(), request.headers.get("Accept", ""))
