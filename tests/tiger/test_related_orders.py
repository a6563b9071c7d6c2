"""Which orders came with another one, whatever Tiger shows of them."""

from decimal import Decimal
from typing import Any

import pytest

from app.tiger.trading.order_tickets import OCA_PARTNER, OrderTicket, StopLoss, TakeProfit
from app.tiger.trading.orders import Order, get_order
from app.tiger.trading.related_orders import is_first, relate

BOTH = ("take_profit", "stop_loss")
PARENT = {"id": 1, "action": "BUY", "orderType": "LMT", "userMark": "m"}
PROFIT = {"id": 2, "action": "SELL", "orderType": "LMT", "userMark": "m", "parentId": 1}
LOSS = {"id": 3, "action": "SELL", "orderType": "STP", "userMark": "m", "parentId": 1}


def bracket() -> OrderTicket:
    one = Decimal(1)
    return OrderTicket("AAPL", "BUY", "LMT", one, take_profit=TakeProfit(one), stop_loss=StopLoss(one))


def parent(**fields: Any) -> Order:
    return get_order({**PARENT, **fields})


def name(order: Order) -> dict[str, str | None]:
    return {related.order_id: related.role for related in order.related}


def test_orders_that_are_shown_say_which_they_are() -> None:
    order = relate(parent(), BOTH, [get_order(LOSS), get_order(PROFIT)])

    assert name(order) == {"2": "take_profit", "3": "stop_loss"}
    assert order.missing == ()


def test_one_that_is_not_there_is_missing() -> None:
    order = relate(parent(), BOTH, [get_order(LOSS)])

    assert (name(order), order.missing) == ({"3": "stop_loss"}, ("take_profit",))


@pytest.mark.parametrize(
    ("ids", "named", "missing"),
    [
        ([2, 3], {"2": None, "3": None}, ()),
        ([2], {"2": None}, BOTH),
        ([], {}, BOTH),
        # An order is no relative of its own.
        ([1, 2, 3], {"2": None, "3": None}, ()),
    ],
)
def test_of_ids_alone_nobody_knows_which_is_which(ids: list[int], named: dict[str, None], missing: object) -> None:
    order = relate(parent(subIds=ids), BOTH)

    assert (name(order), order.missing) == (named, missing)


def test_the_only_id_that_is_left_is_the_only_role_that_is_left() -> None:
    assert name(relate(parent(subIds=[2, 3]), BOTH, [get_order(LOSS)])) == {"2": "take_profit", "3": "stop_loss"}
    assert name(relate(parent(subIds=[9]), ("stop_loss",))) == {"9": "stop_loss"}


def test_partners_are_partners_whatever_their_type() -> None:
    assert name(relate(parent(), (OCA_PARTNER,), [get_order({**LOSS, "parentId": None})])) == {"3": "oca_partner"}


@pytest.mark.parametrize("is_parent_shown", [True, False])
def test_an_attached_order_is_never_taken_for_the_one_that_was_placed(is_parent_shown: bool) -> None:
    shown = [{**each, "parentId": 1 if is_parent_shown else None} for each in (PROFIT, LOSS)]

    assert is_first(parent(), bracket())
    assert not any(is_first(get_order(each), bracket()) for each in shown)


def test_an_order_without_relatives_is_its_own() -> None:
    assert relate(parent(subIds=[7]), ()) == parent(subIds=[7])
