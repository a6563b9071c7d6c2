"""Where more has changed than Tiger's lists show, clients are told of a gap, and of what comes after it."""

import pytest

from app.events.watcher import MOST_FAILURES
from app.simulator.faults import Fault
from tests.events.listening import Listener
from tests.support.client import FIRST
from tests.support.server import wait_until

RESTING = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}
PAGES = "app.tiger.trading.order_listing.MAXIMUM_PAGES"


@pytest.fixture
def settings(settings, monkeypatch):
    """Give settings for an account whose lists show two orders at most, and which is looked at without a pause."""
    monkeypatch.setattr(PAGES, 1)
    monkeypatch.setattr("app.tiger.trading.order_listing.PAGE_SIZE", 2)
    monkeypatch.setattr("app.events.watcher.LONGEST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("app.gateway.EVENTS_SECONDS", 0.1)
    return settings


def test_more_changes_than_can_be_listed_are_a_gap_after_which_events_go_on(client, monkeypatch):
    listener = Listener(client, topics="orders")
    listener.ask()
    for _ in range(3):
        client.data("/api/trade/place-order", **RESTING)
    told, unlisted = listener.ask(), listener.ask(wait=20)
    monkeypatch.setattr(PAGES, 30)
    # By now there may have been another gap.
    listener.ask()
    placed = client.data("/api/trade/place-order", **RESTING)
    after = listener.ask()

    assert ([event["type"] for event in told["events"]], told["gap"]) == (["accepted"] * 3, None)
    assert unlisted["events"] == []
    assert (unlisted["gap"]["account"], unlisted["gap"]["from_number"], unlisted["gap"]["to_number"]) == (
        FIRST,
        None,
        None,
    )
    assert unlisted["gap"]["since"] <= unlisted["gap"]["until"]
    assert [event["data"]["order_id"] for event in after["events"]] == [placed["order_id"]]


def test_while_tiger_only_fails_no_event_is_given_up(client, simulator, monkeypatch):
    monkeypatch.setattr(PAGES, 30)
    listener = Listener(client, topics="orders")
    listener.ask()
    again = Listener(client, topics="orders", after=listener.after)
    placed = client.data("/api/trade/place-order", **RESTING)
    simulator.reset_counts()
    simulator.inject(Fault("http_500", method="orders"))
    wait_until(lambda: simulator.calls("orders") > 2 * MOST_FAILURES, 20)
    simulator.clear_faults()
    told = again.ask()

    assert placed["order_id"] in {event["data"]["order_id"] for event in told["events"]}
    assert told["gap"] is None
