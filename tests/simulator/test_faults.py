"""What can be made to go wrong, and what it leaves behind."""

import json
import time
from typing import cast

import pytest
from tigeropen.common.exceptions import ApiException, RequestException, ResponseException

from app.simulator.faults import Fault, FaultPlan
from app.simulator.running import Simulator
from tests.simulator.trader import FIRST, SECOND, Trader

LOST = (RequestException, ResponseException)


def place_resting(trader: Trader) -> int:
    order = trader.draft("BUY", 1, "LMT", limit_price=1.0)
    trader.client.place_order(order)
    return cast("int", order.id)


def get_refusal(trader: Trader) -> int:
    with pytest.raises(ApiException) as refused:
        place_resting(trader)
    return int(refused.value.code)


@pytest.mark.parametrize("kind", ["lost_answer", "broken_json", "garbage"])
def test_an_order_whose_answer_is_spoilt_was_accepted(simulator: Simulator, trader: Trader, kind: str) -> None:
    simulator.inject(Fault(kind, method="place_order", times=1))

    with pytest.raises((*LOST, ValueError)):
        place_resting(trader)
    assert len(simulator.orders(FIRST)) == 1


@pytest.mark.parametrize("kind", ["cut_before", "http_500", "http_429", "code", "expired_token"])
def test_an_order_that_was_stopped_on_its_way_in_was_not_accepted(
    simulator: Simulator, trader: Trader, kind: str
) -> None:
    simulator.inject(Fault(kind, method="place_order", times=1))

    with pytest.raises((*LOST, ApiException)):
        place_resting(trader)
    assert simulator.orders(FIRST) == []


@pytest.mark.parametrize("kind", ["http_500", "http_429", "code"])
def test_an_error_can_follow_the_acceptance(simulator: Simulator, trader: Trader, kind: str) -> None:
    simulator.inject(Fault(kind, method="place_order", times=1, processed=True))

    with pytest.raises((*LOST, ApiException)):
        place_resting(trader)
    assert len(simulator.orders(FIRST)) == 1


def test_a_fault_ends_after_its_times_and_spares_other_methods_and_accounts(
    simulator: Simulator, trader: Trader
) -> None:
    simulator.inject(Fault("code", method="place_order", account=FIRST, times=2, code=77, message="no"))
    other = Trader(simulator, SECOND)
    refused = [get_refusal(trader), get_refusal(trader)]

    assert refused == [77, 77]
    assert place_resting(other)
    assert place_resting(trader)


def test_an_accepted_order_can_stay_hidden_for_a_while(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("late_visibility", method="place_order", times=1, seconds=30))
    order_id = place_resting(trader)
    hidden = (trader.order(order_id), trader.client.get_orders(), trader.client.get_open_orders())
    simulator.advance(31)

    assert hidden == (None, [], [])
    assert trader.order(order_id).id == order_id


def test_an_order_can_be_accepted_after_its_client_has_given_up(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("late_acceptance", method="place_order", times=1, seconds=30))
    with pytest.raises(LOST):
        place_resting(trader)
    before = simulator.orders(FIRST)
    simulator.advance(31)

    assert before == []
    assert [order["status"] for order in simulator.orders(FIRST)] == ["Submitted"]


def test_an_accepted_order_can_be_rejected_afterwards(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("late_rejection", method="place_order", times=1, message="exchange says no"))
    order = trader.order(place_resting(trader))

    assert (order._status.value, order.reason) == ("Inactive", "exchange says no")


def test_positions_can_lack_what_was_filled_lately(simulator: Simulator, trader: Trader) -> None:
    simulator.hold(FIRST, "IBM", 100)
    simulator.hold(FIRST, "KO", 50)
    for symbol in ("IBM", "KO"):
        trader.client.place_order(trader.draft("SELL", 50, symbol=symbol))
    simulator.inject(Fault("late_fills", method="positions", times=1, seconds=30))
    late, current = (list_held(trader) for _ in range(2))
    simulator.advance(31)
    simulator.inject(Fault("late_fills", method="positions", times=1, seconds=30))

    assert (late["IBM"], late["KO"]) == (100, 50)
    assert current["IBM"] == 50
    assert "KO" not in current
    assert list_held(trader) == current


def list_held(trader: Trader) -> dict[str, float]:
    return {held.contract.symbol: float(held.position_qty) for held in trader.client.get_positions()}


def test_an_unknown_status_is_told(simulator: Simulator, trader: Trader) -> None:
    order_id = place_resting(trader)
    simulator.inject(Fault("unknown_status", method="orders", times=1, message="Halted"))

    assert trader.order(order_id)._status.name == "PENDING_NEW"
    assert simulator.orders(FIRST)[0]["status"] == "Submitted"


def test_fields_can_be_missing(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("missing_fields", method="place_order", times=1, fields=("id",)))

    assert place_resting(trader) is None


def test_fields_can_say_something_else(simulator: Simulator, trader: Trader) -> None:
    order_id = place_resting(trader)
    simulator.inject(Fault("other_values", method="orders", times=1, values={"symbol": "PEP", "nothing": 1}))

    assert trader.order(order_id).contract.symbol == "PEP"
    assert trader.order(order_id).contract.symbol == "AAPL"


def test_a_foreign_signature_is_noticed_by_the_sdk(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("foreign_signature", times=1))

    with pytest.raises(ResponseException, match="sign verify failed"):
        trader.client.get_managed_accounts()


@pytest.mark.parametrize("kind", ["delay", "delay_after"])
def test_an_answer_can_be_slow_without_holding_others_up(simulator: Simulator, trader: Trader, kind: str) -> None:
    simulator.inject(Fault(kind, method="accounts", times=1, seconds=0.3))
    started = time.monotonic()
    accounts = trader.client.get_managed_accounts()

    assert accounts
    assert time.monotonic() - started >= 0.3


def test_a_hanging_call_ends_with_the_clients_patience(simulator: Simulator, trader: Trader) -> None:
    trader.config.timeout = 0.2
    simulator.inject(Fault("hang", method="accounts", times=1))

    with pytest.raises(RequestException):
        trader.client.get_managed_accounts()
    assert trader.client.get_managed_accounts()


def test_connections_are_refused_and_accepted_again(simulator: Simulator, trader: Trader) -> None:
    trader.client.get_managed_accounts()
    simulator.inject(Fault("refused", seconds=0.3))
    with pytest.raises(RequestException, match="refused"):
        trader.client.get_managed_accounts()
    trader.config.retry_max_tries = 5

    assert trader.client.get_managed_accounts()


def test_a_huge_answer_is_whole_json(simulator: Simulator, trader: Trader) -> None:
    simulator.inject(Fault("huge_answer", method="accounts", times=1, size=3_000_000))

    assert trader.client.get_managed_accounts()[0].account == FIRST


def test_chance_repeats_with_the_seed() -> None:
    def draws(seed: int) -> list[int]:
        plan = FaultPlan(seed)
        plan.add([Fault("lost_answer", probability=0.5)])
        return [len(plan.draw("x", "1", None)) for _ in range(50)]

    assert draws(1) == draws(1) != draws(2)
    assert 10 < sum(draws(1)) < 40


@pytest.mark.parametrize("body", [{"kind": "nonsense"}, {"kind": "hang", "times": 0}, {"kind": "hang", "x": 1}, {}])
def test_a_wrong_fault_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"fault|times|kind"):
        Fault.from_json(json.loads(json.dumps(body)))
