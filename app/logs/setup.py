"""Configure logging: one line an event, with the request it belongs to and never a secret."""

import logging

from app.logs.lines import Context, configure_root
from app.settings import GatewaySettings


def configure_logging(settings: GatewaySettings, context: Context) -> None:
    """Send the lines of the whole process to standard error, as the settings say; a second call adds nothing."""
    # Libraries tell at info what they send, and at debug what they sign.
    for chatty in ("urllib3", "apscheduler", "alembic", "backoff"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    configure_root(settings, context)
