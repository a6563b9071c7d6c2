"""Cash, positions and profits add up, whatever is traded."""

import contextlib
import itertools
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.simulator.assembly import Assembly
from app.simulator.options import SimulatorOptions
from app.simulator.trading.accounts import Account
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import Contract, to_dollars
from app.simulator.trading.drafts import read_draft
from app.simulator.trading.valuation import get_account_value
from app.simulator.wire import WireRefusal
from tests.simulator.trader import FIRST, Trader

STOCK = Contract("STK", "AAPL", "US", "USD", "NASDAQ", "Apple", "AAPL")
OPTION = Contract("OPT", "AAPL", "US", "USD", "US", "Apple", "AAPL C", multiplier=100)
QUANTITIES = st.integers(-500, 500).filter(bool).map(Decimal)
PRICES = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)


@given(
    trades=st.lists(st.tuples(st.sampled_from([STOCK, OPTION]), QUANTITIES, PRICES), max_size=30),
)
def test_cash_and_cost_basis_change_by_what_is_realized(trades: list[tuple[Contract, Decimal, Decimal]]) -> None:
    account = Account("1", "2", "STANDARD", cash={"USD": Decimal(1000)})
    realized = Decimal(0)
    for contract, quantity, price in trades:
        amount = abs(quantity) * price * contract.multiplier
        realized += account.apply_fill(contract, quantity, amount, Decimal("1.99"))

    basis = sum((holding.basis for holding in account.list_holdings()), Decimal(0))
    assert account.cash["USD"] + basis == 1000 + realized
    assert realized == account.realized.get("USD", Decimal(0))


@given(
    contract=st.sampled_from([STOCK, OPTION]),
    action=st.sampled_from(["BUY", "SELL"]),
    parts=st.lists(st.integers(1, 2000), min_size=2, max_size=6),
    price=PRICES,
)
def test_the_charges_of_an_order_never_fall_as_it_fills(
    contract: Contract, action: str, parts: list[int], price: Decimal
) -> None:
    filled = list(itertools.accumulate(Decimal(part) for part in parts))
    charges = [
        get_commission(contract, action, quantity, quantity * price * contract.multiplier) for quantity in filled
    ]

    assert charges == sorted(charges)


ORDERS = st.fixed_dictionaries(
    {
        "symbol": st.sampled_from(["AAPL", "TSLA", "00700"]),
        "action": st.sampled_from(["BUY", "SELL"]),
        "order_type": st.sampled_from(["MKT", "LMT", "STP"]),
        "total_quantity": st.sampled_from([1, 7, 50, 100, 200, 3000]),
        "total_quantity_scale": st.sampled_from([0, 0, 1]),
        "limit_price": st.sampled_from([1.0, 150.0, 600.0]),
        "aux_price": st.sampled_from([1.0, 150.0, 600.0]),
        "time_in_force": st.sampled_from(["DAY", "IOC"]),
    }
)


@settings(max_examples=25, deadline=None)
@given(
    orders=st.lists(ORDERS, min_size=1, max_size=12), pauses=st.lists(st.integers(0, 5_000), min_size=12, max_size=12)
)
def test_net_liquidation_is_cash_and_holdings_after_any_orders(
    orders: list[dict[str, object]], pauses: list[int]
) -> None:
    with TemporaryDirectory() as folder, simulated(Path(folder)) as assembly:
        engine, account = assembly.engine, assembly.engine.accounts[FIRST]
        paid_in = get_worth(account) - to_dollars_all(account.realized)
        for order, pause in zip(orders, pauses, strict=False):
            try_to_place(assembly, order)
            assembly.clock.advance_ms(pause)
            engine.advance()
        value = get_account_value(account, [], engine.prices, assembly.clock.now_ms())
        total = sum((order.realized for order in engine.list_orders(FIRST) if "0700" not in order.key), Decimal(0))

    assert value.net_liquidation == value.cash + value.market_value
    assert value.net_liquidation == paid_in + value.realized + value.unrealized
    assert total == account.realized["USD"]
    assert all(order.filled <= order.quantity for order in engine.list_orders(FIRST) if order.quantity)


def simulated(folder: Path) -> Assembly:
    return Assembly(SimulatorOptions(folder=folder, key_bits=1024, frozen_at_ms=1_800_000_000_000))


def get_worth(account: Account) -> Decimal:
    holdings = (to_dollars(holding.basis, holding.contract.currency) for holding in account.list_holdings())
    return to_dollars_all(account.cash) + sum(holdings, Decimal(0))


def to_dollars_all(amounts: dict[str, Decimal]) -> Decimal:
    return sum((to_dollars(amount, currency) for currency, amount in amounts.items()), Decimal(0))


def try_to_place(assembly: Assembly, fields: dict[str, object]) -> None:
    with contextlib.suppress(WireRefusal):
        assembly.engine.place(read_draft({"account": FIRST} | fields))


def test_a_purchase_takes_price_and_commission_from_the_cash(trader: Trader) -> None:
    before = trader.segment().currency_assets["USD"].cash_balance
    order = trader.place("BUY", 10)
    after = trader.segment().currency_assets["USD"].cash_balance

    assert before - after == pytest.approx(order.filled_cash_amount + order.commission)


def test_a_hong_kong_purchase_is_paid_in_hong_kong_dollars(trader: Trader) -> None:
    before = trader.segment().currency_assets
    order = trader.place("BUY", 100, symbol="00700")
    after = trader.segment().currency_assets

    assert before["HKD"].cash_balance - after["HKD"].cash_balance == pytest.approx(
        order.filled_cash_amount + order.commission
    )
    assert before["USD"].cash_balance == after["USD"].cash_balance


def test_a_sale_realizes_the_gain_over_the_average_cost(trader: Trader) -> None:
    cost = trader.position().average_cost
    order = trader.place("SELL", 100)

    assert order.realized_pnl == pytest.approx(order.filled_cash_amount - 100 * cost - order.commission)
    assert trader.segment().realized_pl == pytest.approx(order.realized_pnl)


def test_an_open_order_locks_funds_until_it_ends(trader: Trader) -> None:
    order = trader.place("BUY", 100, "LMT", limit_price=10.0)
    locked = trader.segment().locked_funds
    trader.client.cancel_order(id=order.id)

    assert locked > 300
    assert trader.segment().locked_funds == 0
