"""Orders with a take_profit, a stop_loss or both: the attached ones are named, found again, and changed."""

import pytest

from tests.orders.trader import get_price
from tests.support.client import assert_refusal

BRACKET = {"take_profit": {"limit_price": 9.5}, "stop_loss": {"stop_price": 0.5, "time_in_force": "GTC"}}
ROLES = {"take_profit", "stop_loss"}


@pytest.fixture
def simulator(telling_simulator):
    """Give a simulator that shows attached orders from the start, with no faults and with fresh counts."""
    telling_simulator.reset_counts()
    yield telling_simulator
    telling_simulator.clear_faults()
    telling_simulator.reset_readings()


def place(trader, key=None, **fields):
    """Place a bracket that rests."""
    return trader.place(key, **{"limit_price": get_price(), **BRACKET, **fields})


def get_roles(data):
    """Return the ids of the related orders by their roles."""
    return {each["role"]: each["order_id"] for each in data["related_orders"]}


def get_children(trader, data):
    """Return what the simulator holds of the orders attached to one."""
    return {
        str(each["id"]): each for each in trader.simulator.orders() if str(each.get("parentId")) == data["order_id"]
    }


def test_attached_orders_are_named_in_the_answer_and_in_the_events(trader):
    data = place(trader).get_json()["data"]
    events = trader.client.data("/api/trade/order-events", order_id=data["order_id"])["events"]
    named = next(event["details"]["related_orders"] for event in events if event["event"] == "answered")

    assert get_roles(data).keys() == ROLES
    assert set(get_roles(data).values()) == get_children(trader, data).keys()
    assert data["missing_orders"] == []
    assert {each["role"]: each["order_id"] for each in named} == get_roles(data)


def test_each_attached_order_is_what_was_asked_for(trader):
    data = place(trader).get_json()["data"]
    shown = {each["role"]: each for each in data["related_orders"]}

    assert (shown["take_profit"]["order_type"], shown["take_profit"]["limit_price"]) == ("LMT", 9.5)
    assert (shown["stop_loss"]["order_type"], shown["stop_loss"]["stop_price"]) == ("STP", 0.5)
    assert {each["action"] for each in shown.values()} == {"SELL"}
    assert {role: each["time_in_force"] for role, each in shown.items()} == {"take_profit": "DAY", "stop_loss": "GTC"}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_one_order_alone_may_be_attached(trader, role):
    data = trader.place(limit_price=get_price(), **{role: BRACKET[role]}).get_json()["data"]

    assert get_roles(data).keys() == {role}


@pytest.mark.parametrize("trail", [{"trailing_percent": 5}, {"trailing_amount": 0.25}])
def test_a_loss_may_trail_the_market(trader, trail):
    data = trader.place(limit_price=get_price(), stop_loss=trail).get_json()["data"]
    (shown,) = data["related_orders"]

    assert {name: shown[name] for name in trail} == trail
    assert (shown["role"], shown["order_type"]) == ("stop_loss", "TRAIL")


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_after_a_lost_answer_all_of_them_are_found_by_the_mark(trader):
    trader.inject("lost_answer")
    response = place(trader)
    data = response.get_json()["data"]

    assert response.status_code == 200, response.text
    assert set(get_roles(data).values()) == get_children(trader, data).keys()
    assert data["action"] == "BUY"
    assert trader.simulator.calls("place_order") == 1


def test_a_repeat_is_the_same_bracket(trader):
    price = get_price()
    first = place(trader, "bracket", limit_price=price)
    second = place(trader, "bracket", limit_price=price)

    assert second.headers["Idempotent-Replayed"] == "true"
    assert get_roles(second.get_json()["data"]) == get_roles(first.get_json()["data"])


def test_order_status_shows_how_they_stand(trader):
    data = place(trader).get_json()["data"]
    child = get_roles(data)["take_profit"]
    trader.cancel(child)
    order = trader.status(order_id=data["order_id"])["order"]
    statuses = {each["role"]: each["status"] for each in order["related_orders"]}

    assert get_roles(order) == get_roles(data)
    assert statuses["take_profit"] in {"PendingCancel", "Cancelled"}
    assert statuses["stop_loss"] == "Initial"


def test_a_modification_changes_the_prices_of_what_is_attached(trader):
    data = place(trader).get_json()["data"]
    changed = trader.modify(data["order_id"], quantity=2, take_profit={"limit_price": 8.5}).get_json()["data"]
    shown = {each["role"]: each for each in changed["related_orders"]}

    assert changed["modified_fields"] == {"quantity": 2, "take_profit.limit_price": 8.5}
    assert (shown["take_profit"]["limit_price"], shown["stop_loss"]["stop_price"]) == (8.5, 0.5)
    assert trader.simulator.calls("modify_order") == 1


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"take_profit": {"limit_price": 9}}, {"stop_loss_price": 0.5, "stop_loss_tif": "GTC"}),
        ({"stop_loss": {"stop_price": 0.75}}, {"profit_taker_price": 9.5, "profit_taker_tif": "DAY"}),
    ],
    ids=["take_profit", "stop_loss"],
)
def test_the_other_attached_order_is_named_as_it_stands(trader, changes, kept):
    data = place(trader).get_json()["data"]
    changed = trader.modify(data["order_id"], quantity=2, **changes).get_json()["data"]
    sent = next(call.biz for call in trader.simulator.requests() if call.method == "modify_order")

    assert sent["attach_type"] == "BRACKETS"
    assert kept.items() <= sent.items()
    assert changed["missing_orders"] == []


