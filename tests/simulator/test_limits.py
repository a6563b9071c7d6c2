"""Tiger's rate limits, as the simulator holds its clients to them."""

import pytest
from tigeropen.common.exceptions import ApiException

from app.simulator.rate_limits import CALLS_PER_MINUTE
from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import FIRST, SECOND_ID, Trader, Wire


@pytest.fixture
def limited(simulate: Simulate) -> Simulator:
    return simulate(limit_scale=0.1)


def test_the_call_too_many_is_refused_by_code_four_with_the_method_named(limited: Simulator) -> None:
    wire = Wire(limited)
    answers = [wire.ask("accounts") for _ in range(7)]

    assert [answer["code"] for answer in answers] == [0] * 6 + [4]
    assert answers[-1]["message"] == ("rate limit error(current limiting interface:accounts, up to 6 times per minute)")


def test_the_call_too_many_can_be_refused_by_http_429(simulate: Simulate) -> None:
    wire = Wire(simulate(limit_scale=0.1, rate_limit_style="http429"))
    answers = [wire.post(wire.sign("accounts")) for _ in range(7)]

    assert (answers[-1][0], answers[-1][1]["code"]) == (429, 5)


def test_a_minute_later_calls_are_served_again(limited: Simulator) -> None:
    wire = Wire(limited)
    spent = [wire.ask("accounts")["code"] for _ in range(7)][-1]
    limited.advance(61)

    assert (spent, wire.ask("accounts")["code"]) == (4, 0)


def test_methods_and_developers_are_counted_apart(limited: Simulator) -> None:
    first, second = Wire(limited), Wire(limited, SECOND_ID)
    spent = [first.ask("accounts")["code"] for _ in range(7)][-1]

    assert spent == 4
    assert first.ask("positions", {"account": FIRST})["code"] == 0
    assert second.ask("accounts")["code"] == 0


def test_an_unsigned_call_costs_nobody_anything(limited: Simulator) -> None:
    wire = Wire(limited)
    for _ in range(10):
        wire.post(wire.sign("accounts") | {"sign": "AAAA"})

    assert wire.ask("accounts")["code"] == 0


def test_limits_can_be_turned_off(simulate: Simulate) -> None:
    wire = Wire(simulate(limit_scale=0))

    assert {wire.ask("market_state", {"market": "US"})["code"] for _ in range(15)} == {0}


def test_a_client_at_its_limit_sees_an_api_error(limited: Simulator) -> None:
    trader = Trader(limited)
    for _ in range(6):
        trader.client.get_managed_accounts()

    with pytest.raises(ApiException, match="rate limit error"):
        trader.client.get_managed_accounts()


def test_orders_have_the_widest_limit_and_lists_of_symbols_the_narrowest() -> None:
    assert CALLS_PER_MINUTE["place_order"] == CALLS_PER_MINUTE["quote_real_time"] == 120
    assert CALLS_PER_MINUTE["kline"] == 60
    assert CALLS_PER_MINUTE["all_symbol_names"] == 10


@pytest.mark.parametrize("method", ["user_token_refresh", "user_license", "quote_delay", "kline_quota"])
def test_what_the_older_page_gives_ten_times_a_minute_is_limited_so(simulate: Simulate, method: str) -> None:
    wire = Wire(simulate(limit_scale=1))
    codes = [wire.ask(method, {"symbols": ["AAPL"]})["code"] for _ in range(11)]

    assert codes == [0] * 10 + [4]
