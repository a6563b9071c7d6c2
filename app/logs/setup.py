"""Configure logging: one line an event, with the request it belongs to and never a secret."""

import logging
from collections.abc import Mapping

from flask import has_request_context

from app.logs.lines import configure_root
from app.request_context import g
from app.settings import GatewaySettings


def configure_logging(settings: GatewaySettings) -> None:
    """Send the lines of the whole process to standard error, as the settings say; a second call adds nothing."""
    # Libraries tell at info what they send, and at debug what they sign.
    for chatty in ("urllib3", "apscheduler", "alembic", "backoff"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    configure_root(settings, get_request_context)


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
