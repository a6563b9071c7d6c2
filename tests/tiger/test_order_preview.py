"""A preview tells what an order would need, and orders nothing."""

from decimal import Decimal
from typing import Any

import pytest

from app.simulator.running import Simulator
from app.tiger.sessions import Session
from app.tiger.trading.order_preview import get_preview, preview
from tests.tiger.placing import prepare_ticket, resting, soon


def test_a_preview_tells_margin_and_orders_nothing(simulator: Simulator, session: Session) -> None:
    expected = preview(session, prepare_ticket(session, resting(), soon()), soon())

    assert expected["is_pass"] is True
    assert expected["init_margin"] is not None
    assert simulator.calls("place_order") == 0


def test_a_preview_of_what_cannot_be_paid_does_not_pass(session: Session) -> None:
    costly = resting(quantity=Decimal(10**7), limit_price=Decimal(100))
    expected = preview(session, prepare_ticket(session, costly, soon()), soon())

    assert expected["is_pass"] is False
    assert expected["message"]


@pytest.mark.parametrize(
    ("sent", "verdict", "message"),
    [
        ({"isPass": True, "message": ""}, True, None),
        ({"isPass": False, "message": "too much"}, False, "too much"),
        ({"warningText": "too much"}, False, "too much"),
        ({"initMargin": 10.5}, True, None),
        ({}, None, None),
    ],
)
def test_older_previews_hold_a_warning_instead_of_a_verdict(
    sent: dict[str, Any], verdict: bool | None, message: str | None
) -> None:
    expected = get_preview(sent)

    assert (expected["is_pass"], expected["message"]) == (verdict, message)
