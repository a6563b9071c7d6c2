"""Streams: quotes and the events of accounts as they come, as server-sent events."""

from flask import Blueprint, Response

from app.access.permissions import Access
from app.streams.sse import MEDIA_TYPE
from app.web.description import answers
from app.web.guard import guard
from app.web.payload import takes_query
from app.web.quote_streams import open_quote_stream
from app.web.streaming import answered_stream
from schemas.quote_streams import QuoteStreamRequest

blueprint = Blueprint("streams", __name__, url_prefix="/api/stream")


@blueprint.get("/quotes")
@guard(Access.READ, by_query=True)
@takes_query(QuoteStreamRequest)
@answers(None, media_type=MEDIA_TYPE)
def quotes(asked: QuoteStreamRequest) -> Response:
    """Send quotes as they change, and order books with ``depth=1``.

    Events: ``snapshot`` first, then ``quote`` and ``depth``; ``source`` says where they come from, ``refused`` names
    what Tiger does not push, ``gap`` what may have been missed.
    """
    return answered_stream(open_quote_stream(asked), "quotes")
