"""What becomes of options when they expire: settled in cash at what exercising them would bring."""

from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import Prices
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.progress import Progress


def settle_expired(account: Account, prices: Prices, now_ms: int, progress: Progress) -> None:
    """Turn expired options into cash, without commission."""
    for holding in account.list_holdings():
        if holding.contract.has_expired(now_ms):
            value = prices.get_intrinsic_value(holding.contract, now_ms)
            amount = abs(holding.quantity) * holding.contract.multiplier * value
            account.apply_fill(holding.contract, -holding.quantity, amount, ZERO)
            progress.accounts[account.account] = account
