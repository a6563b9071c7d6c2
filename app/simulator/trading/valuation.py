"""What an account is worth: cash, holdings at the latest price, margin, and what is left to trade with."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import FUTURE, OPTION, OPTION_SHARES, STOCK, Contract, Prices, to_dollars
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.orders import Order

LONG_INITIAL = Decimal("0.30")
LONG_MAINTENANCE = Decimal("0.25")
SHORT_INITIAL = Decimal("0.35")
SHORT_MAINTENANCE = Decimal("0.30")
WRITTEN_OPTION = Decimal("0.20")
"""A written option ties down its own value and a fifth of what it delivers."""


@dataclass(frozen=True, slots=True)
class HoldingValue:
    """Hold what one position is worth, in its own currency."""

    holding: Holding
    latest: Decimal
    previous_close: Decimal
    market_value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal

    @property
    def unrealized(self) -> Decimal:
        """Return the profit that is not yet taken."""
        return self.market_value - self.holding.basis

    @property
    def today(self) -> Decimal:
        """Return the profit since yesterday's close, as if all had been held since then."""
        units = self.holding.quantity * self.holding.contract.multiplier
        return units * (self.latest - self.previous_close)


@dataclass(frozen=True, slots=True)
class AccountValue:
    """Hold what an account is worth, in US dollars."""

    holdings: tuple[HoldingValue, ...]
    cash: Decimal
    market_value: Decimal
    gross: Decimal
    unrealized: Decimal
    realized: Decimal
    today: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    locked: Decimal

    @property
    def net_liquidation(self) -> Decimal:
        """Return cash plus the market value of all holdings."""
        return self.cash + self.market_value

    @property
    def available(self) -> Decimal:
        """Return what new orders may tie down."""
        return self.net_liquidation - self.initial_margin - self.locked

    @property
    def excess(self) -> Decimal:
        """Return how far the account is from a margin call."""
        return self.net_liquidation - self.maintenance_margin

    @property
    def buying_power(self) -> Decimal:
        """Return for how much stock could be bought on margin."""
        return max(ZERO, self.available / LONG_INITIAL)


def get_account_value(account: Account, open_orders: Iterable[Order], prices: Prices, now_ms: int) -> AccountValue:
    """Value an account at ``now_ms``."""
    values = tuple(get_holding_value(holding, prices, now_ms) for holding in account.list_holdings())

    def total(amounts: Iterable[tuple[Decimal, str]]) -> Decimal:
        return sum((to_dollars(amount, currency) for amount, currency in amounts), ZERO)

    def over_holdings(name: str) -> Decimal:
        return total((getattr(value, name), value.holding.contract.currency) for value in values)

    return AccountValue(
        holdings=values,
        cash=total((amount, currency) for currency, amount in account.cash.items()),
        market_value=over_holdings("market_value"),
        gross=total((abs(value.market_value), value.holding.contract.currency) for value in values),
        unrealized=over_holdings("unrealized"),
        realized=total((amount, currency) for currency, amount in account.realized.items()),
        today=over_holdings("today"),
        initial_margin=over_holdings("initial_margin"),
        maintenance_margin=over_holdings("maintenance_margin"),
        locked=sum((order.locked for order in open_orders), ZERO),
    )


def get_holding_value(holding: Holding, prices: Prices, now_ms: int) -> HoldingValue:
    """Value one position at the latest price."""
    book = prices.get_book(holding.contract, now_ms)
    market_value = holding.quantity * holding.contract.multiplier * book.latest
    initial = get_margin(holding.contract, holding.quantity, book.latest, prices, now_ms, is_initial=True)
    maintenance = get_margin(holding.contract, holding.quantity, book.latest, prices, now_ms, is_initial=False)
    return HoldingValue(holding, book.latest, book.previous_close, market_value, initial, maintenance)


def get_margin(
    contract: Contract, signed_quantity: Decimal, price: Decimal, prices: Prices, now_ms: int, *, is_initial: bool
) -> Decimal:
    """Return the margin that a position of ``signed_quantity`` ties down, in the contract's currency."""
    value = abs(signed_quantity) * contract.multiplier * price
    if contract.sec_type == OPTION:
        if signed_quantity > 0:
            return value
        underlying = prices.find(STOCK, contract.underlying or contract.symbol)
        level = prices.get_book(underlying, now_ms).latest if underlying else contract.strike or ZERO
        return value + abs(signed_quantity) * (contract.multiplier or OPTION_SHARES) * level * WRITTEN_OPTION
    if signed_quantity > 0:
        return value * (LONG_INITIAL if is_initial else LONG_MAINTENANCE)
    return value * (SHORT_INITIAL if is_initial else SHORT_MAINTENANCE)


def get_locked(account: Account, order: Order, prices: Prices, now_ms: int) -> Decimal:
    """Return what an open order ties down, in dollars, at the prices of this moment.

    It is reckoned when the order comes, fills or changes and kept with it: thousands may rest at once. An order that is
    going to be refused ties nothing.
    """
    contract = prices.find_key(order.key)
    if contract is None or order.rejection is not None:
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
    if order.aux_price is not None and order.order_type == "STP":
        return order.aux_price
    book = prices.get_book(contract, now_ms)
    return (book.ask if order.action == "BUY" else book.bid) or book.latest


def get_requirement(
    account: Account,
    contract: Contract,
    action: str,
    quantity: Decimal,
    price: Decimal,
    prices: Prices,
    now_ms: int,
) -> Decimal:
    """Return what an order needs from the funds of securities, in dollars: nothing for closing a position."""
    if contract.sec_type == FUTURE:
        return ZERO
    sign = 1 if action == "BUY" else -1
    held = account.get_quantity(contract)
    opening = max(ZERO, quantity - abs(held)) if held * sign < 0 else quantity
    amount = quantity * contract.multiplier * price
    margin = get_margin(contract, opening * sign, price, prices, now_ms, is_initial=True) if opening else ZERO
    if opening and contract.sec_type == OPTION and sign < 0:
        # The premium comes in as cash at the same moment.
        margin -= opening * contract.multiplier * price
    commission = get_commission(contract, action, quantity, amount)
    return to_dollars(margin + commission, contract.currency)
