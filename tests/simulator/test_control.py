"""The control paths: who may use them, and what they do."""

from typing import Any

import pytest

from app.simulator.control import Control
from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.controls import Controls
from tests.simulator.trader import FIRST, FIRST_ID, Trader, Wire


@pytest.fixture
def control(simulator: Simulator) -> Controls:
    return Controls(simulator)


def test_the_token_lies_in_a_file_that_only_the_owner_reads(simulator: Simulator) -> None:
    file = simulator.folder / "control.token"

    assert file.read_text().strip() == simulator.control_token
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_the_token_nothing_is_told_or_done(control: Controls, token: str) -> None:
    assert control("GET", "clock", token=token)[0] == 401
    assert control("POST", "faults", token=token, kind="hang")[0] == 401


def test_other_machines_are_turned_away(simulator: Simulator) -> None:
    guarded: Control = simulator._assembly.control
    headers = {b"x-control-token": guarded.token.encode()}

    assert guarded.answer("GET", "/control/clock", headers, b"", "192.0.2.1").status == 403


def test_faults_are_put_in_force_counted_down_and_cleared(control: Controls, trader: Trader) -> None:
    control("POST", "faults", faults=[{"kind": "delay", "method": "accounts", "times": 2, "seconds": 0.001}])
    trader.client.get_managed_accounts()
    left = control("GET", "faults")[1]["faults"]

    assert [fault["times"] for fault in left] == [1]
    assert control("DELETE", "faults")[1] == {"faults": []}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "nonsense"}),
        ("price", {"symbol": "NOSUCH", "price": 1}),
        ("price", {"symbol": "AAPL", "price": -1}),
        ("clock", {"advance_seconds": "x"}),
        ("tokens/end", {"x": 1}),
    ],
)
def test_a_wrong_wish_is_told_apart_from_a_broken_server(control: Controls, path: str, body: dict[str, Any]) -> None:
    status, answer = control("POST", path, **body)

    assert status == 400
    assert answer["error"]


def test_an_unknown_path_is_not_found(control: Controls) -> None:
    assert control("GET", "nothing")[0] == 404


def test_time_can_be_moved_and_stopped(control: Controls) -> None:
    before = control("GET", "clock")[1]["now_ms"]
    control("POST", "clock", advance_seconds=3600, frozen=True)
    readings = {control("GET", "clock")[1]["now_ms"] for _ in range(3)}
    control("POST", "clock", frozen=False, advance_seconds=0)

    assert len(readings) == 1
    assert readings.pop() >= before + 3_600_000
    assert control("GET", "clock")[1]["frozen"] is False


def test_calls_are_counted_by_method_and_account(control: Controls, trader: Trader) -> None:
    trader.client.get_positions()
    trader.client.get_managed_accounts()
    counts = control("GET", "calls")[1]
    seen = control("GET", "requests?method=positions")[1]["requests"]

    assert counts["by_method"] == {"positions": 1, "accounts": 1}
    assert (counts["by_tiger_id"], counts["by_account"]) == ({FIRST_ID: 2}, {FIRST: 1})
    assert [(call["account"], call["signature_is_valid"]) for call in seen] == [(FIRST, True)]
    assert control("DELETE", "calls")[1]["total"] == 0


def test_connections_are_counted(control: Controls, trader: Trader) -> None:
    before = control("GET", "connections")[1]["opened"]
    trader.client.get_managed_accounts()

    assert control("GET", "connections")[1]["opened"] >= before + 1


def test_orders_are_told_by_mark_and_number(control: Controls, trader: Trader) -> None:
    order = trader.place("BUY", 1, user_mark="campaign 7")
    trader.place("BUY", 1)

    assert control("GET", "orders?user_mark=campaign%207")[1]["count"] == 1
    assert control("GET", f"orders?account={FIRST}&order_id={order.order_id}")[1]["orders"][0]["id"] == order.id
    assert control("GET", "orders")[1]["count"] == 2


def test_a_price_can_be_pinned_and_let_go(control: Controls, trader: Trader) -> None:
    control("POST", "price", symbol="AAPL", price=123.0)
    pinned = trader.quotes().get_stock_briefs(["AAPL"]).latest_price[0]
    control("POST", "price", symbol="AAPL", price=None)

    assert pinned == 123.0
    assert trader.quotes().get_stock_briefs(["AAPL"]).latest_price[0] != 123.0


def test_tokens_can_be_ended(control: Controls, trader: Trader) -> None:
    control("POST", "tokens/end", tiger_id=FIRST_ID)

    assert trader.client.query_token() is None


def test_a_position_is_given(control: Controls, trader: Trader) -> None:
    told = control("POST", "position", account=FIRST, symbol="00001", quantity=30)

    assert told == (200, {"account": FIRST, "symbol": "00001", "quantity": 30.0})
    assert trader.position("00001").quantity == 30
    assert control("POST", "position", account=FIRST, symbol="NOSUCH", quantity=30)[0] == 400


def test_more_calls_can_be_sold_and_are_told_and_served(simulate: Simulate) -> None:
    simulator = simulate(limit_scale=1)
    sold, _ = Controls(simulator)("POST", "entitlements", tiger_id=FIRST_ID, lowFreqLimit=12)
    wire = Wire(simulator)
    told = wire.ask("addon_entitlements")["data"]["effectiveEntitlement"]
    codes = [wire.ask("user_license")["code"] for _ in range(13)]

    assert (sold, told["lowFreqLimit"], told["highFreqLimit"]) == (200, 12, 120)
    assert codes == [0] * 12 + [4]
