"""What becomes of orders, as the SDK sees it."""

import pytest
from tigeropen.common.consts import OrderStatus
from tigeropen.common.exceptions import ApiException
from tigeropen.common.util.contract_utils import option_contract_by_symbol

from app.simulator.running import Simulator
from tests.simulator.conftest import Simulate
from tests.simulator.trader import PAPER, Trader

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


def test_an_order_is_answered_as_initial_and_found_filled(trader: Trader) -> None:
    order = trader.draft("BUY", 10)
    trader.client.place_order(order)

    assert order.orders[0]["status"] == "Initial"
    assert trader.order(order.id)._status == OrderStatus.FILLED


def test_order_numbers_grow_and_are_never_given_twice(trader: Trader) -> None:
    reserved = [trader.client.create_order(trader.account, None, "BUY", "MKT", 1).order_id for _ in range(3)]
    placed = trader.place("BUY", 1).order_id

    assert [*reserved, placed] == list(range(reserved[0], reserved[0] + 4))


def test_a_global_id_does_not_fit_into_a_double(trader: Trader) -> None:
    assert trader.place("BUY", 1).id > 2**53


def test_a_market_purchase_pays_the_ask(trader: Trader) -> None:
    asked = trader.quotes().get_stock_briefs(["AAPL"]).ask_price[0]
    order = trader.place("BUY", 10)

    assert order.avg_fill_price == pytest.approx(asked, rel=0.002)
    assert order.filled_cash_amount == pytest.approx(order.avg_fill_price * 10)


