"""One step in the life of an open order, at one instant."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.simulator.readings import Readings
from app.simulator.trading.accounts import Account
from app.simulator.trading.combinations import get_leg_prices
from app.simulator.trading.commission import get_commission
from app.simulator.trading.contracts import FUND, Contract
from app.simulator.trading.decimals import ZERO
from app.simulator.trading.matching import (
    Execution,
    find_execution,
    get_round,
    get_wanted,
    is_acceptable,
    update_trigger,
)
from app.simulator.trading.orders import (
    AUCTION_MARKET,
    AUCTION_TYPES,
    CANCELLED,
    FILLED,
    IMMEDIATE,
    INITIAL,
    INVALID,
    OPEN_STATUSES,
    PENDING_CANCEL,
    SUBMITTED,
    Fill,
    Order,
)
from app.simulator.trading.prices import Prices
from app.simulator.trading.reasons import EXPIRED, NO_AUCTION_PRICE, NOT_IMMEDIATE, TIME_OVER, Reason
from app.simulator.trading.schedules import is_over
from app.simulator.trading.sessions import find_auctions, is_tradable_now, waits_for_auction


@dataclass(slots=True)
class Progress:
    """Collect what a step changed, so that it can be kept in one commit. The fills have no ids yet."""

    orders: dict[int, Order] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold what orders meet at one instant: the prices, the time, and how the open points are read."""

    prices: Prices
    now_ms: int
    readings: Readings

    def tell(self, reason: Reason) -> str:
        """Return a reason in the language that is read."""
        return reason.tell(self.readings.refusal_language)


def step(order: Order, account: Account, contract: Contract, moment: Moment, progress: Progress) -> None:
    """Take one open order to what it is at this moment."""
    if not order.is_open:
        return
    ended = _find_end(order, contract, moment)
    if ended is not None and not _fills_first(order, contract):
        end_order(order, *ended, moment.now_ms, progress)
        return
    if order.is_dormant:
        return
    if order.status == INITIAL:
        order.status = SUBMITTED
        progress.orders[order.id] = order
    if order.rejection is None:
        _trade(order, account, contract, moment, progress)


def _fills_first(order: Order, contract: Contract) -> bool:
    """Say whether an auction came before the end that an order has met by now, where time has jumped over both."""
    is_cancelled = order.cancel_due_ms is not None or order.rejection is not None
    if is_cancelled or not waits_for_auction(order) or order.expire_ms is None:
        return False
    return bool(find_auctions(contract.market, order.tried_ms or order.open_ms, order.expire_ms))


def _trade(order: Order, account: Account, contract: Contract, moment: Moment, progress: Progress) -> None:
    prices, now_ms = moment.prices, moment.now_ms
    if contract.sec_type == FUND:
        _price_fund(order, account, contract, moment, progress)
    elif waits_for_auction(order):
        _meet_auctions(order, account, contract, moment, progress)
    elif is_tradable_now(contract, order, prices.market, now_ms):
        book = prices.get_book(contract, now_ms)
        if update_trigger(order, book):
            progress.orders[order.id] = order
        execution = find_execution(order, contract, book, now_ms)
        if execution is not None:
            _fill(order, account, contract, execution, moment, progress)
    if order.status in OPEN_STATUSES and is_over(order, now_ms):
        end_order(order, CANCELLED, moment.tell(TIME_OVER), now_ms, progress)
    if order.status in OPEN_STATUSES and order.time_in_force in IMMEDIATE:
        end_order(order, CANCELLED, moment.tell(NOT_IMMEDIATE), now_ms, progress)


def _price_fund(order: Order, account: Account, contract: Contract, moment: Moment, progress: Progress) -> None:
    """Fill an order at the net asset value of its day, once that is known."""
    due_ms, price = moment.prices.get_fund_price(contract, order.open_ms)
    if moment.now_ms >= due_ms:
        quantity = get_wanted(order, contract, price)
        _fill(order, account, contract, Execution(quantity, price), moment, progress, is_whole=True)


