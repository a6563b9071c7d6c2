"""The documentation: the OpenAPI document, and a page to read and try it on."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import NotFound
from app.openapi.pages import get_document, get_page, get_page_file
from app.web.description import answers
from app.web.guard import guard

blueprint = Blueprint("documentation", __name__)


@blueprint.get("/openapi.json")
@guard(Access.PUBLIC)
@answers(None, bare=True)
def openapi_json() -> Response:
    """Return this description of the API as JSON."""
    return get_document("json")


@blueprint.get("/openapi.yaml")
@guard(Access.PUBLIC)
@answers(None, media_type="application/yaml")
def openapi_yaml() -> Response:
    """Return this description of the API as YAML."""
    return get_document("yaml")


@blueprint.get("/docs")
@guard(Access.PUBLIC)
@answers(None, media_type="text/html")
def page() -> Response:
    """Show this description as a page to read and to try."""
    return get_page()


@blueprint.get("/docs/<name>")
@guard(Access.PUBLIC)
@answers(None, NotFound, media_type="*/*")
def page_file(name: str) -> Response:
    """Return a file of the page: a script, a style sheet, an icon or a licence."""
    return get_page_file(name)
