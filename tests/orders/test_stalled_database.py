"""A database that has stopped without a word keeps no order past its time, and no cancellation at home."""

import contextlib
import sqlite3

import pytest
from sqlalchemy import text

from app.gateway import get_gateway
from app.storage import engine
from tests.orders.trader import get_price
from tests.support.client import FIRST, assert_envelope, assert_refusal


@pytest.fixture
def settings(settings, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.3)
    return settings


@contextlib.contextmanager
def stalling(storage):
    """Hold the lock that every order command needs."""
    if storage.is_sqlite:
        file = storage.engine.url.database
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with storage.engine.connect() as other, other.begin():
        other.execute(text("LOCK TABLE tiger_rest_order_commands IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_cancellation_goes_out_and_an_order_is_denied_within_its_time(trader, app):
    order_id = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
    trader.simulator.reset_counts()
    with stalling(get_gateway(app).storage):
        cancelled = trader.cancel(order_id)
        placed = trader.place("stalled", limit_price=get_price())

    assert_envelope(cancelled, 200, FIRST)
    assert_refusal(placed, 503, "storage_unavailable")
    assert trader.simulator.calls("cancel_order") == 1
    assert trader.simulator.calls("place_order") == 0
