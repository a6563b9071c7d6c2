"""Order commands: sent once, at most three calls a placement, and never called failed when they may have succeeded."""

from decimal import Decimal

import pytest

from app.errors import GatewayError, InvalidRequest, OrderRejected, SymbolNotFound
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.trading.order_commands import (
    place,
    reserve_order_number,
    says_duplicate,
)
from app.tiger.trading.order_reads import find_numbered_order
from tests.tiger.placing import place_ticket, prepare_ticket, read, resting, send, soon, ticket

DOUBTFUL = [
    Fault("lost_answer", times=1),
    Fault("http_500", times=1),
    Fault("http_500", times=1, processed=True),
    Fault("broken_json", times=1),
    Fault("garbage", times=1),
    Fault("foreign_signature", times=1),
    Fault("hang", times=1),
    Fault("missing_fields", times=1, fields=("id", "orders")),
    Fault("code", times=1, code=1, message="server error"),
    Fault("expired_token", times=1),
    Fault("code", times=1, code=2, message="network read timeout"),
]
CERTAIN = [
    Fault("http_429", times=1),
    Fault("code", times=1, code=5, message="rate limit error"),
    Fault("code", times=1, code=4, message="rate limit error(current limiting interface:place_order)"),
    Fault("code", times=1, code=1000, message="common param error(failed to verify signature)"),
    Fault("code", times=1, code=1010, message="biz param error"),
    Fault("code", times=1, code=1200, message="standard account response error(bad_request:合约不正确)"),
]


def for_method(fault: Fault, method: str) -> Fault:
    return Fault(**{name: getattr(fault, name) for name in fault.__slots__} | {"method": method})


def test_numbers_that_are_reserved_grow_and_are_never_the_same(simulator: Simulator, session: Session) -> None:
    simulator.read_as(order_numbers="reserved")
    numbers = [reserve_order_number(session, soon()) for _ in range(5)]

    assert numbers == sorted(set(numbers))


def test_a_failed_reservation_is_never_in_doubt(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("lost_answer", method="order_no", times=1))

    with pytest.raises(GatewayError) as raised:
        reserve_order_number(session, soon())

    assert raised.value.in_doubt is False


def test_an_order_stands_at_tiger_as_it_was_asked_for(session: Session) -> None:
    placement = send(session, resting(outside_rth=True), "a note")

    order = read(session, placement)
    assert (order.quantity, order.limit_price, order.status) == (Decimal(5), Decimal("1.25"), "Submitted")
    assert (order.outside_rth, order.user_mark, order.time_in_force) == (True, "a note", "DAY")
    assert order.account_order_id == placement.account_order_id


def test_a_placement_is_three_calls_at_first_and_then_two(simulator: Simulator, session: Session) -> None:
    send(session, resting())
    first = simulator.calls()
    send(session, resting())

    assert (first, simulator.calls() - first) == (3, 2)


def test_a_placement_answered_with_ids_alone_is_looked_up(simulator: Simulator, session: Session) -> None:
    prepare_ticket(session, resting(), soon())
    simulator.reset_counts()
    simulator.inject(Fault("missing_fields", method="place_order", times=1, fields=("orders",)))

    placement = send(session, resting())

    assert placement.status == "Submitted"
    assert simulator.calls() == 3


def test_a_placement_whose_answer_does_not_tell_the_order_is_in_doubt(simulator: Simulator, session: Session) -> None:
    simulator.inject(
        Fault("missing_fields", method="place_order", times=1, fields=("orders",)), Fault("http_500", method="orders")
    )

    with pytest.raises(GatewayError) as raised:
        send(session, resting())

    assert raised.value.in_doubt is True


def test_what_was_sent_is_told_where_the_answer_leaves_it_out(simulator: Simulator, session: Session) -> None:
    fields = ("outsideRth", "timeInForce", "totalQuantity", "limitPrice", "userMark")
    simulator.inject(Fault("missing_fields", method="place_order", times=1, fields=fields))

    prepared = prepare_ticket(session, resting(outside_rth=True), soon())
    answered = place(session, prepared, reserve_order_number(session, soon()), "mine", soon())

    order = prepared.complete(answered)

    assert (order.outside_rth, order.time_in_force, order.quantity) == (True, "DAY", Decimal(5))
    assert (order.limit_price, order.user_mark) == (Decimal("1.25"), "mine")


