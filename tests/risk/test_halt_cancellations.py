"""A halt that cancels what is open goes on until nothing of it is left, whoever dies meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from app.clock import get_elapsed, get_now_ms
from app.leadership import Term
from app.orders.requester import Requester
from app.orders.states import State
from app.risk.halt_cancellations import OVER, HaltCancellations
from app.risk.halts import Halts, Mode
from app.storage.halt_tables import halts
from tests.orders.free_symbols import find_free_symbol
from tests.orders.trader import get_price
from tests.support.client import FIRST
from tests.support.server import wait_until


@pytest.fixture
def rows(gateway):
    """Give the rows of halts."""
    return Halts(gateway.storage)


@pytest.fixture
def carry_on(gateway):
    """Give what the worker that leads does, as if all of it were due."""

    def run():
        with gateway.storage.writing() as connection:
            due = update(halts).where(halts.c.cancels_at.is_not(None))
            connection.execute(due.values(cancels_at=get_now_ms()))
        term = Term(1, 60.0, get_elapsed(), lambda: True)
        HaltCancellations(Halts(gateway.storage), gateway.orders, lambda: gateway.tiger).carry_on(term)

    return run


@pytest.fixture
def is_pending(gateway):
    """Give whether a halt has something left to cancel, as its row says."""

    def read():
        with gateway.storage.reading() as connection:
            return connection.execute(select(halts.c.cancels_at)).scalar_one() is not None

    return read


def is_open(trader, order_id):
    return trader.status(order_id=order_id)["order"]["status"] == "Submitted"


def place(trader, **fields):
    return trader.place(**fields).get_json()["data"]["order_id"]


def test_what_a_killed_worker_left_open_is_cancelled_by_the_one_that_leads(trader, rows, carry_on, is_pending):
    order_id = place(trader)
    rows.halt(FIRST, Mode.HALTED, "Its worker dies now.", "me", cancels=True)
    carry_on()

    wait_until(lambda: not is_open(trader, order_id), 15)
    wait_until(lambda: not is_pending(), 15)


def test_nothing_is_left_to_the_leader_of_what_the_request_has_cancelled(trader, is_pending):
    place(trader)
    trader.client.data("/api/trade/halt", mode="halted", reason="Stop.", cancel_open=True)

    assert not is_pending()


def test_an_order_that_was_on_its_way_is_cancelled_once_it_is_there(trader, carry_on, is_pending):
    price = get_price()
    trader.inject("delay", seconds=3.0)
    with ThreadPoolExecutor(1) as pool:
        placed = pool.submit(trader.place, "slow", limit_price=price)
        wait_until(lambda: trader.count(State.SENDING), 15)
        trader.client.data("/api/trade/halt", mode="halted", reason="Stop.", cancel_open=True)
        was_pending, held_then = is_pending(), trader.held(price)
        order_id = placed.result().get_json()["data"]["order_id"]
    carry_on()

    assert was_pending
    assert held_then == []
    wait_until(lambda: not is_open(trader, order_id), 15)


def test_who_resumes_ends_it(trader, rows, carry_on):
    order_id = place(trader)
    rows.halt(FIRST, Mode.HALTED, "Stop.", "me", cancels=True)
    rows.resume(FIRST, "Go on.", "me")
    carry_on()

    assert is_open(trader, order_id)


def test_an_account_whose_turn_comes_after_that_keeps_its_orders(trader, rows, gateway):
    halt = rows.halt(FIRST, Mode.HALTED, "Stop.", "me", cancels=True)
    rows.resume(FIRST, "Go on.", "me")
    order_id = place(trader)
    told = HaltCancellations(rows, gateway.orders, lambda: gateway.tiger).begin(halt, Requester("me", "me", "late"))

    assert is_open(trader, order_id)
    assert [(each["may_be_open"], each["reason"]) for each in told] == [(None, OVER)]


def test_another_halt_does_not_end_it(trader, rows, carry_on):
    order_id = place(trader)
    rows.halt(FIRST, Mode.HALTED, "Stop.", "me", cancels=True)
    rows.halt(FIRST, Mode.REDUCE_ONLY, "Stop a little less.", "you")
    carry_on()

    wait_until(lambda: not is_open(trader, order_id), 15)


def test_all_accounts_are_looked_after_for_a_halt_of_all(trader, rows, carry_on):
    order_id = place(trader)
    rows.halt("*", Mode.HALTED, "Stop.", "me", cancels=True)
    carry_on()

    wait_until(lambda: not is_open(trader, order_id), 15)


@pytest.mark.parametrize("slow_ms", [0, 3_600_000])
def test_what_closes_a_position_meanwhile_is_spared(trader, simulator, gateway, rows, carry_on, slow_ms):
    """Nothing else is, by whichever clock it was placed: the machine that halted may be slow."""
    symbol = find_free_symbol(simulator)
    simulator.hold(FIRST, symbol, 10)
    before = place(trader)
    time.sleep(0.01)
    rows.halt(FIRST, Mode.REDUCE_ONLY, "Stop.", "me", cancels=True)
    with gateway.storage.writing() as connection:
        connection.execute(update(halts).values(changed_at=get_now_ms() - slow_ms))
    closing = {"symbol": symbol, "order_type": "LMT", "limit_price": 100_000}
    since = trader.client.data("/api/trade/close-position", **closing)["order_id"]
    carry_on()

    wait_until(lambda: not is_open(trader, before), 15)
    assert is_open(trader, since)
