"""Orders that stand are changed and cancelled: only in what is named, and never called failed when it may be done."""

from decimal import Decimal

import pytest
from tigeropen.common.consts.service_types import PLACE_ORDER
from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.request.model import PlaceModifyOrderParams

from app.errors import GatewayError, InvalidRequest, OrderNotFound, OrderRejected
from app.simulator.faults import Fault
from app.simulator.running import Simulator
from app.tiger.sessions import Session, Sessions
from app.tiger.trading.order_commands import (
    cancel,
    modify,
)
from app.tiger.trading.order_reads import find_order
from app.tiger.trading.order_tickets import OrderChanges
from tests.support.client import PAPER
from tests.tiger.placing import read, resting, send, soon, ticket


def test_a_modification_changes_only_what_it_names(session: Session) -> None:
    before = read(session, send(session, resting(time_in_force="GTC", outside_rth=True)))

    after = modify(session, before, OrderChanges(limit_price=Decimal("1.31")), soon())

    assert after.order_id == before.order_id
    assert (after.limit_price, after.quantity) == (Decimal("1.31"), Decimal(5))
    assert (after.time_in_force, after.outside_rth) == ("GTC", True)


def test_an_order_for_an_amount_can_be_priced_anew(session: Session) -> None:
    params = PlaceModifyOrderParams()
    params.contract = Contract(symbol="AAPL", currency="USD", sec_type="STK")
    params.action, params.order_type, params.time_in_force = "BUY", "LMT", "DAY"
    params.total_cash_amount, params.limit_price = 100.0, 1.2
    placed = session.command(PLACE_ORDER, params, soon())
    before = find_order(session, soon(), str(placed["id"]))
    assert before is not None

    after = modify(session, before, OrderChanges(limit_price=Decimal("1.3")), soon())

    assert (after.limit_price, after.cash_amount, after.quantity) == (Decimal("1.3"), Decimal(100), None)


def test_a_whole_quantity_replaces_a_fraction_exactly(session: Session) -> None:
    before = read(session, send(session, resting(quantity=Decimal("0.5"))))

    after = modify(session, before, OrderChanges(quantity=Decimal(3)), soon())

    assert after.quantity == Decimal(3)


def test_a_price_that_the_order_does_not_have_is_denied(simulator: Simulator, session: Session) -> None:
    before = read(session, send(session, resting()))

    with pytest.raises(InvalidRequest) as denied:
        modify(session, before, OrderChanges(stop_price=Decimal(1)), soon())

    assert set(denied.value.details or {}) == {"stop_price"}
    assert simulator.calls("modify_order") == 0


def test_a_filled_order_cannot_be_modified(session: Session) -> None:
    filled = read(session, send(session, ticket()))

    with pytest.raises(OrderRejected):
        modify(session, filled, OrderChanges(quantity=Decimal(2)), soon())


def test_a_modification_that_cannot_be_read_back_is_told_as_accepted(simulator: Simulator, session: Session) -> None:
    before = read(session, send(session, resting()))
    simulator.inject(Fault("http_500", method="orders"))

    after = modify(session, before, OrderChanges(quantity=Decimal(7)), soon())

    assert after.quantity == Decimal(7)


@pytest.mark.parametrize(("reading", "status"), [("at_once", "Cancelled"), ("two_steps", "PendingCancel")])
def test_a_cancelled_order_is_cancelled_or_about_to_be(
    simulator: Simulator, session: Session, reading: str, status: str
) -> None:
    simulator.read_as(cancel=reading)
    before = read(session, send(session, resting()))

    after = cancel(session, before, soon())

    assert after.order_id == before.order_id
    assert after.status == status


@pytest.mark.parametrize("method", ["modify_order", "cancel_order"])
def test_a_change_whose_answer_is_lost_is_in_doubt(simulator: Simulator, session: Session, method: str) -> None:
    before = read(session, send(session, resting()))
    simulator.inject(Fault("lost_answer", method=method, times=1))
    commands = {
        "modify_order": lambda: modify(session, before, OrderChanges(quantity=Decimal(2)), soon()),
        "cancel_order": lambda: cancel(session, before, soon()),
    }

    with pytest.raises(GatewayError) as raised:
        commands[method]()

    assert raised.value.in_doubt is True


def test_an_order_of_another_account_cannot_be_cancelled(sessions: Sessions, session: Session) -> None:
    order = read(session, send(session, resting()))

    with pytest.raises((OrderRejected, OrderNotFound)):
        cancel(sessions.session(PAPER), order, soon())
