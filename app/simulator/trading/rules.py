"""The business rules that an order has to pass before it is accepted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from app.simulator.readings import Readings
from app.simulator.trading import reasons
from app.simulator.trading.accounts import Account
from app.simulator.trading.contracts import COIN, FUND, STOCK, Contract, Leg
from app.simulator.trading.decimals import ZERO, get_invalid
from app.simulator.trading.drafts import Draft
from app.simulator.trading.needs import get_market_price, get_requirement
from app.simulator.trading.offers import find_kind_objection
from app.simulator.trading.orders import (
    ICEBERG,
    IMMEDIATE,
    LIMIT_ORDER,
    LIMITED_TYPES,
    MARKET_ORDER,
    STOP_ORDER,
    TRIGGERED_TYPES,
    Order,
)
from app.simulator.trading.prices import Prices
from app.simulator.trading.reasons import Reason
from app.simulator.trading.refusals import get_refusal
from app.simulator.trading.strategies import is_strategy
from app.simulator.trading.valuation import get_account_value

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
    contract = _find_combination(draft, prices, kind) if draft.legs else _find_single(draft, prices)
    if (
        contract is None
        or contract.has_expired(now_ms)
        or prices.is_knocked_out(contract, now_ms)
        or (draft.currency and draft.currency != contract.currency)
    ):
        raise get_refusal(kind, reasons.UNKNOWN_CONTRACT)
    return contract


def _find_single(draft: Draft, prices: Prices) -> Contract | None:
    if draft.sec_type == "FUT":
        return prices.find(draft.sec_type, draft.symbol)
    return prices.find(draft.sec_type, draft.symbol, draft.expiry, draft.strike, draft.right)


def _find_combination(draft: Draft, prices: Prices, kind: str) -> Contract | None:
    found = [
        (leg, prices.find(leg.sec_type, leg.symbol, leg.expiry, leg.strike, leg.right) if leg.symbol else None)
        for leg in draft.legs
    ]
    legs = tuple(Leg(contract, leg.action, leg.ratio) for leg, contract in found if contract is not None)
    if len(legs) < len(found):
        return None
    if not is_strategy(draft.combo_type, legs):
        raise get_refusal(kind, reasons.NOT_A_STRATEGY.about(draft.combo_type))
    return prices.find_combination(legs)


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


def check_prices(draft: Draft, contract: Contract, desk: Desk) -> None:
    """Raise WireRefusal if the prices are not ones that orders for this contract can have."""
    reason = _find_price_objection(draft, contract, desk.prices)
    if reason:
        raise get_refusal(desk.account.kind, reason)


def find_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    """Return why the order would be refused, None when it would be accepted."""
    return (
        find_kind_objection(draft, contract, desk.account.kind)
        or _find_time_objection(draft, contract, desk)
        or _find_quantity_objection(draft, contract, desk)
        or _find_price_objection(draft, contract, desk.prices)
        or _find_position_objection(draft, contract, desk)
        or _find_money_objection(draft, contract, desk)
    )


def _find_time_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    if desk.account.kind == "PAPER" and draft.time_in_force in {"GTC", "GTD"}:
        return reasons.PAPER_TIME_IN_FORCE.about(draft.time_in_force)
    # Digital assets know no days.
    lasts = draft.order_type == MARKET_ORDER and draft.time_in_force == "GTC" and contract.sec_type != COIN
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
    return _find_kind_quantity_objection(draft, draft.quantity, contract) or _find_lot_objection(
        draft, draft.quantity, contract, desk
    )


def _find_kind_quantity_objection(draft: Draft, quantity: Decimal, contract: Contract) -> Reason | None:
    if contract.sec_type == FUND and draft.action == "BUY":
        return reasons.AMOUNT_ONLY
    if draft.order_type == ICEBERG and Decimal(str(draft.schedule.fields.get("display_size", 0))) >= quantity:
        return reasons.LARGE_DISPLAY
    return None


def _find_lot_objection(draft: Draft, quantity: Decimal, contract: Contract, desk: Desk) -> Reason | None:
    if quantity % contract.lot_size == 0 or _is_odd_sale(draft, contract, desk):
        return None
    if contract.lot_size > 1:
        return reasons.LOT_SIZE.about(contract.lot_size)
    if not contract.is_fractional:
        return reasons.NO_FRACTION
    if quantity % contract.grain != 0:
        return reasons.LONG_FRACTION
    return None


def _is_odd_sale(draft: Draft, contract: Contract, desk: Desk) -> bool:
    """Say whether less than a lot is sold of what is held, which Hong Kong allows for some contracts."""
    quantity = draft.quantity or ZERO
    is_held = quantity == quantity.to_integral_value() and quantity <= desk.account.get_quantity(contract)
    return contract.sells_odd_lots and draft.action == "SELL" and is_held


def _find_amount_objection(draft: Draft, contract: Contract) -> Reason | None:
    if not contract.is_fractional:
        return reasons.NO_AMOUNT
    if draft.order_type not in {MARKET_ORDER, LIMIT_ORDER}:
        return reasons.AMOUNT_TYPE
    return reasons.SMALL_AMOUNT if (draft.cash_amount or ZERO) < contract.smallest_amount else None


def _find_price_objection(draft: Draft, contract: Contract, prices: Prices) -> Reason | None:
    # The offset of a trailing order is a distance, not a price on the grid.
    stop = draft.aux_price if draft.order_type in {"STP", "STP_LMT"} else None
    attached = [pair for attachment in draft.attachments for pair in attachment.prices]
    for name, price in [("limit price", draft.limit_price), ("stop price", stop), *attached]:
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
    sign = 1 if draft.action == "BUY" else -1
    quantity = _get_quantity(draft, contract, desk)
    if contract.legs:
        parts = ((leg.contract, leg.sign * sign, quantity * leg.ratio) for leg in contract.legs)
        return next(filter(None, (_find_leg_objection(part, sign, size, desk) for part, sign, size in parts)), None)
    return _find_leg_objection(contract, sign, quantity, desk)


def _find_leg_objection(contract: Contract, sign: int, quantity: Decimal, desk: Desk) -> Reason | None:
    held = desk.account.get_quantity(contract)
    if held * sign < 0:
        closing = sum_closing(desk.open_orders, contract, "BUY" if sign > 0 else "SELL")
        if quantity + closing > abs(held):
            free = max(ZERO, abs(held) - closing)
            return reasons.NO_REVERSAL.about(f"{free.normalize():f}")
        return None
    if sign > 0:
        return None
    is_part = contract.sec_type == STOCK and quantity != quantity.to_integral_value()
    return reasons.NO_POSITION if is_part or not contract.is_shortable else None


def sum_closing(orders: Iterable[Order], contract: Contract, action: str) -> Decimal:
    """Return how much orders of one side may still trade; of a group in which one ends the others, the largest."""
    groups: dict[str, Decimal] = {}
    for order in orders:
        if order.key == contract.key and order.action == action:
            group = order.oca_group or str(order.id)
            groups[group] = max(groups.get(group, ZERO), order.remaining)
    return sum(groups.values(), ZERO)


def _find_money_objection(draft: Draft, contract: Contract, desk: Desk) -> Reason | None:
    needed = get_needed(draft, contract, desk)
    value = get_account_value(desk.account, desk.open_orders, desk.prices, desk.now_ms, contract.segment)
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
    if draft.limit_price is not None and draft.order_type in LIMITED_TYPES:
        return draft.limit_price
    if draft.order_type == STOP_ORDER and draft.aux_price is not None:
        return draft.aux_price
    return get_market_price(contract, draft.action, desk.prices, desk.now_ms)


def _get_quantity(draft: Draft, contract: Contract, desk: Desk) -> Decimal:
    if draft.quantity is not None:
        return draft.quantity
    price = get_draft_price(draft, contract, desk)
    return ((draft.cash_amount or ZERO) / price).quantize(contract.grain)
