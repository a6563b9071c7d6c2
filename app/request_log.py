"""Keep account of each request: its time, the part of it that went by waiting for Tiger, the log line, the count."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, request

from app.context import g, get_own
from app.gateway import Gateway
from app.log_lines import Event
from app.per_process import GatewayPerProcess

UNMATCHED = "unmatched"
AMBIGUOUS = frozenset(' ="\\')

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """One line of the access log. Times are in seconds; the path is told only where it leads to no route."""

    request_id: str
    method: str
    route: str
    path: str | None
    status: int
    size_bytes: int | None
    seconds: float
    upstream_seconds: float
    key: str | None
    account: str | None
    address: str | None

    def __str__(self) -> str:
        """Return the line for people."""
        where = self.route if self.path is None else _quote(self.path)
        return (
            f"{self.method} {where} {self.status} {self.seconds * 1_000:.1f} ms "
            f"(Tiger {self.upstream_seconds * 1_000:.1f}) key={_quote(self.key)} account={_quote(self.account)} "
            f"from={self.address or '-'}"
        )

    def get_request_id(self) -> str:
        """Return the id of the request."""
        return self.request_id

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
            "bytes": self.size_bytes,
            "milliseconds": round(total, 3),
            "tiger_milliseconds": round(upstream, 3),
            "own_milliseconds": round(max(0.0, total - upstream), 3),
            "key": self.key,
            "account": self.account,
            "address": self.address,
        }


def log_requests(target: Flask | Blueprint, gateways: GatewayPerProcess) -> None:
    """Log and count every request that the target answers; call it before anything else is to run on a request."""
    target.before_request(_begin)
    target.after_request(lambda response: _end(response, gateways.get()))


def _begin() -> None:
    g.started_at = time.perf_counter()


def _end(response: Response, gateway: Gateway) -> Response:
    own = get_own()
    # A host application may have answered before the request came to us.
    started_at = own.get("started_at")
    if started_at is None:
        return response
    seconds = time.perf_counter() - started_at
    upstream_seconds = own.get("upstream_seconds", 0.0)
    rule = request.url_rule
    route = rule.rule if rule else UNMATCHED
    gateway.metrics.count_request(request.method, route, response.status_code, seconds, upstream_seconds)
    if logger.isEnabledFor(logging.INFO):
        identity = own.get("identity")
        line = Answered(
            request_id=own.get("request_id", "-"),
            method=request.method,
            route=route,
            path=None if rule else request.path,
            status=response.status_code,
            size_bytes=response.content_length,
            seconds=seconds,
            upstream_seconds=upstream_seconds,
            key=identity.name if identity else None,
            account=own.get("account"),
            address=request.remote_addr,
        )
        # Made here, since to find out which line of the code logs would cost as much as the rest.
        logger.handle(logging.LogRecord(logger.name, logging.INFO, __file__, 0, line, None, None))
    return response


def _quote(text: str | None) -> str:
    """Return the text, in quotes where it could be taken for more than one word."""
    if text is None:
        return "-"
    return text if text.isascii() and text.isprintable() and not set(text) & AMBIGUOUS else json.dumps(text)
