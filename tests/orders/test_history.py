"""What became of a command, and what the gateway did for an order."""

import pytest
from sqlalchemy import update
from tigeropen.common.util.contract_utils import future_contract

from app.access.permissions import Permission
from app.clock import get_elapsed
from app.gateway import get_gateway
from app.leadership.term import Term
from app.orders import reconciler
from app.orders.reconciler import Reconciler
from app.orders.states import State
from app.storage.order_tables import order_commands
from tests.orders.trader import get_order, get_price
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST, SECOND, Client, assert_refusal
from tests.support.server import wait_until


def test_the_events_of_an_order_tell_what_happened_in_its_order(trader):
    order = trader.place("e", limit_price=get_price()).get_json()["data"]
    trader.modify(order["order_id"], quantity=2)
    trader.cancel(order["account_order_id"])
    events = trader.client.data("/api/trade/order-events", order_id=order["order_id"])

    assert [(event["command"], event["event"]) for event in events["events"] if event["event"] != "numbered"] == [
        ("place", "received"),
        ("place", "answered"),
        ("modify", "received"),
        ("modify", "answered"),
        ("cancel", "received"),
        ("cancel", "answered"),
    ]
    assert events["client_order_id"] == "e"
    assert events["count"] == len(events["events"])
    assert [event["at"] for event in events["events"]] == sorted(event["at"] for event in events["events"])


@pytest.mark.parametrize("name", ["order_id", "account_order_id", "client_order_id"])
def test_a_command_is_found_by_each_of_its_names(trader, name):
    order = trader.place("n", limit_price=get_price()).get_json()["data"]
    asked = "client_order_id" if name == "client_order_id" else "order_id"
    status = trader.status(**{asked: order[name]})

    assert status["outcome"] == "accepted"
    assert status["order"]["order_id"] == order["order_id"]


def test_an_order_of_another_program_has_a_status_and_no_events(trader, app):
    session = get_gateway(app).tiger.session(FIRST)
    order = trader.place(limit_price=get_price()).get_json()["data"]
    with get_gateway(app).storage.writing() as connection:
        connection.exec_driver_sql("DELETE FROM tiger_rest_order_commands")
    status = trader.status(order_id=order["order_id"])

    assert session.account.account == FIRST
    assert (status["outcome"], status["client_order_id"]) == ("accepted", None)
    assert_refusal(trader.client.post("/api/trade/order-events", order_id=order["order_id"]), 404, "order_not_found")


def test_another_account_learns_nothing(trader):
    order = trader.place("x", limit_price=get_price()).get_json()["data"]
    other = trader.client.for_account(SECOND)

    assert_refusal(other.post("/api/trade/order-status", order_id=order["order_id"]), 404, "order_not_found")
    assert_refusal(other.post("/api/trade/order-events", client_order_id="x"), 404, "order_not_found")


def test_a_key_that_reads_finds_the_order_of_a_key_that_trades(trader, app):
    reader = Client(app, get_gateway(app).keys.create("reader", [FIRST], [Permission.READ]))
    trader.place("t", limit_price=get_price())

    assert reader.data("/api/trade/order-status", client_order_id="t")["outcome"] == "accepted"


def test_a_name_that_several_keys_used_is_asked_about_by_order_id(trader, app):
    keys = get_gateway(app).keys
    second = Client(app, keys.create("second", [FIRST], [Permission.TRADE]))
    reader = Client(app, keys.create("reader", [FIRST], [Permission.READ]))
    trader.place("shared", limit_price=get_price())
    second.send("/api/trade/place-order", get_order(limit_price=get_price(), client_order_id="shared"))

    assert_refusal(reader.post("/api/trade/order-status", client_order_id="shared"), 400, "invalid_request")


def test_a_rejected_order_keeps_its_reason(trader):
    trader.simulator.read_as(unaffordable="refused_at_once")
    trader.place("r", quantity=1_000_000, limit_price=200)
    status = trader.status(client_order_id="r")

    assert (status["outcome"], status["code"], status["order"]) == ("rejected", "order_rejected", None)
    assert status["reason"]


