"""Write a record as a line: plain text or JSON, with the request it belongs to, and never a secret."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from app.logs.redaction import redact

LINE = "%(asctime)s %(levelname)-7s [%(request_id)s] %(name)s: %(message)s"
ENCODER = json.JSONEncoder()
# A line break that a client sent must not begin a line that looks like ours.
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}
CONTROLS |= {ord("\n"): "\n    ", 0x2028: "\\u2028", 0x2029: "\\u2029"}

Context = Callable[[], Mapping[str, str]]
"""Return what is known of the running request: ``request_id``, ``key`` (its name), ``account``; or nothing."""


class Event:
    """A message that is also data: ``str`` of it is the text, ``request_id`` says which request it is about.

    One comes with each request, so nobody looks through it again: what a client sent is redacted before it is put in,
    and the text is one line.
    """

    __slots__ = ()
    request_id: str

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
            event = record.msg
            return f"{self.formatTime(record)} {record.levelname:<7} [{event.request_id}] {record.name}: {event}"
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


FORMATTERS: Mapping[str, Callable[[Context], logging.Formatter]] = MappingProxyType(
    {"text": lambda context: RedactingFormatter(context=context), "json": JsonFormatter}
)
"""The setting ``gateway.log_format`` → what writes lines in that form."""
