"""The business rules that an order has to pass before it is accepted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from app.simulator.readings import Readings
from app.simulator.trading import reasons
from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import STOCK, Contract, Prices
from app.simulator.trading.decimals import SHARE_GRAIN, ZERO, get_invalid
from app.simulator.trading.drafts import Draft
from app.simulator.trading.orders import IMMEDIATE, LIMIT_ORDER, MARKET_ORDER, STOP_ORDER, TRIGGERED_TYPES, Order
from app.simulator.trading.reasons import Reason
from app.simulator.trading.refusals import get_refusal
from app.simulator.trading.valuation import get_account_value, get_requirement

WHOLE_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold what the rules look at: the account, its other open orders, the prices, the time."""

    account: Account
    open_orders: tuple[Order, ...]
    prices: Prices
    now_ms: int


def find_contract(draft: Draft, prices: Prices, kind: str, now_ms: int) -> Contract:
    """Return what the draft trades; refuses with Tiger's own words, which are Chinese for every client."""
    contract = prices.find(draft.sec_type, draft.symbol, draft.expiry, draft.strike, draft.right)
    if contract is None or contract.has_expired(now_ms) or (draft.currency and draft.currency != contract.currency):
        raise get_refusal(kind, reasons.UNKNOWN_CONTRACT)
    return contract


def check_readings(draft: Draft, kind: str, readings: Readings) -> None:
    """Raise WireRefusal for what only some readings take, before anything else about the order is looked at."""
    if readings.ioc_fok == "refused" and draft.time_in_force in IMMEDIATE:
        raise get_invalid("time_in_force")
    if (
        readings.market_order_outside_rth == "refused"
        and draft.outside_rth
        and draft.order_type in {MARKET_ORDER, STOP_ORDER}
    ):
        raise get_refusal(kind, reasons.MARKET_OUTSIDE)


def adjust_prices(draft: Draft, contract: Contract, prices: Prices) -> Draft:
    """Return the draft with its limit moved onto the price grid, if it allows that by ``adjust_limit``.

    ``adjust_limit`` is the largest move as a fraction of the price: positive upwards, negative downwards.
    """
    if not draft.adjust_limit or draft.limit_price is None:
        return draft
    tick = prices.get_tick_size(contract, draft.limit_price)
    rounding = ROUND_CEILING if draft.adjust_limit > 0 else ROUND_FLOOR
    moved = (draft.limit_price / tick).to_integral_value(rounding) * tick
    if abs(moved - draft.limit_price) > abs(draft.adjust_limit) * draft.limit_price:
        return draft
    return replace(draft, limit_price=moved)


def check_draft(draft: Draft, contract: Contract, desk: Desk) -> None:
    """Raise WireRefusal if the account may not place this order now."""
    reason = find_objection(draft, contract, desk)
    if reason:
        raise get_refusal(desk.account.kind, reason)


def find_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    """Return why the order would be refused, None when it would be accepted."""
    return (
        _find_time_objection(draft, contract, desk)
        or _find_quantity_objection(draft, contract, desk)
        or _find_price_objection(draft, contract, desk.prices)
        or _find_position_objection(draft, contract, desk)
        or _find_money_objection(draft, contract, desk)
    )


def _find_time_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    if desk.account.kind == "PAPER" and draft.time_in_force in {"GTC", "GTD"}:
        return reasons.PAPER_TIME_IN_FORCE.about(draft.time_in_force)
    lasts = draft.order_type == MARKET_ORDER and draft.time_in_force == "GTC"
    if lasts or (draft.order_type in TRIGGERED_TYPES and draft.time_in_force in IMMEDIATE):
        return reasons.TYPE_TIME_IN_FORCE.about(draft.order_type, draft.time_in_force)
    if draft.time_in_force == "GTD" and (draft.expire_ms or 0) <= desk.now_ms:
        return reasons.PAST_EXPIRY
    if draft.outside_rth and draft.order_type in {MARKET_ORDER, STOP_ORDER} and _is_fractional(draft, contract):
        return reasons.FRACTION_OUTSIDE
    return None


def _is_fractional(draft: Draft, contract: Contract) -> bool:
    if contract.sec_type != STOCK:
        return False
    return draft.quantity is None or draft.quantity != draft.quantity.to_integral_value()


