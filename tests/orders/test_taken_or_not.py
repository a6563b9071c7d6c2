"""What Tiger may not take of an order is told by its name, and not sent again to find out."""

import pytest

from tests.orders.trader import get_price
from tests.support.client import assert_refusal
from tests.support.server import wait_until


@pytest.mark.parametrize("time_in_force", ["IOC", "FOK"])
def test_a_time_in_force_that_tiger_refuses_is_named_and_denied_the_next_time(trader, time_in_force):
    trader.simulator.read_as(ioc_fok="refused")
    first = trader.place("first", limit_price=get_price(), time_in_force=time_in_force)
    sent = trader.simulator.calls("place_order")
    second = trader.place("second", limit_price=get_price(), time_in_force=time_in_force)

    for answer in (first, second):
        assert_refusal(answer, 422, "order_rejected")
        assert "DAY, GTC or GTD" in answer.get_json()["details"]["time_in_force"][0]
    assert trader.simulator.calls("place_order") == sent


def test_a_time_in_force_that_tiger_takes_is_passed_on(trader):
    trader.simulator.read_as(ioc_fok="accepted")
    answer = trader.place("ioc", limit_price=1_000.0, time_in_force="IOC")

    assert answer.get_json()["data"]["time_in_force"] == "IOC"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_market_order_refused_for_what_its_client_left_out_is_sent_without(trader, language):
    trader.simulator.read_as(market_order_outside_rth="refused", refusal_language=language)
    first = trader.place("first", order_type="MKT", limit_price=None)
    trader.simulator.reset_counts()
    second = trader.place("second", order_type="MKT", limit_price=None)

    assert [answer.status_code for answer in (first, second)] == [200, 200]
    assert first.get_json()["data"]["outside_rth"] is False
    assert trader.simulator.calls("place_order") == 1


def test_a_market_order_whose_client_asks_for_extended_hours_is_told_the_refusal(trader):
    trader.simulator.read_as(market_order_outside_rth="refused")
    answer = trader.place("asked", order_type="MKT", limit_price=None, outside_rth=True)

    assert_refusal(answer, 422, "order_rejected")
    assert trader.simulator.calls("place_order") == 1


@pytest.mark.parametrize("lost", [False, True])
def test_a_cancellation_in_two_steps_is_accepted_and_sent_once(trader, lost):
    order_id = trader.place("resting", limit_price=get_price()).get_json()["data"]["order_id"]
    trader.simulator.read_as(cancel="two_steps")
    if lost:
        trader.inject("lost_answer", method="cancel_order")
    answer = trader.cancel(order_id)
    again = trader.cancel(order_id)
    trader.simulator.advance(3)

    assert (answer.status_code, again.status_code) == (200, 200)
    assert trader.simulator.calls("cancel_order") == 1
    wait_until(lambda: trader.status(order_id=order_id)["order"]["status"] == "Cancelled", 15)


def test_a_refusal_that_merely_speaks_of_a_time_in_force_teaches_nothing(trader):
    trader.simulator.read_as(ioc_fok="accepted")
    text = "standard account response error(bad_request:not enough buying power for this IOC order)"
    trader.inject("code", code=1200, message=text)
    first = trader.place("a", limit_price=get_price(), time_in_force="IOC")
    second = trader.place("b", limit_price=get_price(), time_in_force="IOC")

    assert (first.status_code, second.status_code) == (422, 200)


def test_a_limit_order_teaches_nothing_about_market_orders(trader):
    text = "standard account response error(bad_request:orders cannot be changed in after-hours)"
    trader.inject("code", code=1200, message=text)
    first = trader.place("a", limit_price=get_price())
    second = trader.place("b", order_type="MKT", limit_price=None)

    assert first.status_code == 422
    assert second.get_json()["data"]["outside_rth"] is True


def test_an_order_in_doubt_that_is_repeated_is_refused_by_tiger_and_not_by_what_was_learned_since(trader):
    price = get_price()
    trader.simulator.read_as(ioc_fok="refused")
    trader.inject("cut_before")
    trader.inject("http_500", method="orders", times=None)
    lost = trader.place("lost", limit_price=price, time_in_force="IOC")
    learned = trader.place("learned", limit_price=get_price(), time_in_force="IOC")
    trader.simulator.clear_faults()

    def repeat():
        return trader.place("lost", limit_price=price, time_in_force="IOC")

    wait_until(lambda: repeat().status_code == 422, 15)
    assert_refusal(lost, 202, "order_state_unknown")
    assert_refusal(learned, 422, "order_rejected")
    for answer in (repeat(), repeat()):
        assert_refusal(answer, 422, "order_rejected")
    assert trader.status(client_order_id="lost")["outcome"] == "rejected"
    assert trader.simulator.calls("place_order") == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"order_type": "LMT", "limit_price": 1.5, "trading_session": "OVERNIGHT"},
        {"order_type": "LMT", "limit_price": 1.5, "trading_session": "FULL"},
        {"order_type": "MKT", "limit_price": None, "trading_session": "FULL"},
    ],
)
def test_what_was_learned_of_market_orders_takes_no_order_out_of_its_session(trader, fields):
    trader.simulator.read_as(market_order_outside_rth="refused")
    trader.place("teaches", order_type="MKT", limit_price=None)
    trader.simulator.reset_counts()
    trader.place("night", **fields)
    sent = next(call.biz for call in trader.simulator.requests() if call.method == "place_order")

    assert sent["trading_session_type"] == fields["trading_session"]
    assert sent.get("outside_rth") is not False


@pytest.mark.parametrize(("session", "names"), [("OVERNIGHT", False), ("FULL", False), ("PRE_RTH_POST", True)])
def test_a_change_says_nothing_that_may_take_an_order_out_of_its_session(trader, session, names):
    placed = trader.place("night", limit_price=1.5, trading_session=session).get_json()["data"]["order_id"]
    trader.simulator.reset_counts()
    changed = trader.modify(placed, limit_price=1.4)
    sent = next(call.biz for call in trader.simulator.requests() if call.method == "modify_order")

    assert changed.status_code == 200
    assert ("outside_rth" in sent) is names


@pytest.mark.parametrize(("said", "sent"), [(None, False), (True, True), (False, False)])
def test_what_takes_a_profit_says_its_hours(trader, said, sent):
    trader.place("bracket", limit_price=1.5, take_profit={"limit_price": 9, "outside_rth": said})
    placed = next(call.biz for call in trader.simulator.requests() if call.method == "place_order")

    assert placed["profit_taker_rth"] is sent
