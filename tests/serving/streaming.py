"""An application of streams, and how gunicorn serves it: one path gives a stream, others put into all of them.

It is no gateway: how our worker serves streams hangs on nothing else.
"""

from collections.abc import Callable, Iterable
from typing import Any

from app.server.stream import Stream

GAP = b"event: gap\ndata: {}\n\n"
# What gunicorn reads here as its configuration.
worker_class = "app.server.worker.GatewayWorker"
control_socket_disable = True

_streams: list[Stream] = []


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a stream at /stream; at /put/KEY/TIMES put the body so often into all of them, with its number for #."""
    _, name, *rest = environ["PATH_INFO"].split("/")
    if name == "stream":
        opened = Stream(GAP)
        _streams.append(opened)
        opened.when_closed(lambda: _streams.remove(opened))
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return opened
    if name == "put":
        piece = environ["wsgi.input"].read()
        for number in range(int(rest[1])):
            for each in tuple(_streams):
                each.put(piece.replace(b"#", b"%d" % number), rest[0] if rest[0] != "-" else None)
    elif name == "end":
        for each in tuple(_streams):
            each.end(b"data: last\n\n")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [str(len(_streams)).encode()]
