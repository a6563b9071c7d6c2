"""Closes options before they expire where the account could not pay for what their exercise would bring."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import OPTION, STOCK, Contract, to_dollars
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.prices import Prices
from app.simulator.trading.settlement import LEAST_GAIN
from app.simulator.trading.valuation import get_account_value, get_margin, get_options_margin

BEFORE_MS = 2 * 3_600_000
"""Tiger looks two hours before the close whether an account can take what it will be given."""


def find_unaffordable(account: Account, prices: Prices, now_ms: int) -> list[Holding]:
    """Return the options about to expire in the money whose delivery the account has no margin for."""
    groups: dict[tuple[str, str], list[Holding]] = defaultdict(list)
    for holding in account.list_holdings("SEC"):
        option = holding.contract
        if option.sec_type != OPTION or option.expires_ms is None:
            continue
        if option.expires_ms - BEFORE_MS <= now_ms < option.expires_ms:
            groups[(option.underlying or option.symbol, option.expiry or "")].append(holding)
    if not groups:
        return []
    available = get_account_value(account, [], prices, now_ms).available
    return [
        holding
        for (symbol, _), held in sorted(groups.items())
        for holding in _choose(account, symbol, held, available, prices, now_ms)
    ]


def _choose(
    account: Account, symbol: str, held: list[Holding], available: Decimal, prices: Prices, now_ms: int
) -> Iterable[Holding]:
    """Return those of one stock and day that are in the money, unless what they deliver together can be afforded."""
    stock = prices.find(STOCK, symbol)
    exercised = [item for item in held if prices.get_intrinsic_value(item.contract, now_ms) >= LEAST_GAIN]
    if stock is None or not exercised:
        return []
    shares = sum((_get_delivery(item) for item in exercised), ZERO)
    before = account.get_quantity(stock)
    added = _get_stock_margin(stock, before + shares, prices, now_ms) - _get_stock_margin(stock, before, prices, now_ms)
    released = get_options_margin({item.contract: item.quantity for item in exercised}, prices, now_ms)
    paid = sum((to_dollars(_get_worth(item, prices, now_ms), item.contract.currency) for item in exercised), ZERO)
    # The worth of the options becomes that of the shares: what is given is paid at the strike.
    needed = added - released + max(ZERO, -paid)
    return exercised if needed > max(ZERO, available) else []


def _get_delivery(holding: Holding) -> Decimal:
    sign = 1 if holding.contract.right == "CALL" else -1
    return holding.quantity * holding.contract.multiplier * sign


def _get_worth(holding: Holding, prices: Prices, now_ms: int) -> Decimal:
    inner = prices.get_intrinsic_value(holding.contract, now_ms) - prices.get_book(holding.contract, now_ms).latest
    return holding.quantity * holding.contract.multiplier * inner


def _get_stock_margin(stock: Contract, quantity: Decimal, prices: Prices, now_ms: int) -> Decimal:
    price = prices.get_book(stock, now_ms).latest
    return to_dollars(get_margin(stock, quantity, price, prices, now_ms, is_initial=True), stock.currency)