def test_a_limit_order_waits_for_its_price(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    order = trader.place("BUY", 10, "LMT", limit_price=150.0)
    before = order._status
    simulator.set_price("AAPL", 149)
    after = trader.order(order.id)

    assert before == OrderStatus.HELD
    assert (after._status, after.filled) == (OrderStatus.FILLED, 10)
    assert after.avg_fill_price <= 150


@pytest.mark.parametrize(("action", "side", "worse"), [("BUY", "ask_price", -0.01), ("SELL", "bid_price", 0.01)])
def test_a_cent_decides_whether_a_limit_is_met(simulate: Simulate, action: str, side: str, worse: float) -> None:
    trader = Trader(simulate(frozen_at_ms=1_800_000_000_000))
    best = float(trader.quotes().get_stock_briefs(["AAPL"])[side][0])
    missed = trader.place(action, 1, "LMT", limit_price=round(best + worse, 2))
    met = trader.place(action, 1, "LMT", limit_price=best)

    assert (missed.filled, met.filled) == (0, 1)
    assert met.avg_fill_price == best


def test_a_stop_order_sells_once_the_price_has_fallen_to_it(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    order = trader.place("SELL", 10, "STP", aux_price=190.0)
    simulator.set_price("AAPL", 195)
    before = trader.order(order.id)._status
    simulator.set_price("AAPL", 189)

    assert before == OrderStatus.HELD
    assert trader.order(order.id)._status == OrderStatus.FILLED


def test_a_stop_limit_order_keeps_its_limit_after_the_trigger(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    order = trader.place("SELL", 10, "STP_LMT", aux_price=190.0, limit_price=188.0)
    simulator.set_price("AAPL", 180)
    triggered = trader.order(order.id)._status
    simulator.set_price("AAPL", 189)

    assert triggered == OrderStatus.HELD
    assert trader.order(order.id)._status == OrderStatus.FILLED


def test_a_trailing_stop_follows_the_price_up_and_not_down(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    order = trader.place("SELL", 10, "TRAIL", trailing_percent=5)
    simulator.set_price("AAPL", 300)
    stop = trader.order(order.id).trail_stop_price
    simulator.set_price("AAPL", 284)

    assert stop == pytest.approx(285)
    assert trader.order(order.id)._status == OrderStatus.FILLED


def test_a_large_order_fills_over_time(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 10)
    order = trader.place("BUY", 20_000, "LMT", limit_price=11.0)
    simulator.advance(2)
    later = trader.order(order.id)
    simulator.advance(60)

    assert 0 < order.filled < later.filled < 20_000
    assert later._status == OrderStatus.HELD
    assert trader.order(order.id).filled == 20_000


def test_the_rest_of_an_immediate_order_is_cancelled(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 10)
    order = trader.place("BUY", 20_000, "LMT", limit_price=11.0, time_in_force="IOC")

    assert order._status == OrderStatus.CANCELLED
    assert 0 < order.filled < 20_000


def test_a_fill_or_kill_order_fills_whole_or_not_at_all(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 10)
    killed = trader.place("BUY", 20_000, "LMT", limit_price=11.0, time_in_force="FOK")
    filled = trader.place("BUY", 100, "LMT", limit_price=11.0, time_in_force="FOK")

    assert (killed._status, killed.filled) == (OrderStatus.CANCELLED, 0)
    assert (filled._status, filled.filled) == (OrderStatus.FILLED, 100)


def test_a_day_order_expires_and_a_lasting_one_does_not(simulator: Simulator, trader: Trader) -> None:
    day = trader.place("BUY", 1, "LMT", limit_price=1.0, time_in_force="DAY")
    lasting = trader.place("BUY", 1, "LMT", limit_price=1.0, time_in_force="GTC")
    simulator.advance(3 * 24 * 3600)

    assert trader.order(day.id)._status == OrderStatus.EXPIRED
    assert trader.order(lasting.id)._status == OrderStatus.HELD


def test_a_cancelled_order_stays_cancelled(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 200)
    order = trader.place("BUY", 1, "LMT", limit_price=100.0)
    trader.client.cancel_order(id=order.id)
    simulator.set_price("AAPL", 50)

    assert trader.order(order.id)._status == OrderStatus.CANCELLED
    with pytest.raises(ApiException, match="Cancelled and cannot be cancelled"):
        trader.client.cancel_order(id=order.id)


def test_a_cancellation_can_be_watched_while_it_is_pending(simulate: Simulate) -> None:
    simulator = simulate(cancel_delay_seconds=30)
    trader = Trader(simulator)
    order = trader.place("BUY", 1, "LMT", limit_price=1.0)
    trader.client.cancel_order(id=order.id)
    pending = trader.order(order.id)._status
    simulator.advance(31)

    assert pending == OrderStatus.PENDING_CANCEL
    assert trader.order(order.id)._status == OrderStatus.CANCELLED


def test_an_order_that_is_being_cancelled_may_still_fill(simulate: Simulate) -> None:
    simulator = simulate(cancel_delay_seconds=30)
    trader = Trader(simulator)
    order = trader.place("BUY", 1, "LMT", limit_price=1.0)
    trader.client.cancel_order(id=order.id)
    simulator.set_price("AAPL", 0.5)

    assert trader.order(order.id)._status == OrderStatus.FILLED


def test_modifying_changes_quantity_and_price(trader: Trader) -> None:
    order = trader.place("BUY", 10, "LMT", limit_price=1.0, user_mark="mine")
    trader.client.modify_order(order, quantity=7, limit_price=2.0)
    changed = trader.order(order.id)

    assert (changed.quantity, changed.limit_price, changed.user_mark) == (7, 2.0, "mine")


def test_a_quantity_below_what_is_filled_is_refused(simulator: Simulator, trader: Trader) -> None:
    simulator.set_price("AAPL", 10)
    order = trader.place("BUY", 20_000, "LMT", limit_price=11.0)

    with pytest.raises(ApiException, match="less than the filled quantity"):
        trader.client.modify_order(order, quantity=1)


def test_a_fraction_is_filled_to_the_last_digit(trader: Trader) -> None:
    order = trader.place("BUY", 25, quantity_scale=2)

    assert (order.filled, order.filled_scale) == (25, 2)
    assert trader.position().position_qty == 100.25
    assert (trader.position().quantity, trader.position().position_scale) == (10_025_000, 5)


def test_an_order_by_amount_spends_no_more_than_its_amount(trader: Trader) -> None:
    order = trader.place("BUY", None, total_cash_amount=150.0)

    assert order._status == OrderStatus.FILLED
    assert order.quantity == 0
    assert 149.9 < order.filled_cash_amount <= 150


def test_an_option_is_bought_and_sold(trader: Trader) -> None:
    quotes = trader.quotes()
    expiry = quotes.get_option_expirations(["AAPL"]).date[2]
    chain = quotes.get_option_chain("AAPL", expiry)
    leg = chain[(chain.put_call == "CALL") & (chain.bid_price > 1)].iloc[0]
    contract = option_contract_by_symbol("AAPL", expiry.replace("-", ""), float(leg.strike), "CALL", "USD")
    bought = trader.place("BUY", 2, contract=contract)
    held = trader.position(sec_type="OPT")
    sold = trader.place("SELL", 2, contract=contract)

    assert (bought._status, sold._status) == (OrderStatus.FILLED, OrderStatus.FILLED)
    assert (held.quantity, held.contract.identifier) == (2, leg.identifier)
    assert held.market_value == pytest.approx(200 * held.market_price)
    assert trader.position(sec_type="OPT") is None


def test_the_paper_account_trades_beside_the_live_one(simulator: Simulator) -> None:
    live, paper = Trader(simulator), Trader(simulator, PAPER)
    paper.place("BUY", 3)

    assert paper.position().quantity == 3
    assert live.position().quantity == 100


def test_with_real_hours_an_order_waits_for_the_market_to_open(simulate: Simulate) -> None:
    sunday_noon = 1_769_360_400_000
    simulator = simulate(real_hours=True, frozen_at_ms=sunday_noon)
    trader = Trader(simulator)
    order = trader.place("BUY", 1)
    simulator.advance(24 * 3600)
    filled = trader.order(order.id)

    assert (order._status, order.filled) == (OrderStatus.HELD, 0)
    assert filled._status == OrderStatus.FILLED


def test_before_the_opening_only_orders_for_extended_hours_fill(simulate: Simulate) -> None:
    monday_five_in_new_york = 1_769_421_600_000
    trader = Trader(simulate(real_hours=True, frozen_at_ms=monday_five_in_new_york))
    regular = trader.place("BUY", 1, "LMT", limit_price=900.0)
    extended = trader.place("BUY", 1, "LMT", limit_price=900.0, outside_rth=True)

    assert (regular.filled, extended.filled) == (0, 1)
