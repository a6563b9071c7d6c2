"""Performance, movements of cash and exercises agree with assets, orders and transactions."""

import random
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from tigeropen.common.consts import OptionExerciseType, SegmentType
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import future_contract, option_contract_by_symbol

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import FIRST, SECOND, Trader

NOW_MS = int(datetime(2026, 3, 11, 18, 0, 30, tzinfo=UTC).timestamp() * 1000)

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")


@pytest.fixture
def simulator(simulate: Simulate) -> Simulator:
    return simulate(frozen_at_ms=NOW_MS)


def _trade_at_random(trader: Trader, simulator: Simulator, seed: int) -> None:
    """Buy and sell for some days."""
    chance = random.Random(seed)  # noqa: S311 - the same every time.
    for _ in range(12):
        symbol = chance.choice(["AAPL", "NVDA", "00700", "KO", "F"])
        lot = 100 if symbol == "00700" else 1
        try:
            trader.place(chance.choice(["BUY", "SELL"]), lot * chance.randint(1, 9), symbol=symbol)
        except ApiException:
            continue
        simulator.advance(chance.randint(1, 20) * 86_400 / 20)


def _history(trader: Trader, **asked: Any) -> dict[str, Any]:
    found = trader.client.get_analytics_asset(account=trader.account, **asked)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_last_day_is_worth_what_the_assets_say(trader: Trader, simulator: Simulator, seed: int) -> None:
    _trade_at_random(trader, simulator, seed)
    today = _history(trader)["history"][-1]
    assets = trader.segment()

    assert today["asset"] == pytest.approx(assets.net_liquidation)
    assert today["cash_balance"] == pytest.approx(assets.cash_balance)
    assert today["gross_position_value"] == pytest.approx(assets.gross_position_value)


@pytest.mark.parametrize("seed", range(3))
def test_profits_add_up_to_the_change_of_the_worth(trader: Trader, simulator: Simulator, seed: int) -> None:
    _trade_at_random(trader, simulator, seed)
    told = _history(trader, start_date="2025-06-01", end_date="2026-12-31")
    days = told["history"]
    paid_in = sum(day["deposit"] for day in days)
    assets = trader.segment()

    assert sum(day["pnl"] for day in days) == pytest.approx(days[-1]["asset"] - paid_in)
    assert told["summary"]["pnl"] == pytest.approx(sum(day["pnl"] for day in days))
    assert told["summary"]["pnl"] == pytest.approx(assets.realized_pl + assets.unrealized_pl)
    assert told["summary"]["pnl_percentage"] == pytest.approx(told["summary"]["pnl"] / paid_in, abs=1e-6)


