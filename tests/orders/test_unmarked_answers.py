"""Answers and lists in which Tiger leaves the mark out: number, terms and age tell whose an order is."""

from decimal import Decimal

import pytest

from app.gateway import get_gateway
from app.orders.bodies import write_ticket
from app.orders.matching import is_listed_strangers, is_ours, is_ours_answered, is_strangers
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import get_order
from tests.orders.doubtful_records import record
from tests.orders.trader import get_price
from tests.simulator.trader import Trader as Program
from tests.support.client import FIRST

SENT_AT = 1_795_700_000_400
AMOUNT = OrderTicket("KO", "BUY", "LMT", None, limit_price=Decimal(90), cash_amount=Decimal(100))
PLAIN = OrderTicket("KO", "BUY", "LMT", Decimal(5), limit_price=Decimal(90))
SIZES = [{}, {"totalQuantity": 0}, {"totalQuantity": 111, "totalQuantityScale": 2}]
IDS = ["no quantity", "nothing", "what was filled"]


def get_record(ticket, **values):
    """Return the record of a placement under the account's number 7."""
    return record(body=write_ticket(ticket), order_number=7, number_claim=7, sent_by_tiger=SENT_AT + 6_000, **values)


def get_shown(**fields):
    """Return an order as Tiger shows it without a mark."""
    shown = {"id": 11, "orderId": 7, "symbol": "KO", "secType": "STK", "action": "BUY", "orderType": "LMT"}
    return get_order(shown | {"limitPrice": 90.0, "openTime": SENT_AT, "status": "Submitted"} | fields)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
@pytest.mark.parametrize("mark", [{}, {"userMark": ""}], ids=["left out", "empty"])
def test_an_order_for_an_amount_is_no_strangers_for_the_quantity_it_is_shown_with(size, mark):
    shown = get_shown(totalCashAmount=100, **size, **mark)

    assert not is_strangers(shown, get_record(AMOUNT), SENT_AT)
    assert is_ours_answered(shown, get_record(AMOUNT), SENT_AT) == (mark == {})


def test_an_order_for_an_amount_that_is_left_out_is_nobodys_for_sure():
    shown = get_shown(totalQuantity=0)

    assert not is_ours_answered(shown, get_record(AMOUNT), SENT_AT)
    assert not is_strangers(shown, get_record(AMOUNT), SENT_AT)


def test_an_order_for_another_amount_is_a_strangers():
    assert is_strangers(get_shown(totalCashAmount=250), get_record(AMOUNT), SENT_AT)
    assert is_strangers(get_shown(totalQuantity=6), get_record(PLAIN), SENT_AT)


def test_a_time_in_whole_seconds_by_a_clock_that_is_behind_is_no_strangers():
    """Sent at 0.400, written down at 59.950 by a machine of Tiger's, and told as 59."""
    shown = get_shown(totalQuantity=5, userMark="", openTime=SENT_AT - 1_400)

    assert not is_strangers(shown, get_record(PLAIN), SENT_AT)


def test_an_order_like_ours_that_was_there_before_is_not_ours_for_having_our_number():
    before = get_shown(totalQuantity=5, openTime=SENT_AT - 300_000)

    assert not is_ours_answered(before, get_record(PLAIN), SENT_AT)
    assert not is_ours(before, get_record(PLAIN))


@pytest.mark.parametrize(("ms", "is_it"), [(1_400, True), (2_400, False), (10_400, False)])
def test_an_order_like_ours_is_ours_without_its_mark_if_it_may_have_been_made_by_this_sending(ms, is_it):
    shown = get_shown(totalQuantity=5, openTime=SENT_AT - ms)

    assert is_ours_answered(shown, get_record(PLAIN), SENT_AT) == is_it
    assert not is_strangers(shown, get_record(PLAIN), SENT_AT)


@pytest.mark.parametrize(("seconds", "is_another"), [(116, False), (300, False), (601, True)])
def test_an_order_like_ours_is_anothers_for_its_age_where_no_clocks_can_differ_by_that(seconds, is_another):
    """An example of Tiger's own shows an order 116 s away from the moment of its answer."""
    older = get_shown(totalQuantity=5, openTime=SENT_AT - 1_000 * seconds)

    assert is_strangers(older, get_record(PLAIN), SENT_AT) == is_another
    assert is_listed_strangers(older, get_record(PLAIN), SENT_AT) == is_another


def test_after_a_second_sending_one_of_an_earlier_one_is_still_ours():
    assert is_ours(get_shown(totalQuantity=5, openTime=SENT_AT - 300_000), get_record(PLAIN, attempts=2))
    assert is_ours_answered(get_shown(totalQuantity=5, openTime=SENT_AT - 300_000), get_record(PLAIN, attempts=2), None)


def test_another_programs_order_like_ours_under_our_number_is_never_told_as_ours(trader, simulator):
    price = get_price()
    theirs = Program(simulator, FIRST).place("BUY", 1, "LMT", limit_price=price)
    simulator.advance(300)
    trader.client.data("/api/trade/orders")  # What Tiger's clock says is known by its last answer.
    gateway = get_gateway(trader.app)
    numbers, session = gateway.orders.context.numbers, gateway.tiger.session(FIRST)
    numbers.forget(session)
    numbers.give_back(session, theirs.order_id)
    simulator.read_as(order_numbers="next_free", used_number="answers_holder")
    trader.inject("missing_fields", fields=("userMark",))
    placed = trader.place("mine", limit_price=price)
    held = {order["id"]: order["userMark"] for order in trader.held(price)}

    assert placed.status_code == 200, placed.text
    assert int(placed.get_json()["data"]["order_id"]) != theirs.id
    assert len(held) == 2
