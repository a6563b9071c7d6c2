"""A database that has stopped without a word keeps no order past its time, and no cancellation at home."""

import contextlib
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import make_url, text

from app import create_app
from app.gateway import get_gateway
from app.storage import postgresql
from tests.orders.trader import Trader, get_price
from tests.support.client import FIRST, assert_envelope, assert_refusal
from tests.support.freezing import freezing_proxy
from tests.support.server import wait_until


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
        placed = trader.place(limit_price=get_price())

    assert_envelope(cancelled, 200, FIRST)
    assert_refusal(placed, 503, "storage_unavailable")
    assert trader.simulator.calls("cancel_order") == 1
    assert trader.simulator.calls("place_order") == 0


def test_no_order_is_told_as_missing_while_the_journal_cannot_say_more(trader, app):
    with stalling(get_gateway(app).storage):
        cancelled = trader.cancel("99999999")

    assert_refusal(cancelled, 503, "storage_unavailable")
    assert trader.cancel("99999999").status_code == 404


@pytest.mark.parametrize("settings", [10.0], indirect=True)
def test_a_cancellation_goes_out_while_the_server_of_the_database_stands_still(settings, simulator, monkeypatch):
    url = make_url(settings.gateway.database_url)
    if url.get_backend_name() == "sqlite":
        pytest.skip("SQLite has no server")
    monkeypatch.setattr(postgresql, "PING_SECONDS", 0.5)
    with freezing_proxy(url) as proxy:
        through = url.set(port=proxy.port).render_as_string(hide_password=False)
        app = create_app(replace(settings, gateway=replace(settings.gateway, database_url=through)))
        trader = Trader(app, simulator)
        order_id = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
        with proxy.frozen():
            cancelled = trader.cancel(order_id)
            placed = trader.place(limit_price=get_price())
        get_gateway(app).close()

    assert_envelope(cancelled, 200, FIRST)
    assert_refusal(placed, 503, "storage_unavailable")


@pytest.mark.parametrize("settings", [10.0], indirect=True)
def test_a_repeat_is_never_told_that_nothing_was_done_while_the_first_request_runs(trader, app, other_app):
    price = get_price()
    trader.inject("delay", seconds=5)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(trader.place, "k", limit_price=price)
        wait_until(lambda: trader.simulator.calls("place_order"), 15)
        repeat = pool.submit(Trader(other_app, trader.simulator).place, "k", limit_price=price)
        # By then the repeat has found the row of the first, and waits.
        time.sleep(0.5)
        with stalling(get_gateway(app).storage):
            refused = repeat.result()

    assert_refusal(refused, 202, "order_state_unknown")
    assert first.result().status_code == 200
    assert len(trader.held(price)) == 1
