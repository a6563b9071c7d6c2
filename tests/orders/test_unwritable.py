"""A repeat is never told that nothing was done while its order may exist, whatever the database does."""

import dataclasses

import pytest

from app import create_app
from app.gateway import get_gateway
from app.settings import LimitSettings
from tests.orders.locked import locked
from tests.orders.trader import Trader, get_price
from tests.support.client import assert_refusal
from tests.support.databases import failing


@pytest.mark.parametrize("settings", [4.0], indirect=True)
def test_a_repeat_is_answered_while_the_journal_cannot_be_written(trader, app):
    price = get_price()
    first = trader.place("kept", limit_price=price)
    with locked(get_gateway(app).storage):
        again = trader.place("kept", limit_price=price)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("settings", [4.0], indirect=True)
def test_a_first_request_that_cannot_be_written_does_nothing_and_says_so(trader, app):
    price = get_price()
    with locked(get_gateway(app).storage):
        answer = trader.place("new", limit_price=price)

    assert_refusal(answer, 503, "storage_unavailable")
    assert trader.held(price) == []


@pytest.mark.parametrize("command", ["place", "modify", "modify attached"])
def test_a_repeat_that_cannot_be_looked_up_is_told_that_an_earlier_one_may_have_been_done(trader, app, command):
    price = get_price()
    order = {"limit_price": price, "take_profit": {"limit_price": 9.5}}
    order_id = trader.place("kept", **order).get_json()["data"]["order_id"]
    profit = {"limit_price": 9.0, "time_in_force": "DAY"}

    def repeat():
        if command == "place":
            return trader.place("kept", **order)
        return trader.modify(
            order_id, "change", **({"quantity": 2} if command == "modify" else {"take_profit": profit})
        )

    assert repeat().status_code == 200
    with failing(get_gateway(app).storage):
        answer = repeat()

    assert_refusal(answer, 503, "earlier_outcome_unknown")
    assert "may have been carried out" in answer.get_json()["error"]
    assert answer.get_json()["retryable"] is True


@pytest.fixture
def limited(settings, simulator):
    """Give a trader whose API key has one request a minute."""
    app = create_app(dataclasses.replace(settings, limits=LimitSettings(per_key="1/minute")))
    yield Trader(app, simulator)
    get_gateway(app).close()


def test_over_its_limit_a_repeat_that_cannot_be_looked_up_is_not_told_that_nothing_was_done(limited):
    price = get_price()
    first = limited.place("kept", limit_price=price)
    with failing(get_gateway(limited.app).storage):
        repeat = limited.place("kept", limit_price=price)
        unkeyed = limited.place(limit_price=price)

    assert first.status_code == 200
    assert_refusal(repeat, 503, "earlier_outcome_unknown")
    assert_refusal(unkeyed, 429, "rate_limited")
    assert len(limited.held(price)) == 1


def test_without_a_key_no_earlier_request_is_spoken_of(trader, app):
    with failing(get_gateway(app).storage):
        answer = trader.place(limit_price=get_price())

    assert_refusal(answer, 503, "storage_unavailable")
