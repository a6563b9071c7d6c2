import pytest
from flask import Flask

from app.factory import BLUEPRINT
from app.openapi.document import build_document
from app.openapi.routes import Route, get_routes
from tests.openapi.story import Chapter, tell_story
from tests.support.client import Client


@pytest.fixture
def document(app: Flask):
    """Build the document of the gateway under test."""
    return build_document(app, BLUEPRINT)


@pytest.fixture
def routes(app: Flask) -> list[Route]:
    """List every route of the gateway under test."""
    return get_routes(app, BLUEPRINT)


@pytest.fixture
def story(client: Client) -> list[Chapter]:
    """Ask every endpoint once."""
    return list(tell_story(client))
