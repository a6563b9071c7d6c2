"""Tiger's published rate limits: so many calls a rolling minute, per tiger_id and method.

Source: Tiger's page of rate limits (docs.itigerup.com), its older one (quant.itigerup.com, requestLimit), and its
published quick start.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

from app.simulator.clock import Clock
from app.simulator.readings import ReadingsInForce
from app.simulator.users import QUOTAS as HISTORY_QUOTAS
from app.simulator.wire import (
    ACCESS_FORBIDDEN,
    RATE_LIMITED,
    STANDARD_ACCOUNT_ERROR,
    BareRefusal,
    WireRefusal,
    WireRequest,
)

WINDOW_MS = 60_000

CALLS_PER_MINUTE = {
    **dict.fromkeys(
        (
            "order_no", "place_order", "modify_order", "cancel_order", "preview_order",
            "orders", "active_orders", "inactive_orders", "filled_orders",
            "quote_real_time", "timeline", "trade_tick", "option_brief", "option_trade_tick",
            "future_real_time_quote", "future_tick",
        ),
        120,
    ),
    **dict.fromkeys(
        (
            "option_chain", "option_expiration", "quote_depth", "contract", "contracts", "quote_contract",
            "kline", "accounts", "assets", "prime_assets", "positions", "order_transactions",
            "corporate_action", "quote_stock_trade", "quote_shortable_stocks", "future_trading_date",
        ),
        60,
    ),
    **dict.fromkeys(
        (
            "grab_quote_permission", "get_quote_permission", "market_state", "all_symbols",
            "all_symbol_names", "stock_detail", "future_exchange",
            # The older page, requestLimit.
            "user_token_refresh", "user_license", "quote_delay", "kline_quota",
        ),
        10,
    ),
}  # fmt: skip
OTHER_CALLS_PER_MINUTE = 60
"""What the methods get that Tiger's tables do not name: its middle class."""

COUNTED_ORDER_METHODS = frozenset({"place_order", "modify_order"})
ORDER_METHODS = COUNTED_ORDER_METHODS | {"preview_order", "cancel_order"}
ORDERS_PER_SECOND = 5
ORDER_WINDOW_MS = 1000
TOO_MANY_ORDERS = "standard account response error(too_many_requests:error.requestRateExceedLimit)"
"""Placing and modifying count together, for each account; whoever went over is refused all four for a second [Java
SDK's tests]."""


FIGURES = {120: "highFreqLimit", 60: "midFreqLimit", 10: "lowFreqLimit"}
"""How ``addon_entitlements`` names the limits of each class."""


_QUOTAS = {
    f"{name}{ending}": quota
    for name, quota in (
        ("historyStock", HISTORY_QUOTAS["kline"]),
        ("historyFuture", HISTORY_QUOTAS["future_kline"]),
        ("historyOption", HISTORY_QUOTAS["option_kline"]),
        ("subscribe", 2000),
        ("subscribeDepth", 500),
    )
    for ending in ("Limit", "Remaining")
}
"""Symbols whose history may be read, and that may be subscribed; none of them is ever used up."""


class RateLimiter:
    """Count the calls of the last minute and refuse the one too many.

    Refused calls are not counted: a client that waits a minute after its last good burst is served again.
    """

    def __init__(
        self, clock: Clock, scale: float, style: Literal["code4", "http429"], readings: ReadingsInForce
    ) -> None:
        self._clock = clock
        self._scale = scale
        self._style = style
        self._readings = readings
        self._calls: dict[tuple[str, str], deque[int]] = {}
        self._orders: dict[str, deque[int]] = {}
        self._entitlements: dict[str, dict[str, Any]] = {}
        self._over_until_ms: dict[str, int] = {}

    def get_limit(self, method: str, tiger_id: str = "") -> int | None:
        """Return how many calls of ``method`` a developer may make a minute; None when limits are off."""
        if self._scale <= 0:
            return None
        published = CALLS_PER_MINUTE.get(method, OTHER_CALLS_PER_MINUTE)
        bought = self._entitlements.get(tiger_id, {}).get(FIGURES[published])
        return max(1, int((bought if isinstance(bought, int) and bought > 0 else published) * self._scale))

    def set_entitlements(self, tiger_id: str, figures: Mapping[str, Any]) -> None:
        """Sell a developer these limits in place of the published ones, and tell them as they are, sense or none."""
        self._entitlements[tiger_id] = dict(figures)

    def get_entitlements(self, request: WireRequest) -> Any:
        """Answer ``addon_entitlements``."""
        return {
            "userLevel": "NORMAL",
            "activePlan": None,
            "addons": [],
            "effectiveEntitlement": self.get_figures(request.tiger_id),
        }

    def get_figures(self, tiger_id: str) -> dict[str, Any]:
        """Return a developer's limits by their wire names: those that all have, but for what was sold."""
        published = {name: calls for calls, name in FIGURES.items()} | {"rateMultiple": 1} | _QUOTAS
        return published | self._entitlements.get(tiger_id, {})

    def admit(self, tiger_id: str, method: str, account: str | None) -> None:
        """Count one call, or raise WireRefusal in the style that was chosen."""
        if account is not None and method in ORDER_METHODS and self._readings.now.order_rate == "five_a_second":
            self._admit_order(account, method)
        limit = self.get_limit(method, tiger_id)
        if limit is None:
            return
        calls = self._calls.setdefault((tiger_id, method), deque())
        now_ms = self._clock.now_ms()
        if _count_since(calls, now_ms - WINDOW_MS) >= limit:
            raise self.get_refusal(method, limit)
        calls.append(now_ms)

    def _admit_order(self, account: str, method: str) -> None:
        orders = self._orders.setdefault(account, deque())
        now_ms = self._clock.now_ms()
        if method in COUNTED_ORDER_METHODS:
            if _count_since(orders, now_ms - ORDER_WINDOW_MS) < ORDERS_PER_SECOND:
                orders.append(now_ms)
                return
            self._over_until_ms[account] = now_ms + ORDER_WINDOW_MS
        if now_ms < self._over_until_ms.get(account, 0):
            raise BareRefusal(STANDARD_ACCOUNT_ERROR, TOO_MANY_ORDERS)

    def get_refusal(self, method: str, limit: int) -> WireRefusal:
        """Return the refusal of one call too many."""
        text = f"rate limit error(current limiting interface:{method}, up to {limit} times per minute)"
        if self._style == "http429":
            return WireRefusal(RATE_LIMITED, text, http_status=429)
        return WireRefusal(ACCESS_FORBIDDEN, text)

    def forget(self) -> None:
        """Forget all counted calls."""
        self._calls.clear()
        self._orders.clear()
        self._over_until_ms.clear()


def _count_since(calls: deque[int], since_ms: int) -> int:
    while calls and calls[0] <= since_ms:
        calls.popleft()
    return len(calls)
