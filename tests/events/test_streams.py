"""A client that comes back is told each event once and in order, or what is missing."""

import threading

import pytest
from sqlalchemy import update

from app.access.permissions import Permission
from app.gateway import get_gateway
from app.storage.event_tables import account_events
from schemas.streams import TOPICS
from tests.events.listening import Listener
from tests.support.client import DEMO_KEY, FIRST, PAPER, SECOND, Client, assert_refusal
from tests.support.server import wait_until

RESTING = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}


@pytest.fixture
def place(client):
    """Give a way to place orders, each of which is an event."""

    def place_some(count=1):
        for _ in range(count):
            client.data("/api/trade/place-order", **RESTING)

    return place_some


@pytest.fixture
def listener(client):
    """Give a client that has had everything so far."""
    listening = Listener(client)
    listening.ask()
    return listening


def get_log(client):
    return get_gateway(client.app).account_events.log


def age_and_purge(client, up_to):
    with get_gateway(client.app).storage.writing() as connection:
        connection.execute(update(account_events).where(account_events.c.number <= up_to).values(at=1_000))
    get_log(client).purge(2_000)


def test_a_stream_begins_with_a_snapshot_that_names_the_event_it_is_true_for(client, place):
    place()
    (name, its_id, snapshot), *_ = Listener(client).stream()

    assert name == "snapshot"
    assert its_id == snapshot["id"]
    assert [order["symbol"] for order in snapshot["orders"]] != []
    assert snapshot["assets"]["account_id"] == FIRST


def test_a_snapshot_is_sent_however_large_it_is(client, place, monkeypatch):
    """An account with a thousand open orders would come back for ever, and be told nothing."""
    monkeypatch.setattr("app.events.account_streams.MOST_WAITING_BYTES", 100)
    place()

    assert [name for name, _, _ in Listener(client).stream()] == ["snapshot"]


@pytest.mark.parametrize("as_header", [True, False])
def test_a_stream_that_resumes_has_each_event_once_and_in_order(listener, place, as_header):
    place(3)
    after = listener.after
    listener.after = None if as_header else after
    told = listener.stream(**({"Last-Event-ID": after} if as_header else {}))

    assert [name for name, _, _ in told] == ["orders"] * 3
    numbers = [data["number"] for _, _, data in told]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert [its_id for _, its_id, _ in told] == [data["id"] for _, _, data in told]


def test_who_comes_back_too_late_is_told_exactly_what_is_missing(client, listener, place):
    place(3)
    first = get_log(client).fetch_head(FIRST).last - 2
    age_and_purge(client, first + 1)
    gap, event = listener.stream()

    assert gap[0] == "gap"
    assert (gap[2]["from_number"], gap[2]["to_number"], gap[2]["until"]) == (first, first + 1, 1_000)
    assert event[2]["number"] == first + 2
    assert {request["path"] for request in gap[2]["read"]} >= {"/api/trade/orders", "/api/trade/transactions"}


def test_who_asks_too_late_is_told_the_same_and_goes_on_behind_it(client, listener, place):
    place(3)
    last = get_log(client).fetch_head(FIRST).last
    age_and_purge(client, last - 1)
    gap = listener.ask()["gap"]
    listener.ask()

    assert (gap["from_number"], gap["to_number"]) == (last - 2, last - 1)
    assert [event["number"] for event in listener.events] == [last]


def test_who_waits_is_given_an_event_when_it_comes(listener, place):
    later = threading.Timer(0.3, place)
    later.start()
    polled = listener.ask(wait=20)
    later.join()

    assert [event["type"] for event in polled["events"]] == ["accepted"]


def test_only_the_topics_that_were_asked_for_are_told(client, place):
    listener = Listener(client, topics="assets, positions")
    listener.ask()
    place()

    assert listener.ask()["events"] == []


@pytest.mark.parametrize(
    "query", ["after=1", "after=1-x-1", "topics=orders,nothing", "topics=", "wait=26", "wait=-1", "wait=x", "further=1"]
)
def test_what_cannot_be_read_in_an_address_is_refused(client, query):
    assert_refusal(client.get(f"/api/stream/poll?account={FIRST}&{query}"), 400, "invalid_request")


