"""Open the stream of quotes that a request asks for."""

from app.request_context import current_gateway, current_session, get_request
from app.server.stream import Stream
from app.tiger.push.feeds import Feed
from schemas.quote_streams import QuoteStreamRequest


def open_quote_stream(asked: QuoteStreamRequest) -> Stream:
    """Return the stream of what a request names.

    Raises:
        GatewayError: What is not known here yet cannot be fetched.
    """
    feeds = (Feed.QUOTES, Feed.DEPTH) if asked.has_depth else (Feed.QUOTES,)
    after = get_request().headers.get("Last-Event-ID") or asked.after
    return current_gateway().live_quotes.open(current_session(), feeds, asked.named, after)
