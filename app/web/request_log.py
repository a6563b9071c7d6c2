"""Give each request an id, and keep account of it: how long it took, and how much of that was waiting for Tiger."""

import functools
import json
import logging
import os
import random
import string
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response

from app.logs.lines import Event
from app.logs.redaction import redact
from app.per_process import GatewayPerProcess
from app.request_context import KEY, RequestContext, find_context, get_request
from app.tiger.waited import get_waited_seconds

SANE_ID = frozenset(string.ascii_letters + string.digits + "._:-")
LONGEST_ID = 128
MOST_QUOTED = 1_024
UNMATCHED = "unmatched"
AMBIGUOUS = frozenset(' ="\\')

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """One line of the access log. Times are in seconds; the path is logged only where it leads to no route."""

    request_id: str
    method: str
    route: str
    path: str | None
    status: int
    seconds: float
    upstream_seconds: float
    key: str | None
    account: str | None
    address: str | None

    def __str__(self) -> str:
        """Return the line for people."""
        where = self.route if self.path is None else json.dumps(self.path)
        return (
            f"{self.method} {where} {self.status} {self.seconds * 1_000:.1f} ms "
            f"(Tiger {self.upstream_seconds * 1_000:.1f}) key={_quote(self.key)} account={_quote(self.account)} "
            f"from={self.address or '-'}"
        )

    def get_fields(self) -> Mapping[str, Any]:
        """Return the members of the line for machines; times are in milliseconds."""
        total, upstream = self.seconds * 1_000, self.upstream_seconds * 1_000
        return {
            "message": "request",
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route,
            "path": self.path,
            "status": self.status,
            "milliseconds": round(total, 3),
            "tiger_milliseconds": round(upstream, 3),
            "own_milliseconds": round(max(0.0, total - upstream), 3),
            "key": self.key,
            "account": self.account,
            "address": self.address,
        }


class RequestRecord(logging.LogRecord):
    """A record of this logger. What all of them share is kept: to find it out each time costs more than the line."""

    _shared = vars(logging.LogRecord(logger.name, logging.INFO, __file__, 0, "", None, None))

    def __init__(self, line: Answered) -> None:
        """Take the line; the time is now."""
        now, started = time.time(), self._shared["created"] - self._shared["relativeCreated"] / 1_000
        vars(self).update(
            self._shared,
            msg=line,
            created=now,
            msecs=now % 1 * 1_000,
            relativeCreated=(now - started) * 1_000,
            thread=threading.get_ident(),
            threadName=threading.current_thread().name,
            process=os.getpid(),
        )


def log_requests(target: Flask | Blueprint, gateways: GatewayPerProcess) -> None:
    """Give every answer of the target its request id and the mode, log it and count it.

    Its time begins before whatever else the target does with a request.
    """
    mode = gateways.mode

    def begin() -> None:
        started_at = time.perf_counter()
        context = RequestContext(gateways.get, _choose_id(), started_at, get_waited_seconds())
        get_request().environ[KEY] = context
        # Under gunicorn the worker has started it; elsewhere, such as in a host application, serving is the sign that
        # this process is one that stays, unlike a command or the parent of Flask's reloader.
        context.gateway.start()

    def end(response: Response) -> Response:
        context = find_context()
        if context is not None:
            _report(response, context)
        # Otherwise a host application has answered before the request came to us: neither its time nor its end is ours.
        response.headers["X-Request-ID"] = _choose_id() if context is None else context.request_id
        response.headers["X-Tiger-Mode"] = mode
        return response

    target.before_request_funcs.setdefault(None, []).insert(0, begin)
    target.after_request(end)


def _choose_id() -> str:
    """Return the id that the client sent, if it is a sane one, else a new one."""
    sent: str | None = get_request().environ.get("HTTP_X_REQUEST_ID")
    if sent and len(sent) <= LONGEST_ID and SANE_ID.issuperset(sent) and redact(sent) == sent:
        return sent
    return f"{random.getrandbits(128):032x}"


def _report(response: Response, context: RequestContext) -> None:
    seconds, upstream_seconds = time.perf_counter() - context.started_at, context.upstream_seconds
    asked = get_request()
    method, rule, status = asked.method, asked.url_rule, response.status_code
    route = rule.rule if rule else UNMATCHED
    # In the child of a fork it may be that none could be built.
    if context.found_gateway is not None:
        context.found_gateway.metrics.count_request(method, route, status, seconds, upstream_seconds)
    if logger.isEnabledFor(logging.INFO):
        identity, account = context.identity, context.account
        line = Answered(
            context.request_id,
            method,
            route,
            None if rule else redact(asked.path),
            status,
            seconds,
            upstream_seconds,
            identity.name if identity else None,
            account if account is None or account.isalnum() else redact(account),
            asked.remote_addr,
        )
        logger.handle(RequestRecord(line))


@functools.lru_cache(MOST_QUOTED)
def _quote(text: str | None) -> str:
    """Return the text, in quotes where it could be taken for more than one word."""
    if text is None:
        return "-"
    return text if text.isascii() and text.isprintable() and not set(text) & AMBIGUOUS else json.dumps(text)
