"""A REST gateway for Tiger Brokers, by itself or inside a Flask application.

By itself: ``gunicorn -c python:tiger_rest.gunicorn_conf tiger_rest.wsgi:app``.
Inside another: ``TigerRest(app, url_prefix="/tiger")``.
"""

from app.access.permissions import Identity, Permission
from app.config.credentials import ConfigurationError
from app.embedding import TigerRest
from app.version import __version__

__all__ = ["ConfigurationError", "Identity", "Permission", "TigerRest", "__version__"]
