"""What an order needs from the account before it is filled: the margin that it adds, and its charges."""

from decimal import Decimal

from app.simulator.trading.accounts import Account
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import COMBINATION, OPTION, STOCK, Contract, to_dollars
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.orders import STOP_ORDER, Order
from app.simulator.trading.prices import Prices
from app.simulator.trading.valuation import get_margin, get_options_margin


def get_locked(account: Account, order: Order, prices: Prices, now_ms: int) -> Decimal:
    """Return what an open order ties down, in dollars, at the prices of this moment.

    It is reckoned when the order comes, fills or changes and kept with it: thousands may rest at once. An order that is
    going to be refused, or sleeps until another is filled, ties nothing.
    """
    contract = prices.find_key(order.key)
    if contract is None or order.rejection is not None or order.is_dormant:
        return ZERO
    price = get_order_price(order, contract, prices, now_ms)
    if order.quantity is None:
        quantity = ((order.cash_amount or ZERO) - order.filled_amount) / (price * contract.multiplier)
    else:
        quantity = order.remaining
    return get_requirement(account, contract, order.action, quantity, price, prices, now_ms)


def get_order_price(order: Order, contract: Contract, prices: Prices, now_ms: int) -> Decimal:
    """Return the price that an order is reckoned at before it fills: its own, or the book's."""
    if order.limit_price is not None:
        return order.limit_price
    if order.aux_price is not None and order.order_type == STOP_ORDER:
        return order.aux_price
    return get_market_price(contract, order.action, prices, now_ms)


def get_market_price(contract: Contract, action: str, prices: Prices, now_ms: int) -> Decimal:
    """Return what a contract can be bought or sold for now, or its latest price."""
    book = prices.get_book(contract, now_ms)
    price = book.ask if action == "BUY" else book.bid
    return book.latest if price is None else price


def get_requirement(
    account: Account,
    contract: Contract,
    action: str,
    quantity: Decimal,
    price: Decimal,
    prices: Prices,
    now_ms: int,
) -> Decimal:
    """Return what an order needs, in dollars, from the segment that pays for it: nothing for closing a position."""
    sign = 1 if action == "BUY" else -1
    amount = quantity * contract.multiplier * price
    commission = to_dollars(get_commission(contract, action, quantity, amount), contract.currency)
    if contract.sec_type == COMBINATION or (contract.sec_type == OPTION and sign < 0):
        return _get_added_margin(account, contract, quantity * sign, amount * sign, prices, now_ms) + commission
    held = account.get_quantity(contract)
    opening = max(ZERO, quantity - abs(held)) if held * sign < 0 else quantity
    margin = get_margin(contract, opening * sign, price, prices, now_ms, is_initial=True) if opening else ZERO
    return to_dollars(margin, contract.currency) + commission


def _get_added_margin(
    account: Account, contract: Contract, signed: Decimal, paid: Decimal, prices: Prices, now_ms: int
) -> Decimal:
    """Return how much more the account's positions tie down after an order, and what that pays too much."""
    before = {holding.contract: holding.quantity for holding in account.list_holdings("SEC")}
    after = dict(before)
    stock = ZERO
    for leg, weight in ((leg.contract, leg.sign * leg.ratio) for leg in contract.legs or ()):
        after[leg] = after.get(leg, ZERO) + signed * weight
        if leg.sec_type == STOCK:
            price = prices.get_book(leg, now_ms).latest
            grown = max(ZERO, abs(after[leg]) - abs(before.get(leg, ZERO)))
            side = grown if after[leg] > 0 else -grown
            stock += to_dollars(get_margin(leg, side, price, prices, now_ms, is_initial=True), leg.currency)
    if not contract.legs:
        after[contract] = after.get(contract, ZERO) + signed
    added = get_options_margin(after, prices, now_ms) - get_options_margin(before, prices, now_ms)
    fair = signed * contract.multiplier * prices.get_book(contract, now_ms).latest
    dearer = to_dollars(max(ZERO, paid - fair), contract.currency) if contract.legs else ZERO
    return max(ZERO, added + stock + dearer)
