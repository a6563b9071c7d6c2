"""Whoever waits for events has a place among those who wait for Tiger: together they leave threads for orders."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from tests.support.client import FIRST, assert_refusal

POLL = f"/api/stream/poll?account={FIRST}"


@pytest.fixture
def bulkhead(app):
    """Give the places of the gateway, of which there is one for what may wait."""
    found = get_gateway(app).tiger.pipeline.bulkhead
    found.resize(2)
    return found


@contextlib.contextmanager
def held(enter):
    """Have another thread be inside for the block."""
    is_in, is_over = threading.Event(), threading.Event()

    def hold():
        with enter():
            is_in.set()
            is_over.wait(30)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert is_in.wait(10)
        try:
            yield
        finally:
            is_over.set()
        holding.result()


def test_who_polls_for_events_has_a_place_or_is_sent_away(client, bulkhead):
    after = client.get(POLL).get_json()["data"]["after"]
    with held(lambda: bulkhead.entered(is_urgent=False)):
        assert_refusal(client.get(f"{POLL}&wait=20&after={after}"), 503, "too_busy")

    assert client.get(f"{POLL}&wait=1&after={after}").status_code == 200


def test_who_waits_for_anothers_snapshot_has_a_place_or_is_sent_away(app, client, bulkhead):
    client.get(POLL)
    snapshots = get_gateway(app).account_streams._snapshots
    with held(lambda: snapshots._reading[FIRST]), held(lambda: bulkhead.entered(is_urgent=False)):
        refused = client.get(POLL)

    assert_refusal(refused, 503, "too_busy")
    # At once, not when it has waited in vain.
    assert "are waiting for Tiger" in refused.get_json()["error"]
    assert client.get(POLL).status_code == 200


def test_who_has_a_place_waits_for_anothers_snapshot(app, client, bulkhead):
    client.get(POLL)
    snapshots = get_gateway(app).account_streams._snapshots
    with ThreadPoolExecutor(1) as pool:
        with held(lambda: snapshots._reading[FIRST]):
            asked = pool.submit(client.get, POLL)
            with pytest.raises(TimeoutError):
                asked.result(0.6)
        assert asked.result(10).status_code == 200


def test_who_asks_without_waiting_counts_as_listening(app, client):
    log = get_gateway(app).account_events.log
    after = client.get(POLL).get_json()["data"]["after"]
    log.note([FIRST], listened_at=0)
    get_gateway(app).account_streams._feeder._polled.clear()
    client.get(f"{POLL}&wait=0&after={after}")

    assert log.fetch_head(FIRST).listened_at


def test_a_snapshot_asks_for_the_types_of_positions_that_were_told(app, client, simulator):
    gateway = get_gateway(app)
    client.get(POLL)
    gateway.account_streams._snapshots._kept.clear()
    with gateway.storage.writing_directly() as driver:
        gateway.account_events._told.put(driver, FIRST, "positions:OPT:AAPL", {"figure": "5", "moment": 1}, 1)
    simulator.reset_counts()
    client.get(POLL)

    # Stocks are always asked for; what the account has never held is not.
    assert simulator.calls("positions") == 2
