"""Tiger's rate limits: calls a rolling minute for each tiger_id and method.

Source: docs.itigerup.com, page "ratelimit", with the quick start of Tiger's published skill where the page names no
class (kline). Whether a limit is one for each method or for a class of them is not documented; the refusals name one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tigeropen.common.consts import service_types as wire

WINDOW_SECONDS: Final = 60.0
OTHER_CALLS: Final = 60
"""What a method gets that the page does not name: the middle class."""

_CLASSES: Final[Mapping[int, tuple[str, ...]]] = {
    120: (
        wire.ORDER_NO,
        wire.PLACE_ORDER,
        wire.MODIFY_ORDER,
        wire.CANCEL_ORDER,
        wire.ORDERS,
        wire.ACTIVE_ORDERS,
        wire.INACTIVE_ORDERS,
        wire.FILLED_ORDERS,
        wire.QUOTE_REAL_TIME,
        wire.TIMELINE,
        wire.TRADE_TICK,
        wire.OPTION_BRIEF,
    ),
    60: (
        wire.OPTION_CHAIN,
        wire.OPTION_EXPIRATION,
        wire.QUOTE_DEPTH,
        wire.CONTRACT,
        wire.CONTRACTS,
        wire.QUOTE_CONTRACT,
        wire.KLINE,
        wire.ACCOUNTS,
        wire.ASSETS,
        wire.PRIME_ASSETS,
        wire.POSITIONS,
        wire.ORDER_TRANSACTIONS,
        wire.CORPORATE_ACTION,
        wire.QUOTE_STOCK_TRADE,
    ),
    10: (
        wire.GRAB_QUOTE_PERMISSION,
        wire.GET_QUOTE_PERMISSION,
        wire.MARKET_STATE,
        wire.ALL_SYMBOLS,
        wire.ALL_SYMBOL_NAMES,
        wire.STOCK_DETAIL,
    ),
}
CALLS_PER_MINUTE: Final[Mapping[str, int]] = {method: calls for calls, group in _CLASSES.items() for method in group}

SCARCE: Final = frozenset(_CLASSES[10])
"""What is too rare to be spent on repeating a read."""

SHARED_WITH_READS: Final = frozenset({wire.ORDERS, wire.CONTRACT})
"""What order commands need of the methods that reads use too; a share of these is held back for them."""

LOOKUPS_SHARE: Final = 0.5
"""Part of what is held back from reads that lookups of orders in doubt may use; the rest is for commands alone."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls a minute one tiger_id has of a method, and how many of these reads may use."""

    calls: int
    reads: int

    @property
    def lookups(self) -> int:
        """Return how many of these lookups may use: many orders in doubt must not keep one from its cancelling."""
        return self.reads + int((self.calls - self.reads) * LOOKUPS_SHARE)

    def get_ceiling(self, *, is_urgent: bool, is_lookup: bool = False) -> int:
        """Return how many calls a minute a class of callers may bring the whole to."""
        if not is_urgent:
            return self.reads
        return self.lookups if is_lookup else self.calls


class Limits:
    """The table in force: Tiger's, times a factor, with single methods replaced."""

    def __init__(self, scale: float = 1.0, reserve: float = 0.25, replaced: Iterable[str] = ()) -> None:
        """Take ``method=calls`` for each method that differs from the table.

        Raises:
            ValueError: One of them is not written so.
        """
        self._scale = scale
        self._reserve = reserve
        self._calls = {**CALLS_PER_MINUTE, **dict(map(read_limit, replaced))}

    def get(self, method: str) -> Limit | None:
        """Return the limit of a method, or None where nothing is counted."""
        if self._scale <= 0:
            return None
        calls = max(1, int(self._calls.get(method, OTHER_CALLS) * self._scale))
        held_back = min(calls - 1, round(calls * self._reserve)) if method in SHARED_WITH_READS else 0
        return Limit(calls, calls - held_back)


def read_limit(written: str) -> tuple[str, int]:
    """Return method and calls of ``method=calls``.

    Raises:
        ValueError: It is not written so.
    """
    method, _, calls = written.partition("=")
    if not method.strip() or not calls.strip().isdecimal() or int(calls) < 1:
        raise ValueError(f"{written!r} is not written as method=calls")
    return method.strip(), int(calls)
