"""Two OCA orders on which Tiger does not write the mark that was sent with both: nobody takes them for others."""

import dataclasses
from decimal import Decimal

import pytest

from app.orders.bodies import write_ticket
from app.orders.matching import is_listed_strangers, is_ours, is_ours_answered, is_strangers
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import get_order
from tests.orders.doubtful_records import record

SENT_AT = 1_795_700_000_000
FIRST = OrderTicket("KO", "SELL", "LMT", Decimal(5), limit_price=Decimal(90))
SECOND = OrderTicket("KO", "SELL", "STP", Decimal(4), stop_price=Decimal(40))
PAIR = record(body=write_ticket(dataclasses.replace(FIRST, partners=(SECOND,))), order_number=7, number_claim=7)
PLAIN = record(body=write_ticket(FIRST), order_number=7, number_claim=7)


def get_shown(**fields):
    """Return an order as Tiger shows the first of the pair, without a mark."""
    shown = {"id": 11, "orderId": 7, "symbol": "KO", "secType": "STK", "action": "SELL", "orderType": "LMT"}
    shown |= {"totalQuantity": 5, "limitPrice": 90.0, "openTime": SENT_AT + 20, "userMark": "", "status": "Submitted"}
    return get_order(shown | fields)


def test_one_with_our_number_and_terms_is_ours_in_a_list_and_in_an_answer():
    assert is_ours(get_shown(), PAIR)
    assert not is_listed_strangers(get_shown(), PAIR, SENT_AT)


def test_one_that_was_answered_with_a_number_of_its_own_is_ours():
    assert is_ours_answered(get_shown(orderId=8), PAIR, SENT_AT)
    assert not is_ours(get_shown(orderId=8), PAIR)


@pytest.mark.parametrize(
    "fields",
    [
        {"userMark": "theirs"},
        {"limitPrice": 91.0},
        {"orderType": "STP"},
        {"openTime": SENT_AT - 5_000},
        {"symbol": "PEP"},
    ],
    ids=["mark", "price", "type", "age", "symbol"],
)
def test_what_differs_from_what_was_sent_is_not_ours_for_having_been_answered(fields):
    assert not is_ours_answered(get_shown(orderId=8, **fields), PAIR, SENT_AT)


def test_after_a_second_sending_an_answer_alone_proves_nothing():
    assert not is_ours_answered(get_shown(orderId=8), PAIR, None)


def test_another_programs_order_under_our_number_is_still_known_by_its_terms():
    assert is_listed_strangers(get_shown(totalQuantity=6), PAIR, SENT_AT)
    assert is_listed_strangers(get_shown(openTime=SENT_AT - 700_000), PAIR, SENT_AT)


def test_one_that_was_there_a_moment_before_is_nobodys_for_sure():
    """By the clock of another machine of Tiger's it may be ours."""
    assert not is_ours_answered(get_shown(orderId=8, openTime=SENT_AT - 5_000), PAIR, SENT_AT)
    assert not is_listed_strangers(get_shown(orderId=8, openTime=SENT_AT - 5_000), PAIR, SENT_AT)


@pytest.mark.parametrize(
    "fields",
    [
        {"limitPrice": 91.0},
        {"orderType": "MKT", "limitPrice": None, "totalQuantity": 5},
        {"orderType": "STP", "limitPrice": None, "auxPrice": 40, "totalQuantity": 5},
        {"orderType": "STP", "limitPrice": None, "auxPrice": 40.5, "totalQuantity": 4},
        {"orderType": "TRAIL", "limitPrice": None},
        {"totalQuantity": 4},
    ],
    ids=["limit", "triggered quantity", "stop quantity", "stop", "type", "quantity"],
)
def test_what_none_of_the_pair_can_have_become_is_another_programs(fields):
    assert is_strangers(get_shown(**fields), PAIR, SENT_AT)
    assert is_listed_strangers(get_shown(**fields), PAIR, SENT_AT)


@pytest.mark.parametrize(
    "fields",
    [
        {"limitPrice": 90.9},
        {"orderType": "STP", "limitPrice": None, "auxPrice": 40.4, "totalQuantity": 4},
        {"orderType": "MKT", "limitPrice": None, "totalQuantity": 4},
        {"orderType": "OCA"},
        {"orderType": None, "limitPrice": None, "totalQuantity": None},
        {"limitPrice": 70.0, "totalQuantity": 1, "replaceStatus": "REPLACED"},
        {"timeInForce": "GTC"},
    ],
    ids=["adjusted", "the other one", "triggered", "the group's type", "left out", "changed", "how long it lasts"],
)
def test_what_one_of_the_pair_may_have_become_is_never_called_another_programs(fields):
    assert not is_strangers(get_shown(**fields), PAIR, SENT_AT)
    assert not is_listed_strangers(get_shown(**fields), PAIR, SENT_AT)


def test_where_prices_are_low_a_step_of_them_is_no_difference():
    cheap = [dataclasses.replace(FIRST, limit_price=Decimal(3)), dataclasses.replace(SECOND, stop_price=Decimal(1))]
    pair = record(body=write_ticket(dataclasses.replace(cheap[0], partners=(cheap[1],))), order_number=7)

    assert not is_strangers(get_shown(limitPrice=3.1), pair, SENT_AT)
    assert is_strangers(get_shown(limitPrice=3.11), pair, SENT_AT)


def test_an_order_by_itself_is_known_by_its_mark_alone():
    assert not is_ours(get_shown(), PLAIN)
    assert not is_ours_answered(get_shown(), PLAIN, SENT_AT)
    assert is_listed_strangers(get_shown(), PLAIN, SENT_AT)
