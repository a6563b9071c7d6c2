"""Configure logging: one line an event, on standard error, with the request's id and never a secret."""

import logging
import re
import sys

from flask import has_request_context

from app.context import g
from app.settings import GatewaySettings

LINE = "%(asctime)s %(levelname)-7s [%(request_id)s] %(name)s: %(message)s"
# The last line of defence: nothing is meant to log these, and nothing that does gets them out.
SECRETS = re.compile(
    r"(?i)(bearer\s+)\S+|\btrk_[\w-]{20,}|\bclient_key_\w+|(?<![\w+/=.-])(?=[\w+/=]*[A-Z])(?=[\w+/=]*\d)[\w+/]{56,}={0,2}"
)


def configure_logging(settings: GatewaySettings) -> None:
    """Send the lines of the whole process to standard error, as the settings say; a second call changes nothing."""
    root = logging.getLogger()
    root.setLevel(settings.log_level.upper())
    # Libraries tell at info what they send, and at debug what they sign.
    for chatty in ("urllib3", "apscheduler", "alembic", "backoff"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if not any(isinstance(handler.formatter, RedactingFormatter) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(RedactingFormatter(LINE))
        root.addHandler(handler)


class RedactingFormatter(logging.Formatter):
    """Write a record with its request's id, and blank whatever looks like a key, a token or a signature."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return SECRETS.sub(lambda match: f"{match[1] or ''}[withheld]", super().format(record))
