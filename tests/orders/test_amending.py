"""Changing and cancelling: what happened is told as what it is, with the order's true state."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.states import State
from app.orders.times import Timing
from tests.orders.trader import Trader, get_price
from tests.support.client import FIRST, assert_refusal
from tests.support.server import wait_until


@pytest.fixture
def order_id(trader):
    return trader.place(limit_price=get_price()).get_json()["data"]["order_id"]


def test_a_modification_is_answered_with_the_changed_order(trader, order_id):
    data = trader.modify(order_id, quantity=3, limit_price=1.5).get_json()["data"]

    assert (data["quantity"], data["limit_price"]) == (3, 1.5)
    assert data["modified_fields"] == {"quantity": 3, "limit_price": 1.5}
    assert data["requested_order_id"] == data["modify_reference_id"] == data["result"] == order_id


@pytest.mark.parametrize("kind", ["lost_answer", "garbage"])
def test_a_modification_whose_answer_is_lost_is_seen_at_the_order(trader, order_id, kind):
    trader.inject(kind, method="modify_order")
    response = trader.modify(order_id, quantity=4)

    assert response.status_code == 200
    assert response.get_json()["data"]["quantity"] == 4
    assert trader.simulator.calls("modify_order") == 1


def test_a_modification_that_never_arrived_is_sent_again_once_the_wait_is_over(trader, order_id):
    trader.inject("cut_before", method="modify_order")
    response = trader.modify(order_id, quantity=5)

    assert response.status_code == 200
    assert trader.simulator.calls("modify_order") == 2


@pytest.mark.parametrize("settings", [8.0], indirect=True)
@pytest.mark.parametrize("name", ["order_id", "account_order_id"])
def test_of_two_modifications_at_once_neither_undoes_the_other(trader, other_app, name):
    order = trader.place(limit_price=get_price(), quantity=2).get_json()["data"]
    trader.inject("delay", method="modify_order", seconds=1)
    other = Trader(other_app, trader.simulator)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(trader.modify, order["order_id"], limit_price=1.25)
        wait_until(lambda: trader.simulator.calls("modify_order"), 15)
        refused = other.modify(order[name], "m", quantity=7)
    data = other.modify(order[name], "m", quantity=7).get_json()["data"]

    assert first.result().status_code == 200
    assert_refusal(refused, 503, "too_busy")
    assert (data["quantity"], data["limit_price"]) == (7, 1.25)
    assert trader.simulator.calls("modify_order") == 2


def test_modifications_of_several_orders_go_on_beside_each_other(trader, other_app):
    first, second = (trader.place(limit_price=get_price()).get_json()["data"]["order_id"] for _ in range(2))
    trader.inject("delay", method="modify_order", seconds=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(trader.modify, first, limit_price=1.25)
        wait_until(lambda: trader.simulator.calls("modify_order"), 15)
        assert Trader(other_app, trader.simulator).modify(second, quantity=7).status_code == 200

    assert slow.result().status_code == 200


def test_a_cancellation_whose_answer_is_lost_is_seen_at_the_order(trader, order_id):
    trader.inject("lost_answer", method="cancel_order")
    response = trader.cancel(order_id)

    assert response.status_code == 200
    assert response.get_json()["data"]["status"] in {"Cancelled", "PendingCancel"}
    assert trader.simulator.calls("cancel_order") == 1


def test_a_cancellation_that_stays_in_doubt_is_unknown_until_a_repeat_settles_it(trader, order_id):
    # The order is read before the command, and that read must pass.
    trader.inject("hang", method="cancel_order", processed=True)
    first = trader.cancel(order_id, "c")
    again = trader.cancel(order_id, "c")

    assert first.status_code in {200, 202}
    assert again.status_code == 200
    assert again.get_json()["data"]["status"] in {"PendingCancel", "Cancelled"}
    assert trader.simulator.calls("cancel_order") == 1


def test_a_cancelled_order_cannot_be_cancelled_again_and_its_state_is_told(trader, order_id):
    trader.simulator.read_as(cancel="at_once")
    trader.cancel(order_id)
    response = trader.cancel(order_id)

    assert_refusal(response, 422, "order_rejected")
    assert response.get_json()["error"] == "The order is already cancelled."
    assert response.get_json()["data"]["status"] == "Cancelled"


@pytest.mark.parametrize("command", ["modify", "cancel"])
def test_a_filled_order_is_told_as_filled(trader, command):
    order_id = trader.place(order_type="MKT", limit_price=None).get_json()["data"]["order_id"]
    response = trader.modify(order_id, quantity=2) if command == "modify" else trader.cancel(order_id)

    assert_refusal(response, 422, "order_rejected")
    assert response.get_json()["error"].startswith("The order is already filled.")
    assert response.get_json()["data"]["status"] == "Filled"


def test_an_order_that_fills_under_the_cancellation_is_told_as_filled(trader, order_id):
    trader.inject("delay", method="cancel_order", seconds=0.5)
    trader.simulator.set_price("AAPL", 0.5)
    response = trader.cancel(order_id)
    trader.simulator.set_price("AAPL", None)

    assert_refusal(response, 422, "order_rejected")
    assert response.get_json()["data"]["status"] == "Filled"


@pytest.mark.parametrize("command", ["modify", "cancel"])
def test_an_unknown_order_is_not_found(trader, command):
    response = trader.modify("987654321", quantity=2) if command == "modify" else trader.cancel("987654321")

    assert_refusal(response, 404, "order_not_found")
    assert trader.simulator.calls(f"{command}_order") == 0


def test_a_repeated_cancellation_with_its_key_is_sent_once(trader, order_id):
    first, again = trader.cancel(order_id, "once"), trader.cancel(order_id, "once")

    assert again.get_json()["data"] == first.get_json()["data"]
    assert trader.simulator.calls("cancel_order") == 1


def test_a_price_between_two_steps_is_refused_for_a_change_as_well(trader, order_id):
    response = trader.modify(order_id, limit_price=1.005)

    assert_refusal(response, 400, "invalid_request")
    assert trader.simulator.calls("modify_order") == 0


@pytest.mark.parametrize("command", ["modify", "cancel"])
def test_an_order_whose_placement_is_in_doubt_is_never_told_as_missing(trader, command):
    trader.inject("lost_answer")
    trader.inject("late_visibility", seconds=30)
    trader.inject("http_429", method="orders", times=None)
    number = trader.place("hidden", limit_price=get_price()).get_json()["data"]["account_order_id"]
    trader.simulator.clear_faults()
    response = trader.modify(number, quantity=2) if command == "modify" else trader.cancel(number)
    trader.simulator.advance(40)

    assert_refusal(response, 202, "order_state_unknown")
    assert response.get_json()["data"]["ask"]["body"]["client_order_id"] == "hidden"
    assert trader.simulator.calls(f"{command}_order") == 0


@pytest.mark.parametrize("name", ["order_id", "account_order_id"])
def test_a_modification_in_doubt_never_undoes_a_later_one(trader, name):
    order = trader.place(limit_price=get_price()).get_json()["data"]
    # Should there be time to send it again, that hangs as well.
    trader.inject("hang", method="modify_order", times=3)
    first = trader.modify(order["order_id"], "first", quantity=2)
    trader.simulator.clear_faults()
    sendings = trader.simulator.calls("modify_order")
    # While the first may still be on its way to Tiger it is told to wait.
    wait_until(lambda: trader.modify(order[name], "second", quantity=3).status_code == 200, 15)
    wait_until(lambda: trader.status(client_order_id="first")["outcome"] == "rejected", 30)
    again = trader.modify(order["order_id"], "first", quantity=2)

    assert first.status_code == 202
    assert_refusal(again, 422, "order_rejected")
    assert "later command" in again.get_json()["error"]
    assert trader.simulator.calls("modify_order") == sendings + 1
    assert trader.status(client_order_id="second")["order"]["quantity"] == 3


@pytest.mark.parametrize("command", ["modify", "cancel"])
@pytest.mark.parametrize("name", ["order_id", "account_order_id"])
def test_an_accepted_order_that_tiger_does_not_show_yet_is_never_told_as_missing(trader, command, name):
    trader.inject("late_visibility", seconds=30)
    order = trader.place(limit_price=get_price()).get_json()["data"]
    early = trader.modify(order[name], quantity=2) if command == "modify" else trader.cancel(order[name])
    trader.simulator.advance(40)
    later = trader.modify(order[name], quantity=2) if command == "modify" else trader.cancel(order[name])

    assert_refusal(early, 503, "tiger_unavailable")
    assert later.status_code == 200


@pytest.mark.parametrize("command", ["modify", "cancel"])
def test_a_second_sending_that_tiger_refuses_for_the_first_is_no_rejection(trader, order_id, command):
    method = f"{command}_order"
    send = {"modify": lambda: trader.modify(order_id, "k", quantity=6), "cancel": lambda: trader.cancel(order_id, "k")}
    trader.inject("cut_before", method=method)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send[command])
        wait_until(lambda: trader.count(State.UNKNOWN), 15)
        trader.inject("code", method=method, code=1200, message="the order is being changed", processed=True)
        response = sending.result()
    again = send[command]()

    assert response.status_code == again.status_code == 200
    assert trader.simulator.calls(method) == 2
    assert (again.get_json()["data"]["quantity"] == 6) is (command == "modify")


def test_a_cancellation_of_an_order_that_does_not_exist_is_settled_when_its_worker_died(trader):
    journal = get_gateway(trader.app).orders.journal
    requester = Requester("key", "Key", "request", "orphan")
    command = NewCommand.cancelling(FIRST, requester, "99")
    row = journal.open(command, State.SENDING, None, Timing(100, 100)).record

    wait_until(lambda: journal.read(row.id).state is State.ABSENT, 10)
