"""When orders for a contract can be filled: regular and extended hours, the night, the auctions of Hong Kong."""

from datetime import time

from app.simulator.market.calendars import calendar_of
from app.simulator.methods.market import Market
from app.simulator.trading.contracts import COIN, FUTURE, STOCK, Contract
from app.simulator.trading.orders import AUCTION_LIMIT, AUCTION_TYPES, Order

NIGHT_STARTS, NIGHT_ENDS = time(20, 0), time(4, 0)
US_SESSIONS = frozenset({"PRE_RTH_POST", "OVERNIGHT", "RTH", "FULL"})
HK_SESSIONS = frozenset({"HK_AUC", "HK_CTS", "HK_AUC_CTS"})
EXTENDED = frozenset({"PRE_RTH_POST", "FULL"})
NIGHTLY = frozenset({"OVERNIGHT", "FULL"})


def get_markets_of(session: str) -> str:
    """Return the market whose orders can name a trading session."""
    return "US" if session in US_SESSIONS else "HK"


def waits_for_auction(order: Order) -> bool:
    """Say whether an order is filled in auctions only; not a limit order that has missed the opening it was for."""
    has_missed = order.order_type == AUCTION_LIMIT and order.time_in_force == "OPG" and order.tried_ms is not None
    return (order.order_type in AUCTION_TYPES and not has_missed) or order.session == "HK_AUC"


def is_tradable_now(contract: Contract, order: Order, market: Market, now_ms: int) -> bool:
    """Say whether an order that waits for no auction can be filled at ``now_ms``."""
    if contract.sec_type == COIN:
        return True
    if contract.sec_type == FUTURE:
        return market.futures.is_open(now_ms)
    if market.is_open(contract.market, now_ms):
        # Where the markets never close there is no night to wait for.
        return order.session != "OVERNIGHT" or not market.keeps_hours
    if contract.sec_type != STOCK:
        return False
    if market.is_extended(contract.market, now_ms):
        return order.outside_rth if order.session is None else order.session in EXTENDED
    return order.session in NIGHTLY and is_night(now_ms)


def is_night(at_ms: int) -> bool:
    """Say whether the United States trade by night: before each trading day, from eight to four."""
    calendar = calendar_of("US")
    local = calendar.local(at_ms)
    day = calendar.current(at_ms)
    opens = calendar.local(day.next_open_ms)
    if local.time() < NIGHT_ENDS:
        return opens.date() == local.date()
    return local.time() >= NIGHT_STARTS and (opens.date() - local.date()).days == 1


def find_auctions(market: str, after_ms: int, until_ms: int) -> list[tuple[int, bool]]:
    """Return the auctions after one moment up to another, oldest first: when, and whether it opens the day."""
    calendar = calendar_of(market)
    found = []
    day = calendar.current(after_ms)
    while day.open_ms <= until_ms:
        found += [(day.open_ms, True), (day.close_ms, False)]
        day = calendar.day(day.index + 1)
    return [(at_ms, opens) for at_ms, opens in found if after_ms < at_ms <= until_ms]
