"""A clock that is set neither ends the watch over an order nor leaves one alone: rows as it would have left them."""

import pytest
from sqlalchemy import update

from app.gateway import get_gateway
from app.orders.states import State
from app.storage.order_tables import order_commands
from tests.orders.trader import get_price
from tests.support.client import FIRST
from tests.support.server import wait_until

MINUTE_MS = 60_000


@pytest.fixture
def change_rows(app):
    """Give a way to write times into all rows of the journal."""

    def change(**values):
        with get_gateway(app).storage.writing() as connection:
            connection.execute(update(order_commands).values(values))

    return change


def test_an_accepted_order_is_followed_although_the_clock_was_set_forward(trader, change_rows):
    price = get_price()
    trader.inject("late_rejection", seconds=30, message="the exchange said no")
    trader.place("refused", limit_price=price)
    change_rows(created_at=order_commands.c.created_at - 4 * MINUTE_MS)
    journal = get_gateway(trader.app).orders.journal
    wait_until(lambda: journal.find_by_key(FIRST, "refused")[0].looks, 10)
    trader.simulator.advance(40)

    wait_until(lambda: trader.place("refused", limit_price=price).status_code == 422, 15)


def test_an_order_that_could_not_be_looked_at_is_followed_although_the_clock_was_set_forward(trader, change_rows):
    trader.inject("http_500", method="orders", times=None)
    trader.place("kept", limit_price=get_price())
    change_rows(created_at=order_commands.c.created_at - 60 * MINUTE_MS)
    journal = get_gateway(trader.app).orders.journal

    wait_until(lambda: journal.find_by_key(FIRST, "kept")[0].looks, 10)

    assert journal.find_by_key(FIRST, "kept")[0].next_look_at is not None


def test_an_absent_order_is_watched_although_the_clock_was_set_forward(trader, change_rows):
    trader.inject("hang", processed=True)
    trader.inject("late_visibility", seconds=30)
    trader.inject("hang", method="orders", times=None)
    unknown = trader.place("surfaces", limit_price=get_price())
    trader.simulator.clear_faults()
    journal = get_gateway(trader.app).orders.journal

    def read():
        return journal.find_by_key(FIRST, "surfaces")[0]

    wait_until(lambda: read().state is State.ABSENT, 10)
    # Older than the watch is long, as the journal's clock tells it; the next look is due.
    change_rows(created_at=order_commands.c.created_at - 120 * MINUTE_MS, looks=0, next_look_at=1)
    wait_until(lambda: read().looks, 10)
    trader.simulator.advance(40)

    assert unknown.status_code == 202
    wait_until(lambda: read().state is State.ACCEPTED, 10)


@pytest.mark.parametrize("minutes", [1, 60])
def test_an_order_in_doubt_is_looked_for_although_the_clock_was_set_back(trader, change_rows, minutes):
    trader.inject("hang", processed=True)
    trader.inject("hang", method="orders", times=None)
    unknown = trader.place("back", limit_price=get_price())
    change_rows(next_look_at=order_commands.c.created_at + minutes * MINUTE_MS)
    trader.simulator.clear_faults()

    assert unknown.status_code == 202
    wait_until(lambda: trader.count(State.UNKNOWN, State.SENDING) == 0, 20)


def test_a_command_sent_before_tigers_time_was_known_is_told_it_with_its_outcome(trader, change_rows):
    trader.inject("hang", processed=True)
    trader.inject("hang", method="orders", times=None)
    trader.place("early", limit_price=get_price())
    change_rows(sent_by_tiger=None)
    trader.simulator.clear_faults()
    wait_until(lambda: trader.status(client_order_id="early")["outcome"] == "accepted", 10)
    held = get_gateway(trader.app).orders.journal.find_by_key(FIRST, "early")[0]

    assert held.sent_by_tiger is not None
