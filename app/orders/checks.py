"""Check a ticket against its contract: lots and price steps, so that a wrong figure is answered with the right ones."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from app.errors import InvalidRequest
from app.tiger.instrument import OPTION_TYPE, STOCK
from app.tiger.trading.order_figures import FINEST_STEP, describe_nearest, refuse
from app.tiger.trading.order_tickets import OrderChanges, OrderTicket
from app.tiger.trading.tradable_contracts import WARRANT_TYPES, PriceStep, TradableContract

SELL: Final = "SELL"
TYPES_WITH_LOTS: Final = frozenset({STOCK, *WARRANT_TYPES})


def check_offer(ticket: OrderTicket, *, is_paper: bool) -> None:
    """Deny what Tiger's guide says that such an account, or such an instrument, does not take [page: place order].

    Raises:
        InvalidRequest: ``details`` names the field.
    """
    if is_paper and ticket.sec_type in WARRANT_TYPES:
        raise refuse("sec_type", "Paper accounts do not trade warrants, nor bull and bear certificates.")
    if is_paper and ticket.partners:
        raise refuse("orders", "Paper accounts take no OCA orders.")
    loss = ticket.stop_loss
    if ticket.sec_type == OPTION_TYPE and loss is not None and loss.stop_price is not None and loss.limit_price is None:
        raise refuse("stop_loss.limit_price", "The stop_loss of an option needs it.")


def check_steps(order: OrderTicket | OrderChanges, contract: TradableContract) -> None:
    """Refuse a quantity that is no whole number of lots, and a price between two steps.

    Odd lots may be sold where Tiger says that fractions may; what a change is of is not known here, so Tiger decides.

    Raises:
        InvalidRequest: ``details`` name the nearest figures that Tiger takes.
    """
    details = _find_wrong(order, contract)
    partners = order.partners if isinstance(order, OrderTicket) else ()
    if partners:
        details = {
            f"orders.{number}.{name}": told
            for number, each in enumerate((order, *partners))
            for name, told in _find_wrong(each, contract).items()
        }
    if details:
        raise InvalidRequest.of_fields(details, "The order cannot be sent")


def _find_wrong(order: OrderTicket | OrderChanges, contract: TradableContract) -> dict[str, Sequence[str]]:
    details: dict[str, Sequence[str]] = {}
    # Of options and futures no page has lots; that their multiplier is told as one is not ruled out.
    lot, quantity = contract.lot_size if contract.sec_type in TYPES_WITH_LOTS else None, order.quantity
    may_be_odd = contract.supports_fractions is True and getattr(order, "action", SELL) == SELL
    if quantity is not None and lot is not None and lot > 1 and quantity % lot and not may_be_odd:
        below, above = get_neighbours(quantity, lot)
        details["quantity"] = [f"{contract.name} trades in lots of {_show(lot)}: the nearest {_list(below, above)}."]
    prices = {"limit_price": order.limit_price, "stop_price": order.stop_price, **get_attached_prices(order)}
    return details | check_prices(prices, contract.price_steps, contract.name)


def get_attached_prices(order: OrderTicket | OrderChanges) -> dict[str, Decimal | None]:
    """Return the prices of what is attached, by the names that a client knows them by."""
    prices: dict[str, Decimal | None] = {}
    if order.take_profit is not None:
        prices["take_profit.limit_price"] = order.take_profit.limit_price
    if order.stop_loss is not None:
        prices["stop_loss.stop_price"] = order.stop_loss.stop_price
        prices["stop_loss.limit_price"] = order.stop_loss.limit_price
    return prices


def check_prices(
    prices: Mapping[str, Decimal | None], steps: Sequence[PriceStep], symbol: str
) -> dict[str, Sequence[str]]:
    """Return, for each price that Tiger does not take, the nearest ones that it does."""
    details: dict[str, Sequence[str]] = {}
    for name, price in prices.items():
        size = None if price is None else get_step(price, steps)
        if price is None or not price % (size or FINEST_STEP):
            continue
        if size is None:
            details[name] = [describe_nearest(price)]
        else:
            nearest = _list(*get_neighbours(price, size), one="price is", several="prices are")
            details[name] = [f"Prices of {symbol} move by {_show(size)} here: the nearest valid {nearest}."]
    return details


def get_step(price: Decimal, steps: Sequence[PriceStep]) -> Decimal | None:
    """Return by how much prices move around this one; at a border the finer step, None where Tiger does not say."""
    sizes = [step.size for step in steps if step.begin <= price and (step.end is None or price <= step.end)]
    return min(sizes, default=None)


def get_neighbours(value: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """Return the whole multiples of a step below and above a value."""
    units = value / step
    return units.to_integral_value(ROUND_FLOOR) * step, units.to_integral_value(ROUND_CEILING) * step


def _list(below: Decimal, above: Decimal, one: str = "is", several: str = "are") -> str:
    return f"{several} {_show(below)} and {_show(above)}" if below > 0 else f"{one} {_show(above)}"


def _show(value: Decimal) -> str:
    return f"{value.normalize():f}"
