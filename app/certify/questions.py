"""How each open question is asked; the function's own words say so in the report."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from app.certify.readings import find_reading, get_events, get_number, summarise_order
from app.certify.trial import OVER, NotAsked, Trial
from app.tiger.plain import RawAnswer
from app.tiger.symbols import MARKET_ZONES
from app.tiger.trading.assets import fetch_assets
from app.tiger.trading.orders import Order
from app.tiger.wire.dates import get_day_end_ms, get_day_start_ms, get_today

Answers = tuple[RawAnswer, ...]
REFUSAL_SECONDS: Final = 5.0
REFUSAL_LOOK_SECONDS: Final = 0.5
"""Between two looks at the order that cannot be paid: ten calls of the sixty that a minute has."""
CALENDARS: Final = 6
"""So many spans of the calendar are tried until both halves of one have entries."""


def ask_expired_day_order(trial: Trial) -> tuple[Order]:
    """The account's orders of ninety days."""
    for order in trial.iterate_history(90):
        is_over = order.time_in_force == "DAY" and not order.filled and order.status in OVER
        if is_over and find_reading("expired_day_order", [summarise_order(order)]):
            return (order,)
    raise NotAsked("no order of the day has expired in this account lately")


def ask_earnings_span(trial: Trial) -> Answers:
    """The earnings calendar of two halves of sixty days, and of the sixty."""
    zone, answers = MARKET_ZONES["US"], [RawAnswer(None)]
    for turn in range(CALENDARS):
        begin = get_today(zone) - timedelta(60 + 15 * turn)
        spans = [(begin + timedelta(first), begin + timedelta(last)) for first, last in ((0, 29), (30, 60), (0, 60))]
        answers = [
            trial.ask(
                "corporate_action",
                action_type="earning",
                market="US",
                begin_date=get_day_start_ms(first, zone),
                end_date=get_day_end_ms(last, zone),
            )
            for first, last in spans
        ]
        if all(map(get_events, answers[:2])):
            break
    return tuple(answers)


def ask_market_order_outside_rth(trial: Trial) -> Answers:
    """The preview of a market order with outside_rth; none is placed, since it could fill."""
    return (trial.ask("preview_order", **trial.describe(order_type="MKT", limit_price=None, outside_rth=True)),)


def ask_quote_permission(trial: Trial) -> Answers:
    """A quote for a device that never was, its grab, and the quote again; then the gateway grabs."""
    if trial.give_back is None:
        raise NotAsked("it takes the quote permission from your other devices: say --quote-permission")
    device, symbols = secrets.token_hex(6), [trial.symbol]
    before = trial.ask("quote_real_time", device, symbols=symbols)
    try:
        return before, trial.ask("grab_quote_permission", device), trial.ask("quote_real_time", device, symbols=symbols)
    finally:
        trial.give_back()


def ask_order_numbers(trial: Trial) -> Answers:
    """Two numbers, one after the other."""
    answers = trial.ask("order_no"), trial.ask("order_no")
    trial.number = get_number(answers[1])
    if trial.number is not None:
        (trial.first,) = trial.place(order_id=trial.number)
    return answers


def ask_lookup_by_number(trial: Trial) -> Answers:
    """A lookup by the number of an order far from the market, and one by a number that nobody has."""
    trial.require_first()
    return tuple(trial.ask("orders", order_id=(trial.number or 0) + step) for step in (0, 5_000))


def ask_missing_order(trial: Trial) -> Answers:
    """A lookup by an id that no order of this account has."""
    return (trial.ask("orders", id=int(trial.require_first().order_id or 0) + 1),)


def ask_used_number(trial: Trial) -> Answers:
    """Another order under the same number."""
    trial.require_first()
    return tuple(trial.place(order_id=trial.number, total_quantity=2 * trial.lot))


def ask_ioc_fok(trial: Trial) -> Answers:
    """An IOC and a FOK order, as far from the market."""
    trial.require_first()
    return *trial.place(time_in_force="IOC"), *trial.place(time_in_force="FOK")


def ask_cancel(trial: Trial) -> Answers:
    """The cancellation of that order, and the order right after."""
    order_id = int(trial.require_first().order_id or 0)
    return trial.ask("cancel_order", id=order_id), trial.ask("orders", id=order_id)


def ask_unaffordable(trial: Trial) -> Answers:
    """An order for ten times the buying power, and how it stands within five seconds."""
    # It cannot fill under any reading: it is as far from the market as the others, besides.
    trial.require_first()
    assets = fetch_assets(trial.session)
    figures = [float(assets[name]) for name in ("buying_power", "net_liquidation") if assets[name] is not None]
    if not figures:
        raise NotAsked("Tiger does not tell the buying power")
    lots = int(10 * max(figures) / (trial.price * trial.lot)) + 1
    (placed,) = trial.place(total_quantity=lots * trial.lot)
    later, ends = placed, time.monotonic() + REFUSAL_SECONDS
    while placed.order_id and time.monotonic() < ends and not (later.order and later.order.status in OVER):
        # Tiger refuses what it has taken by itself, a moment later, and tells nobody.
        time.sleep(REFUSAL_LOOK_SECONDS)
        later = trial.ask("orders", id=int(placed.order_id))
    trial.unaffordable = placed, later
    return trial.unaffordable


def ask_refusal_language(trial: Trial) -> Answers:
    """The words of that refusal."""
    if trial.unaffordable is None:
        raise NotAsked("nothing was refused for want of money")
    return trial.unaffordable


def ask_order_rate(trial: Trial) -> Answers:
    """Seven orders in one moment."""
    trial.require_first()
    return tuple(trial.place(7))


_IN_ORDER: Final[tuple[Callable[[Trial], tuple[Any, ...]], ...]] = (
    *(ask_expired_day_order, ask_earnings_span, ask_market_order_outside_rth, ask_quote_permission),
    *(ask_order_numbers, ask_lookup_by_number, ask_missing_order, ask_used_number, ask_ioc_fok, ask_cancel),
    *(ask_unaffordable, ask_refusal_language, ask_order_rate),
)
"""The first ones place nothing, and after the last one all orders are cancelled."""

QUESTIONS: Final = {ask.__name__.removeprefix("ask_"): ask for ask in _IN_ORDER}
