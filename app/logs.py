"""Configure logging: one line an event, on standard error, with the request's id and never a secret."""

import logging
import sys
from collections.abc import Mapping

from flask import has_request_context

from app.context import g
from app.log_lines import JsonFormatter, RedactingFormatter, get_formatter
from app.settings import GatewaySettings


def configure_logging(settings: GatewaySettings) -> None:
    """Send the lines of the whole process to standard error, as the settings say; a second call changes nothing."""
    root = logging.getLogger()
    root.setLevel(settings.log_level.upper())
    # Libraries tell at info what they send, and at debug what they sign.
    for chatty in ("urllib3", "apscheduler", "alembic", "backoff"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if not any(isinstance(handler.formatter, RedactingFormatter | JsonFormatter) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(get_formatter(settings.log_format, get_request_context))
        root.addHandler(handler)


def get_request_context() -> Mapping[str, str]:
    """Return the id of the running request, and the key's name and the account as far as they are known."""
    if not has_request_context():
        return {}
    known = {"request_id": g.get("request_id", "-")}
    if identity := g.get("identity"):
        known["key"] = identity.name
    if account := g.get("account"):
        known["account"] = account
    return known
