"""Mount a gateway in a host's Flask application, and leave everything else there as it was."""

import functools
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from flask import Blueprint, Flask, current_app, request
from flask.cli import AppGroup
from werkzeug.routing import Map

from app import cli
from app.access.authentication import Authenticate
from app.access.permissions import Access
from app.config.credentials import ConfigurationError
from app.config.loader import load_settings
from app.errors import NotFound
from app.factory import BLUEPRINT, answer_alike, build_blueprint, refuse_unguarded
from app.gateway import Gateway
from app.per_process import GatewayPerProcess
from app.settings import Settings
from app.web.cors import UNKNOWN
from app.web.guard import guard

MOUNTED = f"{BLUEPRINT}_prefixes"
ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")


class TigerRest:
    """A gateway inside a host application: ``TigerRest(app, url_prefix="/tiger")``, or ``init_app`` later.

    The host's routes, error pages, CORS, environment, logging, scheduler and migrations stay its own. Several gateways,
    under different prefixes, share nothing.
    """

    def __init__(
        self,
        host: Flask | None = None,
        *,
        url_prefix: str = "/tiger",
        settings: Settings | Mapping[str, Any] | None = None,
        authenticate: Authenticate | None = None,
        database_url: str | None = None,
        instance: str | Path | None = None,
    ) -> None:
        """Say what to mount; with a host, mount it now.

        Args:
            host: The application that the gateway becomes a part of.
            url_prefix: Where in it.
            settings: A mapping in the form of ``tiger-rest.toml``; the environment is then not looked at. By default
                the file and the ``TIGER_REST_…`` variables say, as for a gateway by itself.
            authenticate: Return who sent a request, or None for nobody known. By default callers have API keys.
            database_url: The database, in the place of ``gateway.database_url``.
            instance: The folder the gateway writes to; by default one named as the gateway in the host's own.

        Raises:
            ConfigurationError: With a host, as ``init_app``.
        """
        self._url_prefix = "/" + url_prefix.strip("/")
        self._settings = settings
        self._authenticate = authenticate
        self._database_url = database_url
        self._instance = instance
        self._name = BLUEPRINT
        if host is not None:
            self.init_app(host)

    def init_app(self, host: Flask) -> None:
        """Mount the gateway.

        Raises:
            ConfigurationError: A setting is wrong, or there is a gateway at this prefix already; the message names it
                and what to do.
            StorageUnavailable: The database does not answer.
        """
        mounted: dict[str, str] = host.extensions.setdefault(MOUNTED, {})
        self._name = self._choose_name(mounted)
        settings = self._load_settings(host)
        gateways = host.extensions[self._name] = GatewayPerProcess(settings, self._authenticate)
        blueprint = build_blueprint(self._name)
        answer_alike(blueprint, settings, gateways)
        blueprint.before_request(lambda: _limit_body(settings.gateway.max_body_bytes))
        if self._url_prefix != "/":
            _answer_unknown_paths(blueprint)
        # A plugin may put a route on the application itself, where no prefix and no blueprint say that it is ours.
        others = frozenset(host.view_functions)
        host.register_blueprint(blueprint, url_prefix=self._url_prefix)
        refuse_unguarded(host, others)
        mounted[self._url_prefix] = self._name
        group = AppGroup(self._name.replace("_", "-"), help="Commands of the Tiger gateway.")
        cli.register(group, self._name, gateways.get, is_embedded=True)
        host.cli.add_command(group)

    @property
    def gateway(self) -> Gateway:
        """Return the gateway of this process, inside a context of the host application."""
        gateways: GatewayPerProcess = current_app.extensions[self._name]
        return gateways.get()

    def _choose_name(self, mounted: Mapping[str, str]) -> str:
        """Return the name of the blueprint and the commands; a second gateway is named by its prefix too."""
        name = (
            f"{BLUEPRINT}_{re.sub(r'[^a-z0-9]+', '_', self._url_prefix.lower()).strip('_')}" if mounted else BLUEPRINT
        )
        taken = self._url_prefix if self._url_prefix in mounted else {mounted[at]: at for at in mounted}.get(name)
        if taken is not None:
            raise ConfigurationError(
                f"url_prefix {self._url_prefix}: this application has a gateway at {taken} already: "
                "mount it once, or a second one under another prefix"
            )
        return name

    def _load_settings(self, host: Flask) -> Settings:
        if isinstance(self._settings, Settings):
            return self._settings
        environ = dict(os.environ) if self._settings is None else {}
        if self._instance is not None or "TIGER_REST_INSTANCE" not in environ:
            environ["TIGER_REST_INSTANCE"] = str(self._instance or Path(host.instance_path, self._name))
        if self._database_url is not None:
            environ["TIGER_REST_GATEWAY__DATABASE_URL"] = self._database_url
        return load_settings(environ, self._settings)


def _limit_body(most_bytes: int) -> None:
    request.max_content_length = most_bytes


def _answer_unknown_paths(blueprint: Blueprint) -> None:
    """Answer, under the prefix, paths that lead nowhere and methods that a path does not take.

    Flask finds the route before the blueprint, so without a route of our own these errors would be the host's.
    """

    @blueprint.route("/", endpoint=UNKNOWN, methods=ANY_METHOD)
    @blueprint.route(f"/<path:{UNKNOWN}>", endpoint=UNKNOWN, methods=ANY_METHOD)
    @guard(Access.PUBLIC)
    def answer_unknown(**_path: str) -> NoReturn:
        get_known(current_app).bind("").match(request.path, request.method)
        raise NotFound("Nothing is here.")

    @functools.cache
    def get_known(app: Flask) -> Map:
        """Return the routes of this blueprint but for the one above: its search raises what fits."""
        ours = (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{blueprint.name}."))
        return Map([rule.empty() for rule in ours if rule.endpoint != f"{blueprint.name}.{UNKNOWN}"])
