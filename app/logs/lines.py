"""Write a record as a line: plain text or JSON, with the request it belongs to, and never a secret.

Nothing heavy is imported here: gunicorn's master, which loads no application, writes its lines the same way.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TextIO

from app.logs.writer import LineWriter
from app.settings import GatewaySettings

LINE = "%(asctime)s %(levelname)-7s [%(request_id)s] %(name)s: %(message)s"
# The last line of defence: nothing is meant to log these, and nothing that does gets them out.
SECRETS = re.compile(
    r"(?i)(bearer\s+)\S+|\btrk_[\w-]{20,}|\bclient_key_\w+|(?<![\w+/=.-])(?=[\w+/=]*[A-Z])(?=[\w+/=]*\d)[\w+/]{56,}={0,2}"
)
# Every one of the above has one of these in it, or is as long. To look for that first costs a tenth, on every request.
SUSPICIOUS = ("bearer", "trk_", "client_key_")
SHORTEST_UNNAMED = 56
SHORTEST = len("bearer x")
ENCODER = json.JSONEncoder()
# A line break that a client sent must not begin a line that looks like ours.
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}
CONTROLS |= {ord("\n"): "\n    ", 0x2028: "\\u2028", 0x2029: "\\u2029"}

Context = Callable[[], Mapping[str, str]]
"""Return what is known of the running request: ``request_id``, ``key`` (its name), ``account``; or nothing."""


class Event:
    """A message that is also data: ``str`` of it is the text.

    One comes with each request, so nobody looks through it again: what a client sent is redacted before it is put in,
    and the text is one line.
    """

    __slots__ = ()

    def get_request_id(self) -> str:
        """Return the id of the request that it tells of."""
        raise NotImplementedError

    def get_fields(self) -> Mapping[str, Any]:
        """Return the members of its JSON line."""
        raise NotImplementedError


class RedactingFormatter(logging.Formatter):
    """Write a record as text, and blank whatever looks like a key, a token or a signature."""

    def __init__(self, line: str = LINE, context: Context = dict) -> None:
        super().__init__(line)
        self._context = context
        self._second: tuple[int, str] = (0, "")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what runs over several is indented from the second on."""
        if isinstance(record.msg, Event):
            when, request_id = self.formatTime(record), record.msg.get_request_id()
            return f"{when} {record.levelname:<7} [{request_id}] {record.name}: {record.msg}"
        record.request_id = self._context().get("request_id", "-")
        text = super().format(record)
        return redact(text if text.isprintable() else text.translate(CONTROLS))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name.
        """Return the local time to the millisecond; the part that most lines share is made once a second."""
        second = int(record.created)
        if self._second[0] != second:
            self._second = second, time.strftime(datefmt or "%Y-%m-%d %H:%M:%S", time.localtime(second))
        return f"{self._second[1]},{int(record.msecs):03d}"


class JsonFormatter(logging.Formatter):
    """Write a record as one JSON object on one line, redacted like the text."""

    def __init__(self, context: Context = dict) -> None:
        super().__init__()
        self._context = context
        self._second: tuple[int, str] = (0, "")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        second = int(record.created)
        if self._second[0] != second:
            self._second = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        place = {
            "time": f"{self._second[1]}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if isinstance(record.msg, Event):
            return ENCODER.encode({**place, **record.msg.get_fields()})
        members = {"message": record.getMessage(), **self._context()}
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return ENCODER.encode(place | {name: redact(value) for name, value in members.items()})


def get_formatter(form: str, context: Context = dict) -> logging.Formatter:
    """Return the formatter of the setting ``gateway.log_format``."""
    return FORMATTERS[form](context=context)


def configure_root(settings: GatewaySettings, context: Context = dict) -> None:
    """Send what reaches the root logger to standard error; a process that was forked gets its own context this way."""
    root = logging.getLogger()
    root.setLevel(settings.log_level.upper())
    ours = [handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter | JsonFormatter)]
    if not ours:
        ours = [open_handler(sys.stderr)]
        root.addHandler(ours[0])
    for handler in ours:
        handler.setFormatter(get_formatter(settings.log_format, context))


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


def redact(text: str) -> str:
    """Return the text with every secret in it withheld."""
    return SECRETS.sub(lambda match: f"{match[1] or ''}[withheld]", text) if _is_suspicious(text) else text


def _is_suspicious(text: str) -> bool:
    if len(text) < SHORTEST:
        return False
    lowered = text.lower()
    bearer, own, demo = SUSPICIOUS
    return (
        own in lowered
        or demo in lowered
        or bearer in lowered
        or (len(text) >= SHORTEST_UNNAMED and max(map(len, text.split()), default=0) >= SHORTEST_UNNAMED)
    )


FORMATTERS: Mapping[str, Callable[..., logging.Formatter]] = MappingProxyType(
    {"text": RedactingFormatter, "json": JsonFormatter}
)