def _meet_auctions(order: Order, account: Account, contract: Contract, moment: Moment, progress: Progress) -> None:
    """Fill an order whole at the price of the first of its auctions that its limit allows.

    OPG is for the opening, after which a limit order goes on as any other; DAY is for the closing [C# SDK: Sample; Java
    SDK: TradeOrderRequest]. What names the session of auctions is for both.
    """
    until = min(moment.now_ms, order.expire_ms or moment.now_ms)
    for at_ms, opens in find_auctions(contract.market, order.tried_ms or order.open_ms, until):
        if order.order_type in AUCTION_TYPES and opens != (order.time_in_force == "OPG"):
            continue
        order.tried_ms = at_ms
        progress.orders[order.id] = order
        price = moment.prices.get_past_price(contract, at_ms)
        if price is not None and is_acceptable(order, price):
            _fill(order, account, contract, Execution(order.remaining, price), moment, progress)
            return
        if order.order_type == AUCTION_MARKET and opens:
            end_order(order, CANCELLED, moment.tell(NO_AUCTION_PRICE), moment.now_ms, progress)
            return
        if not waits_for_auction(order):
            return
    if order.expire_ms is not None and moment.now_ms >= order.expire_ms:
        end_order(order, *_get_expired(moment), moment.now_ms, progress)


def _find_end(order: Order, contract: Contract, moment: Moment) -> tuple[str, str] | None:
    now_ms = moment.now_ms
    if order.rejection is not None and now_ms >= order.rejection_ms:
        return order.rejection_status, order.rejection
    if order.cancel_due_ms is not None and now_ms >= order.cancel_due_ms:
        return CANCELLED, ""
    if contract.has_expired(now_ms) or (order.expire_ms is not None and now_ms >= order.expire_ms):
        return _get_expired(moment)
    return None


def _get_expired(moment: Moment) -> tuple[str, str]:
    return INVALID if moment.readings.expired_day_order == "invalid" else CANCELLED, moment.tell(EXPIRED)


def end_order(order: Order, status: str, reason: str, now_ms: int, progress: Progress) -> None:
    """Let an order end with a status and a remark."""
    order.status = status
    order.reason = reason
    order.update_ms = now_ms
    progress.orders[order.id] = order


def _fill(
    order: Order,
    account: Account,
    contract: Contract,
    execution: Execution,
    moment: Moment,
    progress: Progress,
    *,
    is_whole: bool = False,
) -> None:
    now_ms, quantity = moment.now_ms, execution.quantity
    amount = quantity * execution.price * contract.multiplier
    order.filled += quantity
    order.filled_amount += amount
    total = get_commission(contract, order.action, order.filled, order.filled_amount)
    commission, order.commission = total - order.commission, total
    if contract.legs:
        _book_legs(order, account, contract, quantity, commission, moment, progress)
    else:
        order.realized += account.apply_fill(contract, quantity * order.sign, amount, commission)
        key = contract.held_as.key if contract.booked else ""
        progress.fills.append(Fill(0, order.id, account.account, now_ms, quantity, execution.price, amount, key))
    order.last_round = get_round(now_ms)
    order.trade_ms = order.update_ms = now_ms
    if is_whole or get_wanted(order, contract, execution.price) == 0:
        order.status = FILLED
    elif order.status != PENDING_CANCEL:
        order.status = SUBMITTED
    progress.orders[order.id] = order
    progress.accounts[account.account] = account


def _book_legs(
    order: Order,
    account: Account,
    contract: Contract,
    quantity: Decimal,
    commission: Decimal,
    moment: Moment,
    progress: Progress,
) -> None:
    """Book each leg at its own price; the charges of all belong to the first."""
    prices = get_leg_prices(contract, order.sign, lambda leg: moment.prices.get_book(leg, moment.now_ms))
    for number, (leg, price) in enumerate(zip(contract.legs, prices, strict=True)):
        units = quantity * leg.ratio
        amount = units * price * leg.contract.multiplier
        charged = ZERO if number else commission
        order.realized += account.apply_fill(leg.contract, units * leg.sign * order.sign, amount, charged)
        order.leg_amounts[number] = str(Decimal(order.leg_amounts[number]) + units * price)
        action = "BUY" if leg.sign * order.sign > 0 else "SELL"
        progress.fills.append(
            Fill(0, order.id, account.account, moment.now_ms, units, price, amount, leg.contract.key, action)
        )