def test_what_was_told_of_a_day_stays_true(trader: Trader, simulator: Simulator) -> None:
    _trade_at_random(trader, simulator, 7)
    before = _history(trader)["history"][:-1]
    _trade_at_random(trader, simulator, 8)
    after = {day["date"]: day for day in _history(trader, start_date="2026-01-01")["history"]}

    for day in before:
        for name in ("asset", "pnl", "cash_balance", "gross_position_value", "deposit"):
            assert after[day["date"]][name] == pytest.approx(day[name], abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_movements_add_up_to_the_cash_and_follow_the_transactions(
    trader: Trader, simulator: Simulator, seed: int
) -> None:
    _trade_at_random(trader, simulator, seed)
    moved = trader.client.get_fund_details([SegmentType.SEC], account=FIRST, limit=100)
    assets = trader.segment()
    fills = trader.client.get_transactions(account=FIRST, symbol="", limit=100, since_date="20250101")
    orders = [order for order in trader.client.get_orders(account=FIRST) if order.filled]

    for currency, asset in assets.currency_assets.items():
        own = moved[moved["currency"] == currency]
        assert own["amount"].sum() == pytest.approx(asset.cash_balance, abs=1e-4)
    trades = moved[(moved["type"] == "Trade") & (moved["contract_name"] != "")]
    assert sorted(trades["amount"].abs()) == pytest.approx(sorted(fill.filled_amount for fill in fills))
    assert -moved[moved["type"] == "Fee"]["amount"].sum() == pytest.approx(sum(order.commission for order in orders))
    assert sum(fill.filled_quantity for fill in fills) == sum(order.filled for order in orders)


@pytest.mark.parametrize("seed", range(3))
def test_futures_add_up_in_their_own_segment(trader: Trader, simulator: Simulator, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time.
    for _ in range(6):
        code = chance.choice(["ES2606", "CL2606"])
        # A position is not turned around in one order.
        with suppress(ApiException):
            trader.place(chance.choice(["BUY", "SELL"]), chance.randint(1, 2), contract=future_contract(code, "USD"))
        simulator.advance(chance.randint(1, 30) * 3600)
    trader.place("BUY", 2)
    told = {name: _history(trader, start_date="2025-06-01", seg_type=name) for name in ("SEC", "FUT", "ALL")}
    segments = trader.client.get_prime_assets(account=FIRST).segments
    moved = trader.client.get_fund_details(SegmentType.FUT, account=FIRST, limit=100)
    row = trader.client.get_aggregate_assets(account=FIRST, seg_type="FUT")
    available = trader.client.get_segment_fund_available(from_segment="FUT")

    assert told["FUT"]["history"][-1]["asset"] == pytest.approx(segments["C"].net_liquidation)
    assert told["FUT"]["summary"]["pnl"] == pytest.approx(segments["C"].realized_pl + segments["C"].unrealized_pl)
    for name in ("asset", "pnl", "deposit", "cash_balance", "gross_position_value"):
        for whole, *parts in zip(*(told[part]["history"] for part in ("ALL", "SEC", "FUT")), strict=True):
            assert whole[name] == pytest.approx(sum(part[name] for part in parts), abs=1e-4)
    assert moved["amount"].sum() == pytest.approx(segments["C"].cash_balance, abs=1e-4)
    assert set(moved["seg_type"]) == {"FUT"}
    assert row.net_liquidation == pytest.approx(segments["C"].net_liquidation)
    assert 0 <= available[0].amount <= segments["C"].cash_balance


def test_movements_come_in_pages_newest_first(trader: Trader, simulator: Simulator) -> None:
    _trade_at_random(trader, simulator, 1)
    whole = trader.client.get_fund_details("SEC", account=FIRST, limit=100)
    parts = [trader.client.get_fund_details("SEC", account=FIRST, start=start, limit=5) for start in range(0, 100, 5)]

    assert [number for part in parts if len(part) for number in part["id"]] == list(whole["id"])
    assert list(whole["updated_at"]) == sorted(whole["updated_at"], reverse=True)
    assert set(whole["item_count"]) == {len(whole)}
    fees = trader.client.get_fund_details("SEC", account=FIRST, fund_type="FEE", currency="USD")
    assert set(fees["type"]) <= {"Fee"}
    assert set(fees["currency"]) <= {"USD"}


def test_deposits_are_told_alike_wherever_they_are_told(trader: Trader) -> None:
    funding = trader.client.get_funding_history(seg_type="SEC")
    moved = trader.client.get_fund_details("SEC", account=FIRST, fund_type="DEPOSIT_WITHDRAW")
    days = _history(trader, start_date="2025-01-01")["history"]
    rates = {name: asset.forex_rate for name, asset in trader.segment().currency_assets.items()}

    assert sorted(funding["amount"]) == sorted(moved["amount"])
    dollars = sum(row.amount * rates[row.currency] for row in funding.itertuples())
    assert dollars == pytest.approx(sum(day["deposit"] for day in days))


def test_the_aggregate_is_the_segment_in_one_row(trader: Trader) -> None:
    segment, row = trader.segment(), trader.client.get_aggregate_assets(account=FIRST)
    in_hong_kong = trader.client.get_aggregate_assets(account=FIRST, base_currency="HKD")

    assert row.net_liquidation == pytest.approx(segment.net_liquidation)
    assert row.cash_balance + row.stock_market_value == pytest.approx(segment.net_liquidation)
    assert in_hong_kong.net_liquidation == pytest.approx(row.net_liquidation / 0.128)
    assert not [value for value in vars(row).values() if value == float("inf")]


def test_what_could_leave_a_segment_is_cash_that_is_there(trader: Trader) -> None:
    rows = trader.client.get_segment_fund_available(from_segment="SEC")
    cash = {name: asset.cash_balance for name, asset in trader.segment().currency_assets.items()}

    assert {row.currency for row in rows} == set(cash)
    assert all(0 <= row.amount <= cash[row.currency] for row in rows)
    assert trader.client.get_segment_fund_history() in ([], None)


def test_held_options_can_be_exercised_into_their_shares(trader: Trader) -> None:
    expiry = trader.quotes().get_option_expirations("AAPL")["date"][3].replace("-", "")
    contract = option_contract_by_symbol("AAPL", expiry, strike=230, put_call="CALL", currency="USD")
    trader.place("BUY", 2, contract=contract)
    (held,) = trader.client.get_option_exercise_positions(OptionExerciseType.EXERCISE).items
    (position,) = trader.client.get_positions(account=FIRST, sec_type="OPT")
    check = trader.client.check_option_exercise(held.contract_id, OptionExerciseType.EXERCISE, quantity=1)
    shares = trader.position("AAPL").quantity

    assert (held.contract_id, held.position) == (position.contract.contract_id, 2.0)
    assert (held.symbol, held.call_put, held.expire_date, held.strike) == ("AAPL", "CALL", expiry, "230.0")
    assert (check.stk_position_before, check.stk_position_after) == (shares, shares + 100)
    assert trader.client.get_option_exercise_records().items == []
    with pytest.raises(ApiException, match="contract_id"):
        trader.client.check_option_exercise(1, OptionExerciseType.EXERCISE)


def test_no_position_was_ever_transferred(trader: Trader) -> None:
    asked = {"since_date": "2026-01-01", "to_date": "2026-03-01"}

    assert trader.client.get_position_transfer_records(**asked) == []
    assert trader.client.get_position_transfer_external_records(**asked) == []
    with pytest.raises(ApiException, match="id"):
        trader.client.get_position_transfer_detail("12345")
    with pytest.raises(ApiException, match="does not belong"):
        trader.client.get_position_transfer_records(account_id=SECOND, **asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"start_date": "soon"},
        {"seg_type": "XXX"},
        {"currency": "XXX"},
        {"start_date": "2000-01-01"},
    ],
)
def test_a_wrong_question_for_the_performance_is_refused(trader: Trader, asked: dict[str, str]) -> None:
    with pytest.raises(ApiException, match="invalid"):
        _history(trader, **asked)
