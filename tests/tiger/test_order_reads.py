"""Looking an order up: absent only where Tiger says so."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from app.errors import GatewayError, OrderNotFound
from app.simulator.faults import Fault
from app.simulator.options import SimulatorOptions
from app.simulator.readings import Readings
from app.simulator.running import Simulator
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.order_commands import reserve_order_number
from app.tiger.trading.order_reads import fetch_requested_order, find_numbered_order, find_order
from app.tiger.trading.order_tickets import OrderTicket
from app.tiger.trading.orders import Order
from tests.support.client import FIRST, SECOND
from tests.tiger.opening import open_sessions
from tests.tiger.placing import place_ticket

ABSENT = 999_999_999
UNCERTAIN = [
    Fault("http_500", method="orders"),
    Fault("cut_before", method="orders"),
    Fault("broken_json", method="orders"),
    Fault("garbage", method="orders"),
    Fault("foreign_signature", method="orders"),
    Fault("hang", method="orders"),
    Fault("expired_token", method="orders"),
    Fault("code", method="orders", code=1, message="server error"),
    Fault("code", method="orders", code=5, message="rate limit error"),
    Fault("code", method="orders", code=1000, message="common param error"),
    Fault("code", method="orders", code=1010, message="biz param error"),
    Fault("code", method="orders", code=1200, message="standard account response error(system busy)"),
    Fault("code", method="orders", code=1200, message="standard account response error(order query failed)"),
]


@pytest.fixture
def placed(session: Session) -> Callable[..., Order]:
    """Give a way to place a resting order."""

    def place_one(user_mark: str | None = None) -> Order:
        ticket = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal("0.01"))
        deadline = Deadline.after(2)
        return place_ticket(session, ticket, reserve_order_number(session, deadline), user_mark, deadline)

    return place_one


def test_an_order_is_found_by_either_id(session: Session, placed: Callable[..., Order]) -> None:
    placement = placed()

    by_id = find_order(session, Deadline.after(2), placement.order_id or "")
    by_number = find_numbered_order(session, Deadline.after(2), int(placement.account_order_id or 0))

    assert by_id == by_number
    assert by_id is not None
    assert by_id.account_order_id == placement.account_order_id


@pytest.mark.parametrize("written", ["global", "own"])
def test_a_client_may_name_an_order_by_either_id(
    session: Session, placed: Callable[..., Order], written: Literal["global", "own"]
) -> None:
    placement = placed()
    requested = {"global": placement.order_id, "own": placement.account_order_id}[written]

    assert fetch_requested_order(session, Deadline.after(2), requested or "").order_id == placement.order_id


def test_an_order_that_neither_reading_finds_is_not_found(session: Session) -> None:
    with pytest.raises(OrderNotFound):
        fetch_requested_order(session, Deadline.after(2), str(ABSENT))


@pytest.mark.parametrize("style", ["empty", "null", "error"])
def test_tiger_may_say_in_three_ways_that_there_is_no_order(
    tmp_path: Path, style: Literal["empty", "null", "error"]
) -> None:
    options = SimulatorOptions(folder=tmp_path, readings=Readings(missing_order=style), limit_scale=0, key_bits=1024)
    with Simulator.running(options) as simulator:
        session = open_sessions(simulator).session(FIRST)

        assert find_order(session, Deadline.after(2), str(ABSENT)) is None
        assert find_numbered_order(session, Deadline.after(2), ABSENT) is None


@pytest.mark.parametrize("fault", UNCERTAIN, ids=lambda fault: f"{fault.kind}-{fault.code}-{fault.message[-14:]}")
def test_an_answer_that_proves_nothing_is_an_error_and_not_absence(
    simulator: Simulator, session: Session, fault: Fault
) -> None:
    simulator.inject(fault)

    with pytest.raises(GatewayError) as raised:
        find_numbered_order(session, Deadline.after(0.5), ABSENT)

    assert not isinstance(raised.value, OrderNotFound)


def test_an_order_without_the_id_it_was_asked_by_proves_nothing(
    simulator: Simulator, session: Session, placed: Callable[..., Order]
) -> None:
    order_id = placed().order_id or ""
    simulator.inject(Fault("missing_fields", method="orders", times=1))

    with pytest.raises(GatewayError, match="another order"):
        find_order(session, Deadline.after(2), order_id)


def test_an_order_of_another_account_is_not_found(sessions: Sessions, placed: Callable[..., Order]) -> None:
    order_id = placed().order_id or ""

    assert find_order(sessions.session(SECOND), Deadline.after(2), order_id) is None


@pytest.mark.parametrize("reading", ["ignored", "refused"])
def test_an_order_is_found_by_its_number_where_tiger_does_not_look_numbers_up(
    simulator: Simulator, session: Session, placed: Callable[..., Order], reading: str
) -> None:
    placement = placed()
    simulator.read_as(lookup_by_number=reading)

    found = find_numbered_order(session, Deadline.after(2), int(placement.account_order_id or 0))

    assert found is not None
    assert found.order_id == placement.order_id


@pytest.mark.parametrize("reading", ["ignored", "refused"])
def test_a_number_that_nobody_has_is_absent_where_tiger_does_not_look_numbers_up(
    simulator: Simulator, session: Session, reading: str
) -> None:
    simulator.read_as(lookup_by_number=reading)

    assert find_numbered_order(session, Deadline.after(2), ABSENT) is None


def test_an_order_that_is_not_visible_yet_is_absent_until_it_is(simulator: Simulator, session: Session) -> None:
    simulator.inject(Fault("late_visibility", method="place_order", times=1, seconds=3600))
    number = reserve_order_number(session, Deadline.after(2))
    ticket = OrderTicket("AAPL", "BUY", "LMT", Decimal(1), limit_price=Decimal("0.01"))
    place_ticket(session, ticket, number, None, Deadline.after(2))

    assert find_numbered_order(session, Deadline.after(2), number) is None
