"""No event of an account reaches a key that may not see it, and the streams of a revoked key end."""

import threading
import time

import pytest

from app.access.permissions import Permission
from app.events.events import NewEvent, Source, Topic
from app.gateway import get_gateway
from tests.events.listening import read_stream
from tests.support.client import FIRST, PAPER, SECOND
from tests.support.server import wait_until

ACCOUNTS = (FIRST, SECOND, PAPER)


@pytest.fixture
def gateway(app):
    """Give the gateway with room for a stream of each key."""
    opened = get_gateway(app)
    opened.open_streams.resize(400)
    return opened


def write_one_of_each(gateway):
    """Write an event of each topic of each account, each of which says whose it is."""
    for account in ACCOUNTS:
        events = [NewEvent(topic, "test", Source.PUSH, {"of": [account, topic]}) for topic in Topic]
        with gateway.storage.writing_directly() as driver:
            number = gateway.account_events.log.append(driver, account, events)
        gateway.account_events.wakes.wake(account, number)


def take_event(pieces):
    """Return what the next piece with an event of its own says."""
    for piece in pieces:
        if found := [data["data"] for _, _, data in read_stream(piece.decode()) if "data" in data]:
            return found
    return []


def test_each_key_hears_its_own_account_and_its_topics_alone(gateway, client):
    opened = []
    for account in ACCOUNTS:
        for topic in Topic:
            key = client.with_key(gateway.keys.create(f"{account} {topic}", [account], [Permission.READ]))
            for asked in ACCOUNTS:
                answer = key.get(f"/api/stream/events?account={asked}&topics={topic}")
                assert answer.status_code == (200 if asked == account else 403), (account, asked)
                if asked == account:
                    opened.append(([account, topic], answer, iter(answer.response)))
                else:
                    answer.close()
    write_one_of_each(gateway)
    heard = [([*whose], take_event(pieces)) for whose, _, pieces in opened]
    for _, answer, _ in opened:
        answer.close()

    assert heard == [(whose, [{"of": whose}]) for whose, _ in heard]
    assert len(heard) == len(ACCOUNTS) * len(Topic)


def assert_ends_alone(gateway, ending, kept, pieces):
    """Assert that one stream ends within five seconds with a word about when to come again, and the other goes on."""
    began_at = time.monotonic()
    last = list(pieces)[-1]
    took = time.monotonic() - began_at
    ending.close()
    count = gateway.open_streams.count("events")
    kept.close()

    assert last.startswith(b"retry: ")
    assert (took < 5, count) == (True, 1)


def test_the_streams_of_a_revoked_key_end_within_five_seconds(gateway, client):
    key = client.with_key(gateway.keys.create("gone", [FIRST], [Permission.READ]))
    answer, kept = key.get(f"/api/stream/events?account={FIRST}"), client.get(f"/api/stream/events?account={FIRST}")
    pieces = iter(answer.response)
    next(pieces)
    gateway.keys.revoke("gone")

    assert_ends_alone(gateway, answer, kept, pieces)


def test_a_stream_that_is_opened_with_the_old_key_just_after_a_rotation_ends(gateway, client):
    old = client.with_key(gateway.keys.create("leaked", [FIRST], [Permission.READ]))
    old.get("/api/accounts")
    new = client.with_key(gateway.keys.rotate("leaked", overlap_seconds=0))
    of_old, of_new = (key.get(f"/api/stream/events?account={FIRST}") for key in (old, new))

    assert_ends_alone(gateway, of_old, of_new, iter(of_old.response))


def test_a_poll_of_a_revoked_key_tells_nothing_more(gateway, client):
    key = client.with_key(gateway.keys.create("gone", [FIRST], [Permission.READ]))
    after = key.get(f"/api/stream/poll?account={FIRST}").get_json()["data"]["after"]
    answers = []
    path = f"/api/stream/poll?account={FIRST}&after={after}&topics=positions&wait=20"
    asking = threading.Thread(target=lambda: answers.append(key.get(path).get_json()["data"]))
    asking.start()
    wait_until(lambda: gateway.open_streams.count("polls"), 10)
    gateway.keys.revoke("gone")
    took = wait_until(lambda: gateway.open_streams.count("polls") == 0, 10)
    write_one_of_each(gateway)
    asking.join()

    assert took < 5
    assert [(answer["count"], answer["after"]) for answer in answers] == [(0, after)]
