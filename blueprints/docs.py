"""The documentation: the OpenAPI document, and a page to read and try it on."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import NotFound
from app.openapi.publishing import publish_document, publish_file, publish_page
from app.web.description import answers
from app.web.guard import guard

blueprint = Blueprint("documentation", __name__)


@blueprint.get("/openapi.json")
@guard(Access.PUBLIC)
@answers(None, bare=True)
def openapi_json() -> Response:
    """Return this description of the API as JSON."""
    return publish_document("json")


@blueprint.get("/openapi.yaml")
@guard(Access.PUBLIC)
@answers(None, media_type="application/yaml")
def openapi_yaml() -> Response:
    """Return this description of the API as YAML."""
    return publish_document("yaml")


@blueprint.get("/docs")
@guard(Access.PUBLIC)
@answers(None, media_type="text/html")
def page() -> Response:
    """Show this description as a page to read and to try."""
    return publish_page()


@blueprint.get("/docs/<name>")
@guard(Access.PUBLIC)
@answers(None, NotFound, media_type="*/*")
def page_file(name: str) -> Response:
    """Return a file of the page: a script, a style sheet, an icon or a licence."""
    return publish_file(name)
