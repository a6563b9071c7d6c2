"""Call the application for a request that has arrived, as gunicorn's own workers do, or for one that was refused."""

import io
import re
import sys
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from gunicorn.http import wsgi

from app.server.names import ARRIVED_AT, REFUSAL, SERVES_STREAMS
from app.server.reading import Arrived, Refusal
from app.server.stream import Stream
from app.server.writing import Outgoing

REQUEST_LINE = re.compile(rb"(?:\r\n)?(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[\x21-\x3e\x40-\x7e]{0,1023})[ ?]")
PASSED_ON = re.compile(rb"^(Origin|X-Request-ID):[ \t]*([\x21-\x7e]{1,256})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def call(worker: Any, connection: Any, arrived: Arrived, outgoing: Outgoing, *, may_stream: bool) -> bool:
    """Let the application answer, and tell whether the connection may be used again.

    A stream is left to the loop, with the connection, which then says so.
    """
    cfg, request = worker.cfg, arrived.request
    request.body = io.BytesIO(arrived.body)
    started = datetime.now()  # noqa: DTZ005 - gunicorn's access log subtracts it from such another.
    cfg.pre_request(worker, request)
    response, environ = wsgi.create(request, outgoing, connection.address, connection.server, cfg)
    environ["wsgi.multithread"] = True
    environ[ARRIVED_AT] = connection.asked_at
    environ[SERVES_STREAMS] = may_stream
    if worker.count_request() or not cfg.keepalive:
        response.force_close()
    try:
        connection.stream = _run(worker, environ, response)
        connection.is_chunked = response.chunked
    finally:
        worker.log.access(response, request, environ, datetime.now() - started)  # noqa: DTZ005 - as above.
        cfg.post_request(worker, request, environ, response)
    return not response.should_close()


def call_refused(worker: Any, connection: Any, refusal: Refusal, outgoing: Outgoing) -> None:
    """Let the application answer a request that is none, so that its errors look alike wherever they arise."""
    line = REQUEST_LINE.match(refusal.head)
    method, path = (part.decode("ascii") for part in line.groups()) if line else ("GET", "/")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": connection.host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        REFUSAL: (refusal.status, refusal.message),
    }
    for name, value in PASSED_ON.findall(refusal.head):
        environ[f"HTTP_{name.decode().upper().replace('-', '_')}"] = value.decode("ascii")
    request = SimpleNamespace(version=(1, 1), method=method, should_close=lambda: True)
    _run(worker, environ, wsgi.Response(request, outgoing, worker.cfg))


def _run(worker: Any, environ: dict[str, Any], response: Any) -> Stream | None:
    """Write the answer, or the head of one that is a stream, which is then returned."""
    pieces = worker.wsgi(environ, response.start_response)
    if isinstance(pieces, Stream):
        return _begin(pieces, response)
    try:
        for piece in pieces:
            response.write(piece)
        response.close()
        outgoing: Outgoing = response.sock
        outgoing.write()
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
    return None


def _begin(stream: Stream, response: Any) -> Stream:
    """Write the head of a stream; nothing follows it on its connection."""
    response.force_close()
    try:
        response.send_headers()
        response.sock.write()
    except OSError:
        stream.close()
        raise
    return stream
