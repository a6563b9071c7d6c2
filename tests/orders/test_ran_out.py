"""A DAY order that ran out was accepted, however Tiger tells of its end."""

import pytest

from app.simulator.options import SimulatorOptions
from app.simulator.running import Simulator
from tests.orders.trader import get_price
from tests.support.client import assert_refusal


@pytest.fixture
def simulator(tmp_path):
    """Give a simulator whose days may pass without ending the tokens of all other tests."""
    with Simulator.running(SimulatorOptions(folder=tmp_path / "tiger", limit_scale=0)) as simulator:
        yield simulator


@pytest.mark.parametrize("reading", ["cancelled_with_remark", "invalid"])
def test_a_day_order_that_ran_out_was_accepted(trader, reading):
    trader.simulator.read_as(expired_day_order=reading)
    order_id = trader.place("day", limit_price=get_price()).get_json()["data"]["order_id"]
    trader.simulator.advance(5 * 86_400)
    status = trader.status(client_order_id="day")
    answer = trader.cancel(order_id)

    assert status["outcome"] == "accepted"
    assert_refusal(answer, 422, "order_rejected")
    assert "expired" in answer.get_json()["error"]
