"""The verdict of the fault campaign sees an order of any kind that is doubled, and one without what came with it."""

import pytest

from bench.campaign.asking import Reply
from bench.campaign.kinds import FIRST, KINDS, NAMED, STANDARD, Kind
from bench.campaign.legs import find_wrong_legs
from bench.campaign.orders import ClientOrder, Wish, make_orders
from bench.campaign.strangers import Strangers
from bench.campaign.verdict import get_verdict

PAIR, BRACKET = (next(kind for kind in KINDS if kind.name == name) for name in ("pair", "trailing bracket"))
ACCEPTED = {"status": "Submitted", "order_id": "1"}


def make_order(kind: Kind, **told: object) -> ClientOrder:
    """Return an order of the first account at 1.01 that was accepted."""
    reply = Reply(200, {"data": {**ACCEPTED, **told}}, 0, 1)
    final = Reply(200, {"data": {"outcome": "accepted", "order": {**ACCEPTED, **told}}}, 0, 1)
    return ClientOrder(1, FIRST, Wish.RESTS, 1.01, "key", False, None, kind, NAMED, [reply], told=final)


def make_document(order_id: int, order_type: str = "LMT", **fields: object) -> dict[str, object]:
    """Return what the simulator holds of one of its orders."""
    common = {"account": FIRST, "symbol": "AAPL", "secType": "STK", "status": "Submitted", "openTime": 0}
    price = {"limitPrice": 1.01} if order_type == "LMT" else {"auxPrice": 901.01}
    filled = {"filledQuantity": 0, "totalQuantity": 1, "totalQuantityScale": 0, "updateTime": 0}
    return {**common, **price, **filled, "id": order_id, "orderType": order_type, **fields}


BOTH = [make_document(1, ocaGroupId=7), make_document(2, "STP", ocaGroupId=7)]
WITH_LEG = [make_document(1), make_document(2, "TRAIL", parentId=1)]


def count_wrong(order: ClientOrder, documents: list[dict[str, object]]) -> int:
    """Return how many things are wrong with what came with an order."""
    return sum(len(each) for each in find_wrong_legs([order], documents))


@pytest.mark.parametrize(("kind", "documents"), [(PAIR, BOTH), (BRACKET, WITH_LEG)])
def test_what_is_whole_is_good(kind, documents):
    order = make_order(kind, related_orders=[{"order_id": "2"}])

    assert count_wrong(order, documents) == 0
    assert get_verdict([order], documents, Strangers()).is_good


@pytest.mark.parametrize(
    ("kind", "documents"),
    [
        (PAIR, BOTH[:1]),
        (PAIR, BOTH[1:]),
        (BRACKET, WITH_LEG[:1]),
        (BRACKET, WITH_LEG[1:]),
        (BRACKET, [*WITH_LEG, make_document(3, "TRAIL", parentId=1)]),
        (BRACKET, [make_document(1, status="Cancelled"), WITH_LEG[1]]),
    ],
)
def test_what_lacks_a_part_or_has_too_many_is_found(kind, documents):
    assert count_wrong(make_order(kind), documents) > 0


def test_a_partner_that_is_told_to_be_missing_may_be():
    order = make_order(PAIR, missing_orders=["oca_partner"])

    assert count_wrong(order, BOTH[:1]) == 0


def test_a_partner_that_exists_is_not_told_to_be_missing_in_the_end():
    assert count_wrong(make_order(PAIR, missing_orders=["oca_partner"]), BOTH) == 1


def test_the_leg_of_another_order_is_not_told_as_this_ones():
    assert count_wrong(make_order(PAIR, related_orders=[{"order_id": "9"}]), BOTH) == 1


def test_an_order_of_another_symbol_is_not_taken_for_one_of_the_same_price():
    assert count_wrong(make_order(BRACKET), [*WITH_LEG, make_document(3, symbol="NKE")]) == 0


def test_one_partner_twice_is_doubled():
    documents = [*BOTH, make_document(3, "STP", ocaGroupId=8)]
    verdict = get_verdict([make_order(PAIR)], documents, Strangers())

    assert verdict.faults.several_orders_at_tiger == 1


def test_every_kind_is_mixed_and_no_two_orders_have_one_name():
    orders = make_orders(600, 1, kinds=KINDS)
    names = [name for order in orders for name in (order.name, order.partner) if name is not None]

    assert {kind.name for kind in KINDS} < {order.kind_name for order in orders}
    assert len(names) == len(set(names))
    assert all(order.account in STANDARD for order in orders if order.kind is PAIR)
