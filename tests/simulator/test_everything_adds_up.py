"""Cash, positions and profits after random orders of all kinds, with days and expiries between them.

Held against a bookkeeping of its own (``tests/support/ledger.py``) that knows only what the wire tells.
TIGER_REST_TEST_RANDOM_ORDERS and TIGER_REST_TEST_SEED choose how many orders and which.
"""

import os
from collections import Counter

import pytest
from tigeropen.common.exceptions import ApiException
from tigeropen.trade.domain.order import Order

from tests.simulator.conftest import Simulate
from tests.simulator.instruments import renew
from tests.simulator.ledger import list_orders, read_statement
from tests.simulator.random_orders import RandomOrders
from tests.simulator.trader import Trader
from tests.support.ledger import Ledger

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
ORDERS = int(os.environ.get("TIGER_REST_TEST_RANDOM_ORDERS", "200"))
SEED = int(os.environ.get("TIGER_REST_TEST_SEED", "1"))
A_DAYS_ORDERS = 12
CHECKS = 5
BUSINESS_CODES = {1010, 1200}


def test_cash_positions_and_profits_add_up_to_the_cent(simulate: Simulate) -> None:
    trader = Trader(simulate(frozen_at_ms=1_800_000_000_000))
    ledger, orders, taken = Ledger(read_statement(trader)), RandomOrders(trader, SEED), Counter[str]()
    orders.new_day()
    for number, (kind, order) in zip(range(1, ORDERS + 1), orders.draw(), strict=False):
        taken[kind] += try_to_place(trader, order)
        pass_time(orders, number)
        if number % A_DAYS_ORDERS == 0:
            trader = orders.trader = renew(trader)
            orders.new_day()
            try_to_place(trader, orders.closing())
            call_off_one(trader, orders)
        if number % (ORDERS // CHECKS or 1) == 0:
            ledger.check(read_statement(trader))

    ledger.check(read_statement(trader))
    history = trader.client.get_analytics_asset(account=trader.account)["history"]
    assert history[-1]["asset"] == pytest.approx(trader.segment().net_liquidation, abs=0.01)
    assert set(taken) == set(orders.makers)
    assert {"EXERCISE", "ASSIGNMENT", "EXPIRY", "ATTACHED_ORDER", "OCA"} <= {
        attribute for order in list_orders(trader) for attribute in order.attr_list
    }


def try_to_place(trader: Trader, order: Order | None) -> bool:
    """Place an order, and say whether it was taken; one that the account may not place is refused by a code."""
    if order is None:
        return False
    try:
        trader.client.place_order(order)
    except ApiException as refused:
        if refused.code not in BUSINESS_CODES:
            raise
        return False
    return True


def pass_time(orders: RandomOrders, number: int) -> None:
    """Let seconds pass after an order, and what is left of a day after those of one."""
    hours = 20 if number % A_DAYS_ORDERS == 0 else orders.random.random() / 2
    orders.trader.simulator.advance(hours * 3600)


def call_off_one(trader: Trader, orders: RandomOrders) -> None:
    """Cancel an order that is open, if one is."""
    waiting = trader.client.get_open_orders(limit=300)
    if waiting:
        trader.client.cancel_order(id=orders.random.choice(waiting).id)