def test_a_market_order_is_filled_a_moment_later(session: Session) -> None:
    order = read(session, send(session, ticket()))

    assert (order.status, order.filled, order.remaining) == ("Filled", Decimal(1), Decimal(0))
    assert order.to_dict()["avg_fill_price"] > 0


def test_a_fraction_is_bought_exactly(session: Session) -> None:
    placement = send(session, ticket(quantity=Decimal("0.125")))

    order = read(session, placement)
    assert (order.quantity, order.filled, order.outside_rth) == (Decimal("0.125"), Decimal("0.125"), False)


def test_a_hong_kong_order_is_in_its_own_currency(session: Session) -> None:
    placement = send(session, resting(symbol="700", quantity=Decimal(100), limit_price=Decimal(200)))

    assert read(session, placement).contract.currency == "HKD"


def test_an_order_for_an_unknown_symbol_is_never_sent(simulator: Simulator, session: Session) -> None:
    with pytest.raises(SymbolNotFound):
        prepare_ticket(session, ticket(symbol="NOSUCH"), soon())

    assert simulator.calls("place_order") == 0


def test_a_denied_order_is_never_sent(simulator: Simulator, session: Session) -> None:
    wanted = ticket(symbol="00700", quantity=Decimal("0.5"))

    with pytest.raises(InvalidRequest):
        place_ticket(session, wanted, 1, None, soon())

    assert simulator.calls("place_order") == 0


def test_a_refused_order_is_rejected_with_tigers_reason(simulator: Simulator, session: Session) -> None:
    simulator.read_as(unaffordable="refused_at_once")
    with pytest.raises(OrderRejected) as rejected:
        send(session, resting(quantity=Decimal(10**9), limit_price=Decimal(100)))

    assert rejected.value.in_doubt is False
    assert rejected.value.tiger_code == 1200


def test_a_number_that_was_used_is_refused_as_a_duplicate(session: Session) -> None:
    placement = send(session, resting())

    with pytest.raises(OrderRejected) as rejected:
        place_ticket(session, resting(), int(placement.account_order_id or 0), None, soon())

    assert says_duplicate(rejected.value)


@pytest.mark.parametrize("fault", DOUBTFUL, ids=lambda fault: f"{fault.kind}-{fault.code}-{fault.processed}")
def test_a_placement_without_a_readable_answer_is_in_doubt(
    simulator: Simulator, session: Session, fault: Fault
) -> None:
    prepare_ticket(session, resting(), soon())
    number = reserve_order_number(session, soon())
    simulator.inject(for_method(fault, "place_order"))

    with pytest.raises(GatewayError) as raised:
        place_ticket(session, resting(), number, None, Deadline.after(0.5))

    assert raised.value.in_doubt is True
    assert simulator.calls("place_order") == 1


@pytest.mark.parametrize("fault", CERTAIN, ids=lambda fault: f"{fault.kind}-{fault.code}")
def test_a_placement_that_tiger_refused_is_not_in_doubt(simulator: Simulator, session: Session, fault: Fault) -> None:
    prepare_ticket(session, resting(), soon())
    number = reserve_order_number(session, soon())
    simulator.inject(for_method(fault, "place_order"))

    with pytest.raises(GatewayError) as raised:
        place_ticket(session, resting(), number, None, soon())

    assert raised.value.in_doubt is False
    assert find_numbered_order(session, soon(), number) is None


def test_an_order_whose_answer_was_lost_is_found_by_its_number(simulator: Simulator, session: Session) -> None:
    number = reserve_order_number(session, soon())
    simulator.inject(Fault("lost_answer", method="place_order", times=1))

    with pytest.raises(GatewayError):
        place_ticket(session, resting(), number, None, soon())

    found = find_numbered_order(session, soon(), number)
    assert found is not None
    assert found.quantity == Decimal(5)
