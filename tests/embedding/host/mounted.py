"""The gateway inside the host, in the place of the gateway by itself, for the tests of its endpoints."""

import tempfile
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from tiger_rest import TigerRest
from tiger_rest.app.settings import Settings

from app import create_host

PREFIX = "/tiger"


class PrefixedClient(FlaskClient):
    """Find the gateway's paths where the host has them."""

    def open(self, path, *args, **kwargs):
        """Send a request to a path of the gateway."""
        return super().open(PREFIX + path, *args, **kwargs)


def create_app(settings: Settings) -> Flask:
    """Return a host with a gateway that has these settings."""
    host = create_host(Path(tempfile.mkdtemp()))
    host.test_client_class = PrefixedClient
    TigerRest(host, url_prefix=PREFIX, settings=settings)
    return host