def test_the_reconciler_settles_what_stayed_unknown(trader):
    price = get_price()
    trader.inject("hang", processed=True)
    trader.inject("hang", method="orders", times=None)
    unknown = trader.place("u", limit_price=price)
    trader.simulator.clear_faults()
    wait_until(lambda: trader.count(State.UNKNOWN, State.SENDING) == 0, 10)
    again = trader.place("u", limit_price=price)

    assert unknown.status_code == 202
    assert trader.status(client_order_id="u")["outcome"] == "accepted"
    assert again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_row_that_cannot_be_read_keeps_no_other_from_being_settled(trader):
    order_id = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
    changed = trader.modify(order_id, "odd", quantity=2)
    trader.inject("hang", processed=True)
    trader.inject("hang", method="orders", times=None)
    unknown = trader.place("good", limit_price=get_price())
    gateway = get_gateway(trader.app)
    columns = order_commands.c
    # In doubt, and as another release may write it; it comes first each time.
    body = '{"order_id": "1", "unheard_of": 1}'
    odd = {"state": State.UNKNOWN.value, "answer": None, "body": body, "next_look_at": 1}
    with gateway.storage.writing() as connection:
        connection.execute(update(order_commands).where(columns.claim == "odd").values(odd))
    trader.simulator.clear_faults()
    wait_until(lambda: gateway.orders.journal.find_by_key(FIRST, "good")[0].state is State.ACCEPTED, 10)

    assert (changed.status_code, unknown.status_code) == (200, 202)


def test_an_account_that_tiger_does_not_answer_for_delays_no_other(trader, monkeypatch):
    monkeypatch.setattr(reconciler, "BATCH", 2)
    gateway = get_gateway(trader.app)
    gateway.leadership.stop()
    for name in "abc":
        trader.place(name, limit_price=get_price())
    other = get_order(limit_price=get_price(), client_order_id="other") | {"account": SECOND}
    trader.client.send("/api/trade/place-order", other)
    columns = order_commands.c
    doubt = {"state": State.UNKNOWN.value, "answer": None}
    with gateway.storage.writing() as connection:
        connection.execute(update(order_commands).where(columns.account == FIRST).values(**doubt, next_look_at=1))
        connection.execute(update(order_commands).where(columns.account == SECOND).values(**doubt, next_look_at=2))
    trader.inject("http_500", method="orders", times=None, account=FIRST)
    service = gateway.orders
    Reconciler(service.context, lambda: gateway.tiger).run(Term(1, 60.0, get_elapsed(), lambda: True))
    states = {
        key: service.journal.find_by_key(account, key)[0].state
        for account, key in [*((FIRST, key) for key in "abc"), (SECOND, "other")]
    }

    assert states == {**dict.fromkeys("abc", State.UNKNOWN), "other": State.ACCEPTED}


def test_what_never_arrived_is_told_as_absent_and_a_repeat_places_it(trader):
    price = get_price()
    trader.inject("hang")
    trader.inject("hang", method="orders", times=None)
    unknown = trader.place("never", limit_price=price)
    number = unknown.get_json()["data"]["account_order_id"]
    trader.simulator.clear_faults()
    wait_until(lambda: trader.status(client_order_id="never")["outcome"] == "absent", 10)
    again = trader.place("never", limit_price=price)

    assert unknown.status_code == 202
    assert again.get_json()["data"]["account_order_id"] == number
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("body", [{}, {"order_id": "1", "client_order_id": "x"}, {"order_id": "abc"}])
def test_one_name_is_asked_for(trader, body):
    assert_refusal(trader.client.post("/api/trade/order-status", **body), 400, "invalid_request")


@pytest.mark.parametrize("kind", ["http_500", "http_429"])
def test_what_is_settled_is_told_while_tiger_does_not_answer(trader, kind):
    order_id = trader.place("down", limit_price=get_price()).get_json()["data"]["order_id"]
    trader.inject(kind, method="orders", times=None)
    status = trader.status(client_order_id="down")

    assert (status["outcome"], status["order_id"], status["order"]) == ("accepted", order_id, None)


def test_an_accepted_order_is_never_told_as_missing_because_the_clock_was_set_forward(trader):
    trader.inject("late_visibility", seconds=30)
    order = trader.place("forward", limit_price=get_price()).get_json()["data"]
    with get_gateway(trader.app).storage.writing() as connection:
        # As the journal's clock tells it after it was set two days forward.
        connection.execute(update(order_commands).values(created_at=order_commands.c.created_at - 48 * 3_600_000))

    assert_refusal(trader.cancel(order["order_id"]), 503, "tiger_unavailable")


def test_the_list_of_orders_tells_the_clients_own_ids(trader):
    named = trader.place("mine", limit_price=get_price()).get_json()["data"]["order_id"]
    unnamed = trader.place(limit_price=get_price()).get_json()["data"]["order_id"]
    orders = trader.client.data("/api/trade/orders", limit=50)["orders"]
    told = {order["order_id"]: order["client_order_id"] for order in orders}

    assert (told[named], told[unnamed]) == ("mine", None)


def test_orders_of_other_segments_are_listed_too(trader):
    program = Program(trader.simulator, FIRST)
    future = program.place("BUY", 1, "LMT", limit_price=1.0, contract=future_contract("ES2612", "USD"))
    orders = trader.client.data("/api/trade/orders", limit=50)["orders"]

    assert str(future.id) in [order["order_id"] for order in orders]
