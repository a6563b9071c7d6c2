"""What becomes of an order is told once, by whoever learns it first: the journal, the reconciler, or a comparison."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from app.settings import OrderSettings, PushSettings, TigerSettings
from app.simulator.faults import Fault
from tests.events.listening import Listener
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST
from tests.support.server import wait_until

RESTING = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 1}


@pytest.fixture
def settings(settings):
    """Give settings with short waits, and without what Tiger pushes."""
    return dataclasses.replace(
        settings,
        push=PushSettings(enabled=False),
        tiger=TigerSettings(order_deadline_seconds=3.0, read_deadline_seconds=5.0),
        orders=OrderSettings(absence_seconds=0.4, reconcile_seconds=0.2),
    )


@pytest.fixture
def listener(client):
    """Give a client that has had everything so far."""
    listening = Listener(client, topics="orders")
    listening.ask()
    return listening


@pytest.fixture
def compare(app):
    """Give a way to compare the account with Tiger now."""

    def run():
        events = get_gateway(app).account_events
        return events.comparison.run(get_gateway(app).tiger.session(FIRST), events.log.fetch_head(FIRST))

    return run


def place(client, key=None, **fields):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.send("/api/trade/place-order", {"account": FIRST, **RESTING, **fields}, **headers)


def find_told(listener, order_id):
    """Return what was told of one order; the simulator's first ones may be told of, too."""
    told = [event for event in listener.events if event["data"]["order_id"] == order_id]
    return [(event["type"], event["source"]) for event in told]


def test_an_accepted_order_is_told_with_the_clients_own_id(client, listener):
    placed = place(client, "mine").get_json()["data"]
    listener.ask()
    (event,) = listener.events

    assert (event["topic"], event["type"], event["source"]) == ("orders", "accepted", "journal")
    assert event["data"]["order_id"] == placed["order_id"]
    assert event["data"]["client_order_id"] == "mine"
    assert event["data"]["order"]["status"] == placed["status"]


def test_changes_and_cancellations_are_told_as_commands(client, listener):
    order_id = place(client).get_json()["data"]["order_id"]
    client.data("/api/trade/modify-order", order_id=order_id, limit_price=1.1)
    client.data("/api/trade/cancel-order", order_id=order_id)
    listener.ask()

    assert [(event["type"], event["data"]["command"]) for event in listener.events] == [
        ("accepted", "place"),
        ("accepted", "modify"),
        ("accepted", "cancel"),
    ]


def test_a_repeat_of_an_order_is_not_told_again(client, listener):
    place(client, "once")
    place(client, "once")
    listener.ask()

    assert listener.get_types() == ["accepted"]


def test_a_refusal_is_told_with_its_reason(client, listener, simulator):
    simulator.read_as(unaffordable="refused_at_once")
    place(client, quantity=10_000_000, limit_price=150)
    listener.ask()

    assert listener.get_types() == ["rejected"]
    assert listener.events[0]["data"]["reason"]


def test_a_refusal_that_comes_late_is_told_with_its_reason(client, listener, simulator, compare):
    simulator.inject(Fault("late_rejection", method="place_order", message="the exchange said no", times=1))
    order_id = place(client).get_json()["data"]["order_id"]
    wait_until(lambda: compare() is not None and listener.ask() and "rejected" in listener.get_types(), 20)
    told = [event for event in listener.events if event["data"]["order_id"] == order_id]

    assert [event["type"] for event in told] == ["accepted", "rejected"]
    assert "the exchange said no" in told[1]["data"]["reason"]


def test_an_unknown_order_is_told_and_so_is_how_it_was_resolved(client, listener, simulator):
    simulator.inject(Fault("lost_answer", method="place_order", times=1), Fault("http_500", method="orders", times=40))
    place(client, "lost")
    simulator.clear_faults()
    wait_until(lambda: listener.ask() and "accepted" in listener.get_types(), 30)
    unknown, accepted = listener.events

    assert (unknown["type"], unknown["data"]["client_order_id"]) == ("unknown", "lost")
    assert (accepted["source"], accepted["data"]["resolved"]) == ("reconciler", True)


def test_a_comparison_tells_what_nobody_pushed_and_only_once(client, listener, simulator, compare):
    order_id = place(client).get_json()["data"]["order_id"]
    compare()
    Program(simulator).client.cancel_order(account=FIRST, id=int(order_id))
    wait_until(lambda: compare() is not None and listener.ask() and len(find_told(listener, order_id)) > 1, 15)
    compare()
    listener.ask()

    assert find_told(listener, order_id) == [("accepted", "journal"), ("cancelled", "poll")]


def test_a_fill_that_was_told_before_the_order_was_answered_is_not_told_again(client, listener, simulator, compare):
    compare()
    simulator.inject(Fault("delay_after", method="place_order", seconds=0.8, times=1))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(place, client, order_type="MKT", limit_price=None)
        wait_until(lambda: simulator.calls("place_order"), 10)
        compare()
        was_answered = answer.done()
    compare()
    listener.ask()

    told = find_told(listener, answer.result().get_json()["data"]["order_id"])
    assert not was_answered
    assert sorted(told) == [("accepted", "journal"), ("filled", "poll")]


def test_fills_positions_and_cash_are_told_by_a_comparison(client, compare):
    compare()
    listener = Listener(client)
    listener.ask()
    place(client, order_type="MKT", limit_price=None)
    wait_until(lambda: compare() is not None and listener.ask() and "fill" in listener.get_types(), 15)
    wait_until(lambda: compare() is not None and listener.ask() and "position" in listener.get_types(), 15)

    assert sorted((event["topic"], event["type"]) for event in listener.events) == [
        ("assets", "assets"),
        ("orders", "accepted"),
        ("orders", "filled"),
        ("positions", "position"),
        ("transactions", "fill"),
    ]


def test_what_was_so_before_the_first_comparison_is_in_the_snapshot_and_no_event(client, compare, simulator):
    simulator.hold(FIRST, "AAPL", 5)
    listener = Listener(client, topics="positions,assets")
    snapshot = listener.ask()["snapshot"]
    compare()
    listener.ask()

    assert snapshot["missing"] == []
    assert "AAPL" in {position["symbol"] for position in snapshot["positions"]}
    assert listener.events == []
