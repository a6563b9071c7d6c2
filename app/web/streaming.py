"""Answer with a stream of server-sent events."""

from flask import Response

from app.request_context import current_identity, get_context, get_request
from app.server.names import SERVES_STREAMS
from app.server.stream import Stream
from app.streams.sse import MEDIA_TYPE


def answered_stream(stream: Stream, kind: str) -> Response:
    """Return the response whose body is what is put into a stream; the kind is what it is counted as.

    Raises:
        TooBusy: There are too many streams already; this one is closed.
    """
    context, request = get_context(), get_request()
    has_room: bool | None = request.environ.get(SERVES_STREAMS)
    try:
        context.gateway.open_streams.admit(stream, kind, current_identity(), has_room=has_room)
    except BaseException:
        stream.close()
        raise
    response = Response(stream, mimetype=MEDIA_TYPE, direct_passthrough=True)
    response.headers["Cache-Control"] = "no-store"
    # nginx passes each event on as it comes.
    response.headers["X-Accel-Buffering"] = "no"
    if context.allowance is not None:
        response.headers.update(context.allowance.get_headers())
    if request.method == "HEAD":
        stream.close()
    return response
