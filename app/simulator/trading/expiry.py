"""What becomes of options when they expire: settled in cash at what exercising them would bring."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import OPTION, Contract, Prices
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.progress import Progress

ZONES = {"US": ZoneInfo("America/New_York"), "HK": ZoneInfo("Asia/Hong_Kong")}


def has_expired(contract: Contract, now_ms: int) -> bool:
    """Say whether the last day of an option is over at its exchange."""
    if contract.sec_type != OPTION or contract.expiry is None:
        return False
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZONES[contract.market])
    return today.strftime("%Y%m%d") > contract.expiry


def settle_expired(account: Account, prices: Prices, now_ms: int, progress: Progress) -> None:
    """Turn expired options into cash, without commission."""
    for holding in account.list_holdings():
        if has_expired(holding.contract, now_ms):
            value = prices.get_intrinsic_value(holding.contract, now_ms)
            amount = abs(holding.quantity) * holding.contract.multiplier * value
            account.apply_fill(holding.contract, -holding.quantity, amount, ZERO)
            progress.accounts[account.account] = account
