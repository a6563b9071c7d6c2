"""Numbers that Tiger may reserve or merely tell: no order is lost over them, or doubled, or another program's."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.gateway import get_gateway
from tests.orders.trader import get_order, get_price
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST, Client, assert_refusal
from tests.support.server import wait_until

READINGS = ["reserved", "next_free"]
USED = ["refused_1100", "refused_1200", "answers_holder"]
LOOKUPS = ["works", "ignored", "refused"]
TOO_MUCH = {"quantity": 1_000_000, "limit_price": 150}


@pytest.fixture
def keep_number(trader, app):
    """Give a way to make the gateway send its next order under a number that another program has used."""
    orders, session = get_gateway(app).orders, get_gateway(app).tiger.session(FIRST)

    def keep(number):
        orders.context.numbers.forget(session)
        orders.context.numbers.give_back(session, number)

    return keep


@pytest.fixture
def program(trader):
    """Give another program that trades on the same account: the plain SDK, without a mark."""
    return Program(trader.simulator, FIRST)


def place_as(program, price, **fields):
    """Place a resting order as the other program and return its number."""
    return program.place("BUY", 1, "LMT", limit_price=price, **fields)


@pytest.mark.parametrize("reading", READINGS)
def test_after_a_refused_order_all_further_ones_are_placed(trader, reading):
    trader.simulator.read_as(order_numbers=reading, unaffordable="refused_at_once")
    refused = trader.place("refused", **TOO_MUCH)
    prices = [get_price() for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda price: trader.place(f"after-{price}", limit_price=price), prices))

    assert_refusal(refused, 422, "order_rejected")
    assert [answer.status_code for answer in answers] == [200] * len(prices)
    assert all(len(trader.held(price)) == 1 for price in prices)


def test_two_gateways_that_are_told_the_same_number_both_place(trader, other_app):
    trader.simulator.read_as(order_numbers="next_free")
    prices = [get_price() for _ in range(10)]
    clients = [trader.client, Client(other_app)]

    def place(turn):
        return clients[turn % 2].send("/api/trade/place-order", get_order(limit_price=prices[turn]))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(place, range(len(prices))))

    assert [answer.status_code for answer in answers] == [200] * len(prices)
    assert all(len(trader.held(price)) == 1 for price in prices)


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("used", USED)
def test_a_number_that_another_program_used_is_replaced_and_its_order_left_alone(
    trader, keep_number, program, used, lookup
):
    theirs, price = place_as(program, get_price()), get_price()
    keep_number(theirs.order_id)
    trader.simulator.read_as(used_number=used, lookup_by_number=lookup)
    answer = trader.place("mine", limit_price=price)
    data = answer.get_json()["data"]

    assert answer.status_code == 200
    assert [str(order["id"]) for order in trader.held(price)] == [data["order_id"]]
    assert data["limit_price"] == price
    assert data["order_id"] != str(theirs.id)
    assert trader.cancel(data["order_id"]).status_code == 200
    assert program.order(theirs.id).status.value == "Submitted"


@pytest.mark.parametrize("settings", [1.0], indirect=True)
def test_a_number_that_is_seen_to_be_taken_is_not_sent_again(trader, keep_number, program):
    trader.simulator.read_as(order_numbers="next_free")
    number, price = place_as(program, get_price()).order_id + 1, get_price()
    keep_number(number)
    # However often it is sent while its request lasts.
    trader.inject("cut_before", times=None)
    first = trader.place("mine", limit_price=price)
    trader.simulator.clear_faults()
    theirs = place_as(program, get_price(), order_id=number)
    trader.simulator.reset_counts()
    wait_until(lambda: trader.place("mine", limit_price=price).status_code == 200, 20)
    sent = [call.code for call in trader.simulator.requests() if call.method == "place_order"]

    assert first.status_code == 202
    assert (len(trader.held(price)), sent) == (1, [0])
    assert program.order(theirs.id).status.value == "Submitted"


@pytest.mark.parametrize("settings", [8.0], indirect=True)
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_pair_whose_number_another_program_used_gets_another_one(trader, keep_number, program, lookup):
    theirs = place_as(program, get_price())
    keep_number(theirs.order_id)
    trader.simulator.read_as(order_numbers="next_free", used_number="answers_holder", lookup_by_number=lookup)
    first = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": 20}
    second = {**first, "order_type": "STP", "limit_price": None, "stop_price": 900}
    data = trader.client.data("/api/trade/place-oca-order", orders=[first, second])

    assert data["order_id"] != str(theirs.id)
    assert (data["limit_price"], data["missing_orders"]) == (20, [])
    assert program.order(theirs.id).status.value == "Submitted"


def test_a_stranger_with_the_very_same_terms_is_not_taken_for_ours(trader, keep_number, program):
    price = get_price()
    theirs = place_as(program, price)
    keep_number(theirs.order_id)
    trader.simulator.read_as(used_number="answers_holder")
    answer = trader.place("same-terms", limit_price=price)
    wait_until(lambda: trader.place("same-terms", limit_price=price).status_code == 200, 20)
    data = trader.place("same-terms", limit_price=price).get_json()["data"]

    assert answer.status_code in {200, 202}
    assert data["order_id"] != str(theirs.id)
    assert len(trader.held(price)) == 2


@pytest.mark.parametrize("used", USED)
def test_an_order_that_tiger_was_handed_twice_is_one_order(trader, used):
    price = get_price()
    trader.simulator.read_as(used_number=used)
    trader.inject("delivered_twice", seconds=0.3)
    answer = trader.place("twice", limit_price=price)
    wait_until(lambda: trader.place("twice", limit_price=price).status_code == 200, 20)
    trader.simulator.advance(5)

    assert answer.status_code in {200, 202}
    held = trader.held(price)
    assert len(held) == 1
    assert trader.status(client_order_id="twice")["order_id"] == str(held[0]["id"])


@pytest.mark.parametrize("used", USED)
def test_an_order_taken_while_its_token_was_called_expired_is_one_order(trader, used):
    price = get_price()
    trader.simulator.read_as(used_number=used)
    trader.inject("expired_token", processed=True)
    trader.inject("late_visibility", seconds=0.3)
    answer = trader.place("expired", limit_price=price)
    wait_until(lambda: trader.place("expired", limit_price=price).status_code == 200, 20)
    trader.simulator.advance(5)

    assert answer.status_code in {200, 202}
    assert len(trader.held(price)) == 1


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_lost_answer_is_found_by_the_mark_however_numbers_are_looked_up(trader, lookup):
    price = get_price()
    trader.simulator.read_as(lookup_by_number=lookup)
    trader.inject("lost_answer")
    answer = trader.place("lost", limit_price=price)

    assert answer.status_code == 200
    assert [str(order["id"]) for order in trader.held(price)] == [answer.get_json()["data"]["order_id"]]


@pytest.mark.parametrize("missing", ["empty", "null", "error"])
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_an_unknown_order_is_not_found_however_numbers_are_looked_up(trader, lookup, missing):
    trader.simulator.read_as(lookup_by_number=lookup, missing_order=missing)

    assert_refusal(trader.cancel("987654321"), 404, "order_not_found")


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_an_order_is_cancelled_by_its_number_however_numbers_are_looked_up(trader, program, lookup):
    theirs, ours = place_as(program, get_price()), trader.place("own", limit_price=get_price()).get_json()["data"]
    trader.simulator.read_as(lookup_by_number=lookup)

    assert trader.cancel(ours["account_order_id"]).get_json()["data"]["order_id"] == ours["order_id"]
    assert trader.cancel(str(theirs.order_id)).get_json()["data"]["order_id"] == str(theirs.id)


def test_the_number_of_a_refused_order_never_means_another_programs_order(trader, app, program):
    trader.simulator.read_as(order_numbers="next_free", unaffordable="refused_at_once")
    trader.place("refused", **TOO_MUCH)
    number = trader.status(client_order_id="refused")["account_order_id"]
    theirs = place_as(program, get_price(), order_id=int(number))

    assert_refusal(trader.cancel(number), 404, "order_not_found")
    assert program.order(theirs.id).status.value == "Submitted"


@pytest.mark.parametrize("settings", [8.0], indirect=True)
def test_many_orders_whose_numbers_another_program_used_are_all_placed(trader, app, program):
    trader.simulator.read_as(order_numbers="next_free")
    orders, session = get_gateway(app).orders, get_gateway(app).tiger.session(FIRST)
    strangers = [place_as(program, get_price()) for _ in range(10)]
    orders.context.numbers.forget(session)
    for stranger in strangers:
        orders.context.numbers.give_back(session, stranger.order_id)
    prices = [get_price() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda price: trader.place(f"c-{price}", limit_price=price), prices))
    for price in prices:
        wait_until(lambda price=price: trader.place(f"c-{price}", limit_price=price).status_code == 200, 20)

    assert {answer.status_code for answer in answers} <= {200, 202}
    assert all(len(trader.held(price)) == 1 for price in prices)


def test_the_events_of_two_orders_that_shared_a_number_are_told_apart(trader, app):
    trader.simulator.read_as(order_numbers="next_free", unaffordable="refused_at_once")
    trader.place("refused", **TOO_MUCH)
    get_gateway(app).orders.context.numbers.forget(get_gateway(app).tiger.session(FIRST))
    trader.place("placed", limit_price=get_price())
    told = trader.client.data("/api/trade/order-events", client_order_id="refused")

    assert (told["client_order_id"], told["order_id"]) == ("refused", None)


def test_an_answer_that_leaves_fields_out_is_not_taken_for_another_programs_order(trader):
    price = get_price()
    trader.inject("missing_fields", fields=("userMark", "limitPrice"))
    trader.inject("late_visibility", seconds=0.25)
    answer = trader.place("sparse", limit_price=price)
    wait_until(lambda: trader.place("sparse", limit_price=price).status_code == 200, 20)
    trader.simulator.advance(5)

    assert answer.status_code in {200, 202}
    assert len(trader.held(price)) == 1
