"""A bookkeeping of its own: what an account must hold after the executions and charges that the wire tells.

It knows nothing of how the simulator books: no cost basis, no settlement, no margin. A security is paid when it is
traded; what a future has gained is the difference of all prices, the latest included.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tigeropen.trade.domain.order import Order, Transaction
from tigeropen.trade.domain.position import Position

from tests.simulator.trader import Trader

RATES = {"USD": Decimal(1), "HKD": Decimal("0.128")}
CENT = Decimal("0.01")
Key = tuple[str, str, str, str, str]


def exact(number: Any) -> Decimal:
    """Return a number of the wire as it was written."""
    return Decimal(str(number))


class Ledger:
    """Hold an account's beginning, and reckon from there what it must be now."""

    def __init__(self, trader: Trader) -> None:
        securities, futures = read_segments(trader)
        self.cash = {name: exact(asset.cash_balance) for name, asset in securities.currency_assets.items()}
        self.futures = exact(futures.cash_balance)
        self.paid_in = exact(securities.net_liquidation) - exact(securities.unrealized_pl)
        self.quantities: dict[Key, Decimal] = defaultdict(Decimal)
        for held in trader.client.get_positions(sec_type="ALL"):
            self.quantities[get_key(held)] += exact(held.position_qty)

    def check(self, trader: Trader) -> None:
        """Raise AssertionError where the account is not what its executions make of it."""
        cash, quantities, futures = dict(self.cash), defaultdict(Decimal, self.quantities), self.futures
        orders = list(list_orders(trader))
        for fill in list_fills(trader):
            amount = get_amount(fill)
            assert abs(amount - abs(exact(fill.filled_amount))) < CENT / 100
            sign = 1 if fill.action == "BUY" else -1
            quantities[get_key(fill)] += sign * get_quantity(fill)
            if fill.contract.sec_type == "FUT":
                futures -= sign * amount
            else:
                cash[fill.contract.currency] -= sign * amount
        for order in orders:
            if order.contract.sec_type == "FUT":
                futures -= exact(order.commission)
            else:
                cash[order.contract.currency] -= exact(order.commission)
        held = {get_key(position): position for position in trader.client.get_positions(sec_type="ALL")}
        securities, margined = read_segments(trader)

        assert {key: exact(position.position_qty) for key, position in held.items()} == {
            key: quantity for key, quantity in quantities.items() if quantity
        }
        for name, asset in securities.currency_assets.items():
            assert abs(exact(asset.cash_balance) - cash[name]) < CENT, name
        self._check_worth(securities, margined, futures, list(held.values()))
        realized = sum(
            (exact(o.realized_pnl) * RATES[o.contract.currency] for o in orders if not is_future(o)), Decimal()
        )
        assert abs(realized - exact(securities.realized_pl)) < CENT

    def _check_worth(self, securities: Any, margined: Any, futures: Decimal, held: list[Position]) -> None:
        worth = Decimal()
        for position in held:
            value = exact(position.market_price) * exact(position.position_qty) * (position.contract.multiplier or 1)
            assert abs(value - exact(position.market_value)) < CENT
            if is_future(position):
                futures += value
            else:
                worth += value * RATES[position.contract.currency]
        cash = sum((exact(a.cash_balance) * RATES[name] for name, a in securities.currency_assets.items()), Decimal())
        net = exact(securities.net_liquidation)
        assert abs(net - cash - worth) < CENT
        assert abs(net - self.paid_in - exact(securities.realized_pl) - exact(securities.unrealized_pl)) < CENT
        assert abs(exact(margined.net_liquidation) - futures) < CENT
        gained = exact(margined.realized_pl) + exact(margined.unrealized_pl)
        assert abs(exact(margined.net_liquidation) - self.futures - gained) < CENT


def is_future(item: Order | Position) -> bool:
    return bool(item.contract.sec_type == "FUT")


def get_key(item: Position | Transaction) -> Key:
    """Return what tells a contract from all others."""
    contract = item.contract
    expiring = contract.sec_type not in {"STK", "FUND", "CC", "FUT"}
    parts = (contract.expiry, contract.strike, contract.put_call) if expiring else ("", "", "")
    return (contract.sec_type, contract.symbol, *map(str, parts))


def get_quantity(fill: Transaction) -> Decimal:
    return exact(fill.filled_quantity).scaleb(-int(fill.filled_quantity_scale))


def get_amount(fill: Transaction) -> Decimal:
    multiplier = getattr(fill.contract, "multiplier", None) or 1
    return get_quantity(fill) * exact(fill.filled_price) * multiplier


def read_segments(trader: Trader) -> tuple[Any, Any]:
    segments = trader.client.get_prime_assets().segments
    return segments["S"], segments["C"]


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
