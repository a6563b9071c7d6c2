"""Configure logging: one line an event, with the request it belongs to and never a secret.

Nothing heavy is imported here: gunicorn's master, which loads no application, writes its lines the same way.
"""

import logging
import sys
from typing import TextIO

from app.logs.lines import FORMATTERS, Context, JsonFormatter, RedactingFormatter
from app.logs.writer import LineWriter
from app.settings import GatewaySettings


def configure_logging(settings: GatewaySettings, context: Context = dict) -> None:
    """Send the lines of the whole process to standard error, as the settings say; a second call adds nothing.

    A process that was forked gets its own context this way.
    """
    # Libraries log at info what they send, and at debug what they sign.
    for chatty in ("urllib3", "apscheduler", "alembic", "backoff"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    root = logging.getLogger()
    root.setLevel(settings.log_level.upper())
    ours = [handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter | JsonFormatter)]
    if not ours:
        ours = [open_handler(sys.stderr)]
        root.addHandler(ours[0])
    for handler in ours:
        handler.setFormatter(FORMATTERS[settings.log_format](context))


class LineHandler(logging.Handler):
    """Make each record a line in the thread that logs it, and leave the writing to another."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._writer = LineWriter(descriptor)

    def handle(self, record: logging.LogRecord) -> bool:
        """Write the record unless a filter drops it."""
        is_wanted = bool(self.filter(record))
        if is_wanted:
            self.emit(record)
        return is_wanted

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; what goes wrong is reported as logging reports it, and ends nothing."""
        try:
            self._writer.put(f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except Exception:  # noqa: BLE001 - a log that cannot be written must not fail a request.
            self.handleError(record)

    def flush(self) -> None:
        """Wait until the lines so far are written, for a second at most."""
        self._writer.flush()

    def close(self) -> None:
        """Write the last lines; the process is about to end."""
        self._writer.end()
        super().close()


def open_handler(stream: TextIO) -> logging.Handler:
    """Return what writes lines to a stream; one that is no file has to be written to as a stream."""
    try:
        return LineHandler(stream.fileno())
    except (OSError, ValueError):
        return logging.StreamHandler(stream)
