"""What is asked of a stream of quotes stands in its address, and is looked at before anything begins."""

import pytest

from app.access.permissions import Permission
from app.gateway import get_gateway
from tests.support.client import FIRST, Client, assert_refusal

PATH = f"/api/stream/quotes?account={FIRST}"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "symbols"),
        ("&symbols=", "symbols"),
        ("&symbols=AAPL,,MSFT", "symbols"),
        ("&symbols=" + ",".join(f"A{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(301)), "symbols"),
        ("&symbols=AAPL&depth=yes", "depth"),
        ("&symbols=AAPL&sec_type=BOND", "sec_type"),
        ("&symbols=AAPL&speed=9", "speed"),
    ],
)
def test_a_wrong_query_is_refused_with_its_name(client, query, named):
    answer = client.get(PATH + query)

    assert_refusal(answer, 400, "invalid_request")
    assert named in answer.get_json()["error"]


def test_a_key_that_may_not_read_has_no_stream(app, client):
    trader = Client(app, get_gateway(app).keys.create("trader", [FIRST], [Permission.TRADE]))

    assert_refusal(trader.get(f"{PATH}&symbols=AAPL"), 403, "permission_required")


def test_a_look_at_the_head_opens_no_stream(app, client):
    answer = app.test_client().head(f"{PATH}&symbols=AAPL", headers={"Authorization": "Bearer client_key_001"})

    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert get_gateway(app).open_streams.count("quotes") == 0


def test_a_ticket_opens_the_stream_of_its_symbols_once(client):
    bare = client.with_key(None)
    url = client.data("/api/stream/ticket", stream="quotes", symbols="AAPL,00700", depth=True)["url"]
    opened = bare.get(url)
    opened.close()

    assert (opened.status_code, opened.mimetype) == (200, "text/event-stream")
    assert_refusal(bare.get(url), 401, "unauthorized")


@pytest.mark.parametrize(
    ("taken", "used"),
    [
        ("symbols=AAPL", "symbols=AAPL%2CMSFT"),
        ("symbols=AAPL", "symbols=AAPL&depth=1"),
        ("account=67686635", "account=66804149"),
        ("quotes?account=67686635&symbols=AAPL", "events?account=67686635"),
    ],
)
def test_a_ticket_opens_no_other_stream_than_it_was_taken_for(client, taken, used):
    url = client.data("/api/stream/ticket", stream="quotes", symbols="AAPL")["url"]

    assert taken in url
    assert_refusal(client.with_key(None).get(url.replace(taken, used)), 401, "unauthorized")
