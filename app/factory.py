"""Put the application together: gateway, categories, error handlers, CORS, commands."""

import logging
from collections.abc import Container

import click
from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import cli
from app.config.credentials import ConfigurationError
from app.config.loader import load_settings
from app.errors import StorageUnavailable
from app.gateway import EXTENSION
from app.logs.setup import configure_logging
from app.operations.doctor.command import build_patient
from app.per_process import GatewayPerProcess
from app.plugins import find_blueprints
from app.request_context import describe_request
from app.settings import Settings
from app.web.cors import allow_origins
from app.web.error_handlers import answer_refusals, register_error_handlers
from app.web.guard import get_access
from app.web.request_log import log_requests

BLUEPRINT = "tiger_rest"

logger = logging.getLogger(__name__)


def build_application(settings: Settings | None = None) -> Flask:
    """Return the gateway as a Flask application of its own.

    Raises:
        ConfigurationError: A setting is wrong; the message names it and what to do.
        StorageUnavailable: The database does not answer.
    """
    try:
        return _build(settings or load_settings())
    except (ConfigurationError, StorageUnavailable) as error:
        if click.get_current_context(silent=True) is None:
            raise
        return build_patient(error)


def _build(settings: Settings) -> Flask:
    configure_logging(settings.gateway, describe_request)
    app = Flask(__name__, static_folder=None, instance_path=str(settings.instance))
    app.config["MAX_CONTENT_LENGTH"] = settings.gateway.max_body_bytes
    # What is no path of ours is not found: a redirect might send an order to where it was not sent.
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined] # The default provider has it.
    gateways = app.extensions[EXTENSION] = GatewayPerProcess(settings)
    # On the application, since requests that reach no blueprint, such as an unknown path, are answered alike.
    answer_alike(app, settings, gateways)
    answer_refusals(app)
    app.register_blueprint(build_blueprint())
    cli.register(app.cli, BLUEPRINT, gateways.get)
    if proxies := settings.gateway.trusted_proxies:
        trusted = dict.fromkeys(("x_for", "x_proto", "x_host", "x_prefix"), proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, **trusted)  # type: ignore[method-assign]
    refuse_unguarded(app)
    if settings.mode == "simulator":
        logger.warning("SIMULATOR MODE: prices, accounts and orders are simulated; nothing reaches Tiger")
    return app


def build_blueprint(name: str = BLUEPRINT) -> Blueprint:
    """Return the blueprint that holds every category."""
    parent = Blueprint(name, __name__)
    for category in find_blueprints():
        parent.register_blueprint(category)
    return parent


def answer_alike(target: Flask | Blueprint, settings: Settings, gateways: GatewayPerProcess) -> None:
    """Give every answer its request id, the mode and the CORS headers, and every error the standard envelope."""
    register_error_handlers(target)
    log_requests(target, gateways)
    allow_origins(target, settings.gateway.cors_origins, settings.agent_origins)


def refuse_unguarded(app: Flask, others: Container[str] = ()) -> None:
    """Stop the start over a route whose view does not say who may call it.

    Args:
        app: Whose routes to look at.
        others: Endpoints that are not ours.

    Raises:
        ConfigurationError: A view carries no guard, or carries it above its route decorator.
    """
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in others and get_access(app.view_functions[rule.endpoint]) is None:
            raise ConfigurationError(
                f"route {rule.rule} has no guard: put @guard(Access.…) under its route decorator, "
                "Access.PUBLIC where anyone may call it"
            )
