"""Limits hold where what they went by has changed: the order of a change, or what is still counted of an old order."""

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.gateway import get_gateway
from app.settings import Settings
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from tests.limits.conftest import SetLimits
from tests.orders.trader import get_order
from tests.support.client import FIRST, Client
from tests.support.server import wait_until

OLD_QUOTES_SECONDS = 2.2
"""After so long a worker asks for a price anew."""


@pytest.fixture
def other_client(settings: Settings, app: Flask) -> Iterator[Client]:
    """Give a client of another worker on the same database."""
    application = create_app(settings)
    yield Client(application)
    get_gateway(application).close()


def place(client: Client, key: str, **fields: float) -> TestResponse:
    return client.send("/api/trade/place-order", get_order(**fields), **{"Idempotency-Key": key})


def modify(client: Client, order_id: str, **fields: float) -> TestResponse:
    return client.send("/api/trade/modify-order", {"account": FIRST, "order_id": order_id, **fields})


def test_two_changes_at_once_do_not_add_up_to_what_neither_may(
    client: Client, other_client: Client, set_limits: SetLimits, simulator: Simulator
) -> None:
    for each in (client, other_client):
        each.data("/api/market/quote", symbol="AAPL")
        each.data("/api/info/contracts", symbols=["AAPL"])
    set_limits(max_order_value=100)
    order_id = place(client, "changed", limit_price=10).get_json()["data"]["order_id"]
    assert modify(client, order_id, quantity=11).status_code == 403
    time.sleep(OLD_QUOTES_SECONDS)
    simulator.inject(Fault("delay", method="quote_real_time", seconds=0.8))
    simulator.reset_counts()
    answers: dict[str, TestResponse] = {}
    raising = threading.Thread(
        target=lambda: answers.update(price=modify(other_client, order_id, limit_price=100)), name="raising"
    )
    raising.start()
    wait_until(lambda: simulator.calls("quote_real_time"), 5)
    answers["quantity"] = modify(client, order_id, quantity=10)
    raising.join()
    (order,) = [each for each in simulator.orders(FIRST) if str(each["id"]) == order_id]

    assert order["totalQuantity"] * order["limitPrice"] <= 100
    assert sorted(each.status_code for each in answers.values()) == [200, 503]
    assert {each.get_json().get("code") for each in answers.values()} == {None, "too_busy"}


def test_what_is_counted_no_longer_is_not_sent_again(
    client: Client, set_limits: SetLimits, simulator: Simulator, app: Flask
) -> None:
    set_limits(orders_per_day=5)
    simulator.inject(Fault("cut_before", method="place_order"))
    assert place(client, "lost").status_code == 202
    simulator.clear_faults()
    gateway = get_gateway(app)
    (record,) = gateway.orders.journal.find_by_key(FIRST, "lost")
    gateway.limiting.uses.forget([record.id])
    simulator.reset_counts()
    again = place(client, "lost")

    assert again.status_code == 202, again.text
    assert simulator.calls("place_order") == 0
