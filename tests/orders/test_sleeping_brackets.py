"""Attached orders that Tiger does not show before their order is filled: their ids alone are known."""

from dataclasses import replace

import pytest

from app.gateway import get_gateway
from tests.orders.trader import get_price
from tests.support.client import assert_refusal
from tests.support.server import wait_until

BRACKET = {"take_profit": {"limit_price": 9.5}, "stop_loss": {"stop_price": 0.5}}
CHANGED = {
    "take_profit": {"limit_price": 8.5, "time_in_force": "DAY"},
    "stop_loss": {"stop_price": 0.5, "time_in_force": "DAY"},
}


def place(trader, key=None, **fields):
    """Place a bracket that rests."""
    return trader.place(key, **{"limit_price": get_price(), **BRACKET, **fields})


def get_ids(data):
    """Return the ids of the related orders."""
    return {each["order_id"] for each in data["related_orders"]}


def test_their_ids_are_named_although_nobody_knows_which_is_which(trader):
    data = place(trader).get_json()["data"]
    order = trader.status(order_id=data["order_id"])["order"]

    assert len(get_ids(data)) == 2
    assert {each["role"] for each in data["related_orders"]} == {None}
    assert data["missing_orders"] == []
    assert get_ids(order) == get_ids(data)


def test_one_alone_can_only_be_what_was_asked_for(trader):
    data = trader.place(limit_price=get_price(), stop_loss={"stop_price": 0.5}).get_json()["data"]

    assert [each["role"] for each in data["related_orders"]] == ["stop_loss"]


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_they_are_named_after_a_lost_answer(trader):
    trader.inject("lost_answer")
    response = place(trader)

    assert response.status_code == 200, response.text
    assert len(get_ids(response.get_json()["data"])) == 2
    assert trader.simulator.calls("place_order") == 1


def test_what_an_answer_leaves_out_is_looked_for(trader):
    trader.inject("missing_fields", fields=("subIds",))
    data = place(trader).get_json()["data"]

    assert len(get_ids(data)) == 2


def test_an_order_whose_attached_ones_are_nowhere_is_accepted_and_says_so(trader):
    trader.inject("missing_fields", fields=("subIds",))
    trader.inject("missing_fields", method="orders", fields=("subIds",), times=None)
    data = place(trader).get_json()["data"]
    events = trader.client.data("/api/trade/order-events", order_id=data["order_id"])["events"]

    assert sorted(data["missing_orders"]) == ["stop_loss", "take_profit"]
    assert any(event["details"].get("missing_orders") == data["missing_orders"] for event in events)


def test_tigers_word_is_taken_for_a_change_of_what_it_does_not_show(trader):
    data = place(trader).get_json()["data"]
    changed = trader.modify(data["order_id"], **CHANGED)
    (sent,) = [call.biz for call in trader.simulator.requests() if call.method == "modify_order"]

    assert changed.status_code == 200, changed.text
    assert changed.get_json()["data"]["modified_fields"] == {
        "take_profit.limit_price": 8.5,
        "stop_loss.stop_price": 0.5,
    }
    assert sent["attach_type"] == "BRACKETS"


@pytest.mark.parametrize(("named", "left_out"), [("take_profit", "stop_loss"), ("stop_loss", "take_profit")])
def test_what_is_not_shown_and_not_named_is_not_left_to_tiger(trader, named, left_out):
    """Tiger may take what a change names for all that is attached: the other one would be gone."""
    data = place(trader).get_json()["data"]
    response = trader.modify(data["order_id"], **{named: CHANGED[named]})

    assert_refusal(response, 400, "invalid_request")
    assert list(response.get_json()["details"]) == [left_out]
    assert trader.simulator.calls("modify_order") == 0


def test_one_that_is_alone_is_changed_by_itself_and_not_for_another(trader):
    data = trader.place(limit_price=get_price(), take_profit={"limit_price": 9.5}).get_json()["data"]
    other = trader.modify(data["order_id"], stop_loss=CHANGED["stop_loss"])

    assert_refusal(other, 400, "invalid_request")
    assert list(other.get_json()["details"]) == ["take_profit"]
    assert trader.modify(data["order_id"], take_profit=CHANGED["take_profit"]).status_code == 200


def test_how_long_what_is_not_shown_lasts_has_to_be_said_with_a_change(trader):
    data = place(trader).get_json()["data"]
    response = trader.modify(data["order_id"], **{**CHANGED, "stop_loss": {"stop_price": 0.75}})

    assert_refusal(response, 400, "invalid_request")
    assert list(response.get_json()["details"]) == ["stop_loss.time_in_force"]
    assert trader.simulator.calls("modify_order") == 0


def test_a_lost_answer_to_such_a_change_stays_unknown_and_is_not_sent_again(trader):
    data = place(trader).get_json()["data"]
    trader.inject("lost_answer", method="modify_order")
    lost = trader.modify(data["order_id"], "unseen", **CHANGED)
    again = trader.modify(data["order_id"], "unseen", **CHANGED)

    assert_refusal(lost, 202, "order_state_unknown")
    assert_refusal(again, 202, "order_state_unknown")
    assert trader.simulator.calls("modify_order") == 1


def test_the_numbers_of_what_sleeps_are_not_given_to_other_orders(trader, other_app):
    """Two workers are told the same number; what is attached to the first one's order takes those that follow."""
    other = replace(trader, app=other_app)
    other.place("other-warm-up", limit_price=get_price())
    for each in (other, trader):
        each.place(limit_price=get_price())
        numbers = get_gateway(each.app).orders.context.numbers
        wait_until(lambda kept=numbers._kept: any(kept.values()), 15)
    prices = [get_price(), get_price()]
    bracket = place(trader, "first", limit_price=prices[0])
    plain = other.place("second", limit_price=prices[1])

    assert (bracket.status_code, plain.status_code) == (200, 200), plain.text
    assert len(trader.held(prices[1])) == 1
