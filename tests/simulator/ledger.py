"""Read what an account tells of itself through the SDK, for the bookkeeping of ``tests/support/ledger.py``."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tigeropen.trade.domain.contract import Contract
from tigeropen.trade.domain.order import Order, Transaction

from tests.simulator.trader import Trader
from tests.support.ledger import Charge, Execution, Holding, Key, Segment, Statement, exact, get_key


def read_statement(trader: Trader) -> Statement:
    """Return everything that the account shows."""
    segments = trader.client.get_prime_assets().segments
    positions = trader.client.get_positions(sec_type="ALL")
    return Statement(
        get_segment(segments["S"]),
        get_segment(segments["C"]),
        [
            Holding(
                get_contract_key(held.contract),
                held.contract.currency,
                exact(held.position_qty),
                exact(held.market_price),
                exact(held.contract.multiplier or 1),
                exact(held.market_value),
            )
            for held in positions
        ],
        [get_execution(fill) for fill in list_fills(trader)],
        [
            Charge(
                get_contract_key(order.contract),
                order.contract.currency,
                exact(order.commission),
                exact(order.realized_pnl),
            )
            for order in list_orders(trader)
        ],
    )


def get_segment(sent: Any) -> Segment:
    cash = {name: exact(asset.cash_balance) for name, asset in sent.currency_assets.items()}
    net, realized, unrealized = map(exact, (sent.net_liquidation, sent.realized_pl, sent.unrealized_pl))
    return Segment(net, realized, unrealized, exact(sent.cash_balance), cash)


def get_contract_key(contract: Contract) -> Key:
    return get_key(contract.sec_type, contract.symbol, contract.expiry, contract.strike, contract.put_call)


def get_execution(fill: Transaction) -> Execution:
    quantity: Decimal = exact(fill.filled_quantity).scaleb(-int(fill.filled_quantity_scale))
    return Execution(
        get_contract_key(fill.contract),
        fill.contract.currency,
        fill.action == "BUY",
        quantity,
        exact(fill.filled_price),
        exact(getattr(fill.contract, "multiplier", None) or 1),
        exact(fill.filled_amount),
    )


def list_orders(trader: Trader) -> Iterator[Order]:
    """Yield all orders, page by page."""
    token: str | None = ""
    while token is not None:
        page = trader.client.get_orders(seg_type="ALL", limit=300, page_token=token)
        yield from page.result
        token = page.next_page_token


def list_fills(trader: Trader) -> Iterator[Transaction]:
    """Yield all executions, page by page."""
    token: str | None = ""
    while token is not None:
        page = trader.client.get_transactions(limit=100, page_token=token)
        yield from page.result
        token = page.next_page_token