def test_a_change_that_does_not_say_how_long_it_lasts_leaves_that_as_it_is(trader):
    data = place(trader).get_json()["data"]
    changed = trader.modify(data["order_id"], stop_loss={"stop_price": 0.75}).get_json()["data"]
    shown = {each["role"]: each for each in changed["related_orders"]}

    assert (shown["stop_loss"]["stop_price"], shown["stop_loss"]["time_in_force"]) == (0.75, "GTC")


@pytest.mark.parametrize("settings", [8.0], indirect=True)
@pytest.mark.parametrize("loss", [{"stop_price": 0.4, "limit_price": 0.3}, {"stop_price": 0.4}])
def test_a_change_of_what_is_attached_is_found_after_a_lost_answer(trader, loss):
    data = place(trader).get_json()["data"]
    trader.inject("lost_answer", method="modify_order")
    response = trader.modify(data["order_id"], stop_loss=loss)
    shown = {each["role"]: each for each in response.get_json()["data"]["related_orders"]}

    assert response.status_code == 200
    assert (shown["stop_loss"]["stop_price"], shown["stop_loss"]["limit_price"]) == (0.4, loss.get("limit_price"))
    assert trader.simulator.calls("modify_order") == 1


@pytest.mark.parametrize(
    ("role", "prices", "sent_as"),
    [("take_profit", {"limit_price": 9}, "limit_price"), ("stop_loss", {"stop_price": 0.75}, "aux_price")],
)
def test_the_one_attached_order_that_changes_is_changed_by_its_own_id(trader, role, prices, sent_as):
    data = place(trader).get_json()["data"]
    changed = trader.modify(data["order_id"], **{role: prices}).get_json()["data"]
    (sent,) = (call.biz for call in trader.simulator.requests() if call.method == "modify_order")

    assert str(sent["id"]) == get_roles(data)[role]
    assert sent[sent_as] == next(iter(prices.values()))
    assert not {name for name in sent if name.startswith(("attach", "profit_taker", "stop_loss"))}
    assert get_roles(changed) == get_roles(data)
    assert changed["order_id"] == data["order_id"]


def test_how_long_an_attached_order_lasts_is_said_where_tiger_does_not_show_it(trader):
    data = place(trader).get_json()["data"]
    trader.inject("missing_fields", method="orders", times=None, fields=("timeInForce",))
    response = trader.modify(data["order_id"], stop_loss={"stop_price": 0.75})

    assert_refusal(response, 400, "invalid_request")
    assert "stop_loss.time_in_force" in response.get_json()["details"]
    assert trader.simulator.calls("modify_order") == 0


@pytest.mark.parametrize(
    "loss",
    [{"trailing_percent": 5}, {"stop_price": 0.4, "limit_price": 0.3}, {"stop_price": 0.4, "time_in_force": "DAY"}],
)
def test_what_becomes_another_kind_of_order_is_sent_with_the_first_one(trader, loss):
    data = place(trader).get_json()["data"]
    changed = trader.modify(data["order_id"], stop_loss=loss)
    (sent,) = (call.biz for call in trader.simulator.requests() if call.method == "modify_order")

    assert changed.status_code == 200
    assert str(sent["id"]) == data["order_id"]


def test_a_change_that_never_arrived_is_not_taken_for_one_that_did(trader):
    data = place(trader).get_json()["data"]
    trader.inject("cut_before", method="modify_order")
    response = trader.modify(data["order_id"], "never", take_profit={"limit_price": 8.5})
    profit = get_children(trader, data)[get_roles(data)["take_profit"]]

    # Looked for, and sent again once the wait is over, or not at all; never accepted without being so.
    assert (response.status_code == 200) == (profit["limitPrice"] == 8.5)


def test_what_is_not_attached_is_not_missing(trader):
    data = trader.place(limit_price=get_price(), stop_loss={"stop_price": 0.5}).get_json()["data"]
    changed = trader.modify(data["order_id"], stop_loss={"stop_price": 0.4}).get_json()["data"]

    assert changed["missing_orders"] == []


def test_nothing_can_be_changed_on_what_has_nothing_attached(trader):
    order_id = trader.place(order_type="STP", limit_price=None, stop_price=900).get_json()["data"]["order_id"]
    response = trader.modify(order_id, take_profit={"limit_price": 8.5})

    assert_refusal(response, 400, "invalid_request")
    assert "take_profit" in response.get_json()["details"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"take_profit": {"limit_price": 9.501}}, "take_profit.limit_price"),
        ({"stop_loss": {"stop_price": 1.501}}, "stop_loss.stop_price"),
        ({"stop_loss": {"stop_price": 1, "trailing_percent": 5}}, "stop_loss.stop_price"),
        ({"stop_loss": {"trailing_percent": 5, "limit_price": 1}}, "stop_loss.limit_price"),
        ({"take_profit": {"limit_price": 9, "price": 1}}, "take_profit.price"),
        ({"take_profit": 9}, "take_profit"),
        ({"take_profit": {}}, "take_profit.limit_price"),
        ({"order_type": "MKT", "limit_price": None, "take_profit": {"limit_price": 9}}, "take_profit"),
    ],
)
def test_what_cannot_be_attached_is_refused_by_name(trader, fields, named):
    response = trader.place(**{"limit_price": 5, **fields})

    assert_refusal(response, 400, "invalid_request")
    assert named in response.get_json()["details"]
    assert trader.simulator.calls("place_order") == 0
