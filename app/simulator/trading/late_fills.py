"""What positions show where the latest fills are not in them yet."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import Contract
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.engine import TradingEngine


def get_account_before(engine: TradingEngine, account: Account, late_ms: int) -> Account:
    """Return an account as it was before the fills of the last so many milliseconds; its money is as it is."""
    since = engine.clock.now_ms() - late_ms
    changes: dict[str, Decimal] = defaultdict(lambda: ZERO)
    contracts: dict[str, Contract] = {}
    for fill in engine.fills:
        if fill.account != account.account or fill.at_ms < since:
            continue
        order = engine.orders[fill.order_id]
        contract = engine.prices.find_key(fill.key or order.key)
        if contract is not None:
            key = contract.held_as.key
            contracts[key] = contract.held_as
            changes[key] += fill.quantity if (fill.action or order.action) == "BUY" else -fill.quantity
    holdings = dict(account.holdings)
    for key, change in changes.items():
        held = holdings.get(key, Holding(contracts[key]))
        quantity = held.quantity - change
        latest = engine.prices.get_book(contracts[key], engine.clock.now_ms()).latest
        shown = replace(held, quantity=quantity, basis=quantity * latest * contracts[key].multiplier)
        if quantity:
            holdings[key] = shown
        else:
            holdings.pop(key, None)
    return replace(account, holdings=holdings)
