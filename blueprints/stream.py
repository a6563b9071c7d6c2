"""Streams: events of accounts and quotes as they happen, for those who resume where they left off."""

from urllib.parse import urlencode

from flask import Blueprint, Response

from app.access.permissions import Access
from app.errors import TooBusy
from app.request_context import current_gateway, current_identity, current_session, get_request
from app.streams.sse import MEDIA_TYPE
from app.web.description import answers
from app.web.envelope import success
from app.web.guard import guard
from app.web.payload import takes, takes_query
from app.web.quote_streams import open_quote_stream
from app.web.streaming import answered_stream
from schemas.answers.streams import EventsAnswer, StreamTicketAnswer
from schemas.quote_streams import QuoteStreamRequest
from schemas.streams import TOPICS, AccountEventsRequest, PollEventsRequest, StreamTicketRequest

blueprint = Blueprint("streams", __name__, url_prefix="/api/stream")


@blueprint.get("/events")
@guard(Access.READ, by_query=True)
@takes_query(AccountEventsRequest)
@answers(None, TooBusy, media_type=MEDIA_TYPE)
def events(query: AccountEventsRequest) -> Response:
    """Stream the events of an account: orders, executions, positions, balances."""
    after = get_request().headers.get("Last-Event-ID") or query.after
    return answered_stream(
        current_gateway().account_streams.open(current_session(), query.topics or TOPICS, after), "events"
    )


@blueprint.get("/quotes")
@guard(Access.READ, by_query=True)
@takes_query(QuoteStreamRequest)
@answers(None, TooBusy, media_type=MEDIA_TYPE)
def quotes(asked: QuoteStreamRequest) -> Response:
    """Send quotes as they change, and order books with ``depth=1``.

    Events: ``snapshot`` first, then ``quote`` and ``depth``; ``source`` says where they come from, ``refused`` names
    what Tiger does not push, ``gap`` what may have been missed.
    """
    return answered_stream(open_quote_stream(asked), "quotes")


@blueprint.get("/poll")
@guard(Access.READ, by_query=True)
@takes_query(PollEventsRequest)
@answers(EventsAnswer, TooBusy)
def poll(query: PollEventsRequest) -> Response:
    """Return the events of an account after one of them, waiting for the first."""
    gateway = current_gateway()
    with gateway.open_streams.waiting("polls", current_identity()) as waiting:
        polled = gateway.account_streams.poll(
            current_session(), query.topics or TOPICS, query.after, query.wait, waiting
        )
    return success(polled.to_dict())


@blueprint.post("/ticket")
@guard(Access.READ)
@takes(StreamTicketRequest)
@answers(StreamTicketAnswer)
def ticket(body: StreamTicketRequest) -> Response:
    """Give a ticket that stands for the API key in the address of a stream: once, within a minute."""
    query = body.get_query(current_session().account.account)
    asked = get_request()
    path = asked.path.removesuffix("ticket") + body.stream
    given = current_gateway().tickets.issue(current_identity(), path, query)
    url = f"{asked.script_root}{path}?{urlencode({**query, 'ticket': given.ticket})}"
    return success({"ticket": given.ticket, "url": url, "expires_at": given.expires_at})
