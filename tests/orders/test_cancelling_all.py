"""All open orders are cancelled, each as a command of its own, and none is told as cancelled that is not."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tigeropen.common.util.contract_utils import stock_contract
from tigeropen.tiger_open_config import TigerOpenClientConfig
from tigeropen.trade.trade_client import TradeClient

from app.gateway import get_gateway
from app.orders.listed_cancellations import CANCELLATIONS, WITHIN_SECONDS
from app.orders.records import NewCommand
from app.orders.requester import Requester
from app.orders.states import State
from app.orders.times import Timing
from tests.orders.free_symbols import find_free_symbol
from tests.orders.locked import locked
from tests.orders.trader import Trader, get_price
from tests.support.client import FIRST, assert_envelope, assert_refusal
from tests.support.server import wait_until

PATH = "/api/trade/cancel-all-orders"
OVER = {"Cancelled", "PendingCancel"}


@pytest.fixture
def symbol(simulator):
    return find_free_symbol(simulator)


def cancel_all(trader, symbol, key=None, **fields):
    headers = {} if key is None else {"Idempotency-Key": key}
    return trader.client.send(PATH, {"account": FIRST, "symbol": symbol, **fields}, **headers)


def place(trader, symbol, count=1, **fields):
    answers = [trader.place(symbol=symbol, limit_price=get_price(), **fields).get_json() for _ in range(count)]
    return [answer["data"]["order_id"] for answer in answers]


def get_outcomes(response):
    assert_envelope(response, 200, FIRST)
    return {row["order_id"]: row["outcome"] for row in response.get_json()["data"]["orders"]}


def get_status(trader, order_id):
    return next(order["status"] for order in trader.simulator.orders(FIRST) if str(order["id"]) == order_id)


def test_each_open_order_of_a_symbol_is_cancelled_and_others_stay(trader, symbol):
    ours, others = place(trader, symbol, 3), place(trader, "PEP")
    response = cancel_all(trader, symbol)

    assert get_outcomes(response) == dict.fromkeys(ours, "accepted")
    assert response.get_json()["data"]["outcomes"] == {"accepted": 3, "rejected": 0, "unknown": 0, "denied": 0}
    assert response.get_json()["data"]["may_be_open"] == 0
    assert {row["order"]["status"] for row in response.get_json()["data"]["orders"]} <= OVER
    assert get_status(trader, others[0]) == "Submitted"
    assert trader.simulator.calls("cancel_order") == 3


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_no_more_cancellations_are_sent_in_a_second_than_tiger_may_take(trader, symbol):
    place(trader, symbol, CANCELLATIONS + 2)
    cancel_all(trader, symbol)
    times = [call.at_ms for call in trader.simulator.requests() if call.method == "cancel_order"]
    apart = [later - earlier for earlier, later in zip(times, times[CANCELLATIONS:], strict=False)]

    assert len(apart) == 2
    # A call that was on its way for longer than the next one arrives closer to it than it was sent.
    assert min(apart) > WITHIN_SECONDS * 1_000 / 2


def test_only_the_orders_of_a_side_are_cancelled(trader, symbol):
    buying = place(trader, symbol)
    selling = trader.place(symbol=symbol, action="SELL", limit_price=900).get_json()["data"]["order_id"]

    assert get_outcomes(cancel_all(trader, symbol, side="SELL")) == {selling: "accepted"}
    assert get_outcomes(cancel_all(trader, symbol, side="BUY")) == dict.fromkeys(buying, "accepted")


def test_without_a_filter_every_open_order_of_the_account_is_meant(trader):
    ours = place(trader, "NKE") + place(trader, "PFE")
    listed = trader.client.data("/api/trade/orders", status="Submitted", limit=300)["orders"]
    told = get_outcomes(trader.client.post(PATH))

    assert {order["order_id"] for order in listed} <= told.keys()
    # Those that other tests have left may be more than one request has time for.
    wait_until(lambda: told.update(get_outcomes(trader.client.post(PATH))) or is_accepted(told, ours), 60)


def is_accepted(told, ours):
    return all(told[order_id] == "accepted" for order_id in ours)


def test_an_order_of_another_program_is_cancelled_and_told_as_not_the_gateways(trader, symbol):
    folder = next(folder for folder in (trader.simulator.folder / "credentials").iterdir() if is_for(folder, FIRST))
    config = TigerOpenClientConfig(enable_dynamic_domain=False, props_path=str(folder))
    config.account = FIRST
    order = TradeClient(config).create_order(FIRST, stock_contract(symbol, "USD"), "BUY", "LMT", 1, limit_price=1.5)
    theirs = str(TradeClient(config).place_order(order))
    ours = place(trader, symbol)[0]
    rows = {row["order_id"]: row for row in cancel_all(trader, symbol).get_json()["data"]["orders"]}

    assert (rows[theirs]["outcome"], rows[theirs]["placed_by_gateway"]) == ("accepted", False)
    assert (rows[ours]["outcome"], rows[ours]["placed_by_gateway"]) == ("accepted", True)


def is_for(folder, account):
    return account in (folder / "tiger_openapi_config.properties").read_text()


def test_nothing_open_is_an_answer_of_no_orders(trader, symbol):
    assert cancel_all(trader, symbol).get_json()["data"] == {
        "orders": [],
        "count": 0,
        "outcomes": {"accepted": 0, "rejected": 0, "unknown": 0, "denied": 0},
        "may_be_open": 0,
    }


def test_where_the_open_orders_cannot_be_listed_nothing_is_sent(trader, symbol):
    place(trader, symbol)
    trader.inject("http_500", method="active_orders", times=None)

    assert cancel_all(trader, symbol).status_code in {502, 503}
    assert trader.simulator.calls("cancel_order") == 0


def test_a_repeat_with_its_key_is_answered_with_what_was_kept(trader, symbol):
    place(trader, symbol, 2)
    first = cancel_all(trader, symbol, "all")
    place(trader, symbol)
    again = cancel_all(trader, symbol, "all")

    assert again.get_json()["data"] == first.get_json()["data"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert trader.simulator.calls("cancel_order") == 2
    assert_refusal(cancel_all(trader, symbol, "all", side="BUY"), 409, "idempotency_conflict")
    assert trader.status(client_order_id="all")["command"] == "cancel_all"


def test_a_repeat_on_another_worker_waits_for_the_first(trader, other_app, symbol):
    place(trader, symbol)
    trader.inject("delay", method="cancel_order", seconds=0.5)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cancel_all, trader, symbol, "both")
        wait_until(lambda: trader.simulator.calls("cancel_order"), 15)
        again = cancel_all(Trader(other_app, trader.simulator), symbol, "both")

    assert again.get_json()["data"] == first.result().get_json()["data"]
    assert trader.simulator.calls("cancel_order") == 1


def test_an_answer_that_is_lost_is_looked_up_and_holds_up_no_other_order(trader, symbol):
    orders = place(trader, symbol, 3)
    trader.inject("lost_answer", method="cancel_order", times=2)
    response = cancel_all(trader, symbol)

    assert get_outcomes(response) == dict.fromkeys(orders, "accepted")
    assert trader.simulator.calls("cancel_order") == 3


def test_what_became_of_a_cancellation_that_hangs_is_unknown_and_the_others_are_sent(trader, symbol):
    orders = place(trader, symbol, 2)
    trader.inject("hang", method="cancel_order")
    trader.inject("http_500", method="orders", times=None)
    response = cancel_all(trader, symbol)
    rows = {row["order_id"]: row for row in response.get_json()["data"]["orders"]}

    assert rows[orders[1]]["outcome"] == "unknown"
    assert rows[orders[1]]["code"] == "order_state_unknown"
    assert rows[orders[1]]["may_be_open"] is True


@pytest.mark.parametrize("settings", [2.0], indirect=True)
def test_what_could_not_be_sent_in_time_is_told_as_not_sent(trader, symbol):
    orders = place(trader, symbol, 3)
    trader.inject("delay", method="cancel_order", times=None, seconds=0.6)
    response = cancel_all(trader, symbol)
    trader.simulator.clear_faults()
    outcomes = get_outcomes(response)
    unsent = [row for row in response.get_json()["data"]["orders"] if row["outcome"] == "denied"]

    assert set(outcomes) == set(orders)
    assert unsent
    assert {row["code"] for row in unsent} == {"too_busy"}
    assert all("nothing was sent" in row["reason"] for row in unsent)
    assert response.get_json()["data"]["may_be_open"] >= len(unsent)
    assert all(get_status(trader, row["order_id"]) == "Submitted" for row in unsent)
    assert set(get_outcomes(cancel_all(trader, symbol))) >= {row["order_id"] for row in unsent}


def test_an_order_that_fills_meanwhile_is_told_as_filled(trader, symbol):
    order_id = place(trader, symbol)[0]
    trader.inject("delay", method="cancel_order", seconds=0.5)
    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(cancel_all, trader, symbol)
        wait_until(lambda: trader.simulator.calls("cancel_order"), 15)
        trader.simulator.set_price(symbol, 0.5)
        row = cancelling.result().get_json()["data"]["orders"][0]
    trader.simulator.set_price(symbol, None)

    assert (row["order_id"], row["outcome"], row["code"]) == (order_id, "rejected", "order_rejected")
    assert (row["may_be_open"], row["order"]["status"]) == (False, "Filled")


def test_an_order_that_tiger_does_not_show_yet_is_named(trader, symbol):
    trader.inject("late_visibility", seconds=30)
    hidden = trader.place("late", symbol=symbol, limit_price=get_price()).get_json()["data"]["order_id"]
    data = cancel_all(trader, symbol).get_json()["data"]
    trader.simulator.advance(40)

    assert [(row["order_id"], row["outcome"], row["client_order_id"]) for row in data["orders"]] == [
        (hidden, "denied", "late")
    ]
    assert data["may_be_open"] == 1
    assert get_outcomes(cancel_all(trader, symbol)) == {hidden: "accepted"}


def test_an_order_that_tiger_shows_while_others_are_cancelled_is_cancelled_too(trader, symbol):
    first = place(trader, symbol)
    trader.inject("late_visibility", seconds=0.4)
    late = place(trader, symbol)
    trader.inject("delay_after", method="cancel_order", seconds=0.6)
    response = cancel_all(trader, symbol)

    assert get_outcomes(response) == dict.fromkeys([*first, *late], "accepted")
    assert response.get_json()["data"]["may_be_open"] == 0
    assert {row["order"]["status"] for row in response.get_json()["data"]["orders"]} <= OVER


def test_an_order_that_is_placed_while_others_are_cancelled_is_named_as_open(trader, symbol):
    first = place(trader, symbol)
    trader.inject("delay_after", method="cancel_order", seconds=0.6)
    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(cancel_all, trader, symbol)
        wait_until(lambda: trader.simulator.calls("cancel_order"), 10)
        trader.simulator.advance(1)  # Within a second nobody knows which was first.
        placed = place(trader, symbol)
        response = cancelling.result()

    assert get_outcomes(response) == {first[0]: "accepted", placed[0]: "denied"}
    assert response.get_json()["data"]["may_be_open"] == 1


def test_what_is_attached_to_an_order_that_is_not_shown_is_named_for_its_own_side(trader, symbol):
    trader.inject("late_visibility", seconds=30)
    trader.place("bracket", symbol=symbol, limit_price=900, quantity=10, stop_loss={"stop_price": 1})
    sold, bought = (cancel_all(trader, symbol, side=side).get_json()["data"] for side in ("SELL", "BUY"))

    for data, side in ((sold, "SELL"), (bought, "BUY")):
        assert [(row["action"], row["client_order_id"]) for row in data["orders"]] == [(side, "bracket")]
        assert data["may_be_open"] == 1


def test_orders_are_cancelled_while_the_journal_cannot_be_written(trader, app, symbol):
    orders = place(trader, symbol, 3)
    trader.simulator.reset_counts()
    with locked(get_gateway(app).storage):
        response = cancel_all(trader, symbol, "locked")

    assert get_outcomes(response) == dict.fromkeys(orders, "accepted")
    assert {get_status(trader, order_id) for order_id in orders} <= {*OVER, "Submitted"}
    assert trader.simulator.calls("cancel_order") == 3


def test_each_cancellation_stands_in_the_events_of_its_order(trader, symbol):
    order_id = place(trader, symbol)[0]
    cancel_all(trader, symbol)
    events = trader.client.data("/api/trade/order-events", order_id=order_id)["events"]

    assert [event["event"] for event in events if event["command"] == "cancel"] == ["received", "answered"]


def test_one_that_a_dead_worker_left_is_settled_and_its_repeat_begins_anew(trader, symbol):
    orders = place(trader, symbol)
    journal = get_gateway(trader.app).orders.journal
    key = journal.find_by_key(FIRST, "warm-up")[0].api_key_id
    command = NewCommand.cancelling_all(FIRST, Requester(key, "Key", "r", "left"), {"symbol": symbol})
    row = journal.open(command, State.SENDING, None, Timing(100, 100)).record
    wait_until(lambda: journal.read(row.id).state is State.ABSENT, 10)

    assert get_outcomes(cancel_all(trader, symbol, "left")) == dict.fromkeys(orders, "accepted")
