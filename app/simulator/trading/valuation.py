"""What an account is worth: cash, holdings at the latest price, margin, and what is left to trade with."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.simulator.trading.accounts import Account, Holding
from app.simulator.trading.contracts import COIN, FUND, FUTURE, OPTION, WARRANTS, Contract, to_dollars
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.option_margin import WRITTEN_OPTION, get_option_margin
from app.simulator.trading.orders import FUTURE_KEY, Order
from app.simulator.trading.prices import Prices

LONG_INITIAL = Decimal("0.30")
LONG_MAINTENANCE = Decimal("0.25")
SHORT_INITIAL = Decimal("0.35")
SHORT_MAINTENANCE = Decimal("0.30")
PAID_IN_FULL = frozenset({FUND, COIN, *WARRANTS})
"""Types that nobody lends money on."""


@dataclass(frozen=True, slots=True)
class HoldingValue:
    """Hold what one position is worth, in its own currency; the margins are those of the position alone."""

    holding: Holding
    latest: Decimal
    previous_close: Decimal
    market_value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal

    @property
    def unrealized(self) -> Decimal:
        """Return the profit that is not yet taken; of a future, since it was last settled."""
        return self.market_value - self.holding.basis

    @property
    def worth(self) -> Decimal:
        """Return what the position adds to the account: all that it is worth, of a future what it gained."""
        return self.unrealized if self.holding.contract.sec_type == FUTURE else self.market_value

    @property
    def today(self) -> Decimal:
        """Return the profit since yesterday's close, as if all had been held since then."""
        units = self.holding.quantity * self.holding.contract.multiplier
        return units * (self.latest - self.previous_close)


@dataclass(frozen=True, slots=True)
class AccountValue:
    """Hold what a segment of an account is worth, in US dollars."""

    holdings: tuple[HoldingValue, ...]
    cash: Decimal
    market_value: Decimal
    gross: Decimal
    """Long positions less short ones, as a recorded answer has it: cash and this are what securities are worth."""
    exposure: Decimal
    """Long positions and short ones together, of which leverage is reckoned."""
    unrealized: Decimal
    realized: Decimal
    today: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    locked: Decimal

    @property
    def net_liquidation(self) -> Decimal:
        """Return cash plus what all holdings are worth."""
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


def get_account_value(
    account: Account, open_orders: Iterable[Order], prices: Prices, now_ms: int, segment: str = "SEC"
) -> AccountValue:
    """Value a segment of an account at ``now_ms``."""
    values = tuple(get_holding_value(holding, prices, now_ms) for holding in account.list_holdings(segment))
    in_futures = segment == "FUT"
    cash, realized = account.cash, account.realized
    if in_futures:
        cash, realized = account.futures.cash, account.futures.realized

    def total(amounts: Iterable[tuple[Decimal, str]]) -> Decimal:
        return sum((to_dollars(amount, currency) for amount, currency in amounts), ZERO)

    def over_holdings(name: str) -> Decimal:
        return total((getattr(value, name), value.holding.contract.currency) for value in values)

    # Options need together less than each alone, initially and for good.
    plain = [value for value in values if value.holding.contract.sec_type != OPTION]
    positions = {value.holding.contract: value.holding.quantity for value in values}
    options = get_options_margin(positions, prices, now_ms)

    def over_plain(name: str) -> Decimal:
        return total((getattr(value, name), value.holding.contract.currency) for value in plain)

    return AccountValue(
        holdings=values,
        cash=total((amount, currency) for currency, amount in cash.items()),
        market_value=over_holdings("worth"),
        gross=over_holdings("market_value"),
        exposure=total((abs(value.market_value), value.holding.contract.currency) for value in values),
        unrealized=over_holdings("unrealized"),
        realized=total((amount, currency) for currency, amount in realized.items()),
        today=over_holdings("today"),
        initial_margin=over_plain("initial_margin") + options,
        maintenance_margin=over_plain("maintenance_margin") + options,
        locked=sum((order.locked for order in open_orders if (order.key[:4] == FUTURE_KEY) is in_futures), ZERO),
    )


def get_options_margin(positions: dict[Contract, Decimal], prices: Prices, now_ms: int) -> Decimal:
    """Return the margin of all option positions in dollars, stock by stock."""
    options = [contract for contract in positions if contract.sec_type == OPTION]
    margin = ZERO
    for symbol in sorted({contract.underlying or contract.symbol for contract in options}):
        about = [contract for contract in options if (contract.underlying or contract.symbol) == symbol]
        lots = [(contract, positions[contract], prices.get_book(contract, now_ms).latest) for contract in about]
        shares = sum(
            (quantity for contract, quantity in positions.items() if contract.key == f"STK|{symbol}"),
            ZERO,
        )
        spot = prices.get_spot(about[0], now_ms) or about[0].strike or ZERO
        margin += to_dollars(get_option_margin(lots, shares, spot), about[0].currency)
    return margin


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
    """Return the margin that a position of ``signed_quantity`` ties down by itself, in the contract's currency."""
    value = abs(signed_quantity) * contract.multiplier * price
    if contract.margins is not None:
        return value * contract.margins[0 if is_initial else 1]
    if contract.sec_type in PAID_IN_FULL:
        return value
    if contract.sec_type == OPTION:
        if signed_quantity > 0:
            return value
        level = prices.get_spot(contract, now_ms) or contract.strike or ZERO
        return abs(signed_quantity) * contract.multiplier * level * WRITTEN_OPTION
    if signed_quantity > 0:
        return value * (LONG_INITIAL if is_initial else LONG_MAINTENANCE)
    return value * (SHORT_INITIAL if is_initial else SHORT_MAINTENANCE)