def test_no_event_reaches_a_key_that_may_not_see_its_account(app, client, place):
    place()
    keys = get_gateway(app).keys
    for account in (FIRST, SECOND, PAPER):
        for topic in TOPICS:
            key = client.with_key(keys.create(f"{account} {topic}", [account], [Permission.READ]))
            for asked in (FIRST, SECOND, PAPER):
                for path in ("poll?wait=0&", "events?"):
                    answer = key.get(f"/api/stream/{path}account={asked}&topics={topic}")
                    answer.close()
                    assert (answer.status_code == 200) == (asked == account), (account, asked, path)


def test_events_that_are_deleted_while_a_client_catches_up_are_not_passed_over(client, listener, place, monkeypatch):
    place(3)
    log = get_log(client)
    fetch, last = log.fetch_after, log.fetch_head(FIRST).last

    def purge_and_fetch(*arguments):
        monkeypatch.setattr(log, "fetch_after", fetch)
        age_and_purge(client, last - 1)
        return fetch(*arguments)

    monkeypatch.setattr(log, "fetch_after", purge_and_fetch)
    told = listener.stream()
    ((gap, _, missing), (_, _, event)) = listener.stream()

    assert told == []
    assert (gap, missing["from_number"], missing["to_number"]) == ("gap", last - 2, last - 1)
    assert event["number"] == last


def test_a_key_that_may_not_read_is_told_no_event(app, client):
    trading = client.with_key(get_gateway(app).keys.create("trading", [FIRST], [Permission.TRADE]))

    assert_refusal(trading.get(f"/api/stream/events?account={FIRST}"), 403, "permission_required")
    assert_refusal(trading.get(f"/api/stream/poll?account={FIRST}"), 403, "permission_required")


def test_waiting_requests_hold_a_quarter_of_the_threads_at_most(app, listener):
    open_streams = get_gateway(app).open_streams
    open_streams.resize(4)
    waiting = threading.Thread(target=listener.ask, args=(3,))
    waiting.start()
    wait_until(lambda: open_streams._held_threads, 10)
    refused = Client(app).get(f"/api/stream/poll?account={FIRST}")
    waiting.join()

    assert_refusal(refused, 503, "too_busy")
    assert Client(app).get(f"/api/stream/poll?account={FIRST}&wait=0").status_code == 200


def get_ticket(client, **fields):
    return client.data("/api/stream/ticket", **fields)


def test_a_ticket_opens_its_stream_once(client):
    bare, url = client.with_key(None), get_ticket(client)["url"]
    opened = bare.get(url)
    opened.close()

    assert opened.status_code == 200
    assert_refusal(bare.get(url), 401, "unauthorized")


@pytest.mark.parametrize(
    ("taken", "used"),
    [
        ("events?account=67686635", "events?account=67686635&topics=orders"),
        ("events?account=67686635", "events?account=20240830213609658"),
        ("events?account=67686635", "poll?account=67686635"),
    ],
)
def test_a_ticket_opens_no_other_stream(client, taken, used):
    url = get_ticket(client)["url"]

    assert taken in url
    assert_refusal(client.with_key(None).get(url.replace(taken, used)), 401, "unauthorized")


def test_a_ticket_is_for_its_topics(client):
    url = get_ticket(client, topics=["orders", "assets"])["url"]
    opened = client.with_key(None).get(url.replace("orders%2Cassets", "assets,orders"))
    opened.close()

    assert opened.status_code == 200


def test_a_ticket_is_good_for_a_minute(client, monkeypatch):
    given = get_ticket(client)
    monkeypatch.setattr("app.streams.tickets.get_now_ms", lambda: given["expires_at"])

    assert_refusal(client.with_key(None).get(given["url"]), 401, "unauthorized")


def test_a_ticket_of_a_revoked_key_opens_nothing(app, client):
    keys = get_gateway(app).keys
    url = get_ticket(client.with_key(keys.create("gone", [FIRST], [Permission.READ])))["url"]
    keys.revoke("gone")

    assert_refusal(client.with_key(None).get(url), 401, "unauthorized")


def test_a_ticket_of_a_key_of_before_a_rotation_opens_nothing(app, client):
    keys = get_gateway(app).keys
    url = get_ticket(client.with_key(keys.create("leaked", [FIRST], [Permission.READ])))["url"]
    keys.rotate("leaked", overlap_seconds=0)

    assert_refusal(client.with_key(None).get(url), 401, "unauthorized")


def test_a_key_of_another_account_is_given_no_ticket(app):
    assert_refusal(Client(app, key=DEMO_KEY, account=FIRST).post("/api/stream/ticket"), 403, "account_forbidden")