def _find_quantity_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    if draft.quantity is None:
        return _find_amount_objection(draft, contract)
    if draft.quantity % contract.lot_size == 0 or _is_odd_sale(draft, contract, desk):
        return None
    if contract.lot_size > 1:
        return reasons.LOT_SIZE.about(contract.lot_size)
    if not contract.is_fractional:
        return reasons.NO_FRACTION
    if draft.quantity % SHARE_GRAIN != 0:
        return reasons.LONG_FRACTION
    return None


def _is_odd_sale(draft: Draft, contract: Contract, desk: Desk) -> bool:
    """Say whether less than a lot is sold of what is held, which Hong Kong allows for some contracts."""
    quantity = draft.quantity or ZERO
    is_held = quantity == quantity.to_integral_value() and quantity <= desk.account.get_quantity(contract)
    return contract.sells_odd_lots and draft.action == "SELL" and is_held


def _find_amount_objection(draft: Draft, contract: Contract) -> Reason | None:
    if contract.sec_type != STOCK or not contract.is_fractional:
        return reasons.NO_AMOUNT
    if draft.order_type not in {MARKET_ORDER, LIMIT_ORDER}:
        return reasons.AMOUNT_TYPE
    return reasons.SMALL_AMOUNT if (draft.cash_amount or ZERO) < 1 else None


def _find_price_objection(draft: Draft, contract: Contract, prices: Prices) -> Reason | None:
    # The offset of a trailing order is a distance, not a price on the grid.
    stop = draft.aux_price if draft.order_type in {"STP", "STP_LMT"} else None
    for name, price in (("limit price", draft.limit_price), ("stop price", stop)):
        if price is None:
            continue
        tick = prices.get_tick_size(contract, price)
        if price % tick != 0:
            return reasons.PRICE_GRID.about(name, f"{price.normalize():f}", tick)
    if draft.trailing_percent is not None and draft.trailing_percent >= WHOLE_PERCENT:
        return reasons.WIDE_TRAIL
    return None


def _find_position_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    """Find a sale of more than is held, or an order that would turn a position round.

    Tiger does not reverse a position with one order: it has to be closed first.
    """
    held = desk.account.get_quantity(contract)
    sign = 1 if draft.action == "BUY" else -1
    quantity = _get_quantity(draft, contract, desk)
    if held * sign < 0:
        closing = _sum_remaining(desk.open_orders, contract, draft.action)
        if quantity + closing > abs(held):
            free = max(ZERO, abs(held) - closing)
            return reasons.NO_REVERSAL.about(f"{free.normalize():f}")
        return None
    if sign > 0:
        return None
    if contract.sec_type == STOCK and (not contract.is_shortable or quantity != quantity.to_integral_value()):
        return reasons.NO_POSITION
    return None


def _sum_remaining(orders: Iterable[Order], contract: Contract, action: str) -> Decimal:
    return sum((order.remaining for order in orders if order.key == contract.key and order.action == action), ZERO)


def _find_money_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    needed = get_needed(draft, contract, desk)
    value = get_account_value(desk.account, desk.open_orders, desk.prices, desk.now_ms)
    if needed > 0 and needed > value.available and not _is_closing(draft, contract, desk):
        return reasons.LACKING_MONEY
    return None


def _is_closing(draft: Draft, contract: Contract, desk: Desk) -> bool:
    sign = 1 if draft.action == "BUY" else -1
    return desk.account.get_quantity(contract) * sign < 0


def get_needed(draft: Draft, contract: Contract, desk: Desk) -> Decimal:
    """Return what the order would tie down, in dollars."""
    price = get_draft_price(draft, contract, desk)
    quantity = _get_quantity(draft, contract, desk)
    return get_requirement(desk.account, contract, draft.action, quantity, price, desk.prices, desk.now_ms)


def get_draft_price(draft: Draft, contract: Contract, desk: Desk) -> Decimal:
    """Return the price that a draft is reckoned at."""
    if draft.limit_price is not None and draft.order_type in {"LMT", "STP_LMT"}:
        return draft.limit_price
    if draft.order_type == STOP_ORDER and draft.aux_price is not None:
        return draft.aux_price
    book = desk.prices.get_book(contract, desk.now_ms)
    return (book.ask if draft.action == "BUY" else book.bid) or book.latest


def _get_quantity(draft: Draft, contract: Contract, desk: Desk) -> Decimal:
    if draft.quantity is not None:
        return draft.quantity
    price = get_draft_price(draft, contract, desk)
    return ((draft.cash_amount or ZERO) / price).quantize(SHARE_GRAIN)
