"""Tiger's rate limits: calls a rolling minute for each tiger_id and method, and what is counted besides.

The calls a minute of each method stand in ``app.tiger.wire.methods``. Whether a limit is one for each method or for a
class of them is not documented; the refusals name one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from tigeropen.common.consts import service_types as wire

from app.tiger.deadline import Purpose
from app.tiger.wire.methods import HIGH, LOW, METHODS, MIDDLE

WINDOW_SECONDS: Final = 60.0

SHARED_WITH_READS: Final = frozenset({wire.ORDERS, wire.CONTRACT, wire.POSITIONS})
"""What order commands need of the methods that reads use too; a share of these is held back for them."""

LOOKUPS_SHARE: Final = 0.5
"""Part of what is held back from reads that lookups of orders in doubt may use; the rest is for commands alone."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls of some methods together within a window, for each account or tiger_id, besides those a minute."""

    name: str
    methods: frozenset[str]
    scope: Literal["account", "tiger_id"]
    calls: int
    window_seconds: float


RATES: Final = (
    # Java SDK's tests: error.requestRateExceedLimit, of standard and paper accounts.
    Rate("order_rate", frozenset({wire.PLACE_ORDER, wire.MODIFY_ORDER}), "account", 5, 1.0),
)
"""A method is in one of them at most, and no window is longer than a minute."""


@dataclass(frozen=True, slots=True)
class Count:
    """One count that a call goes into: whose, of what, how much there may be of it within how many seconds."""

    owner: str
    name: str
    most: int
    window_seconds: float

    @property
    def key(self) -> tuple[str, str]:
        """Return by what it is kept."""
        return self.owner, self.name


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls a minute one tiger_id has of a method, how many of these reads may use, and the rate besides."""

    calls: int
    reads: int
    rate: Rate | None = None

    @property
    def lookups(self) -> int:
        """Return how many of these lookups may use: many orders in doubt must not keep one from its cancelling."""
        return self.reads + int((self.calls - self.reads) * LOOKUPS_SHARE)

    def describe(self) -> str:
        """Return it for somebody who reads why a call has to wait."""
        rate = self.rate
        return f"{self.calls} calls a minute" + (f", {rate.calls} in {rate.window_seconds:g} s" if rate else "")

    def get_ceiling(self, purpose: Purpose) -> int:
        """Return how many calls a minute those for a purpose may bring the whole to."""
        return {Purpose.READ: self.reads, Purpose.LOOKUP: self.lookups}.get(purpose, self.calls)

    def get_counts(self, tiger_id: str, account: str, method: str, purpose: Purpose) -> tuple[Count, ...]:
        """Return what a call of the method goes into: the minute of the tiger_id, then the rate where it has one."""
        minute = Count(tiger_id, method, self.get_ceiling(purpose), WINDOW_SECONDS)
        if self.rate is None:
            return (minute,)
        owner = account if self.rate.scope == "account" else tiger_id
        return minute, Count(owner, self.rate.name, self.rate.calls, self.rate.window_seconds)


class Limits:
    """The table in force: Tiger's, times a factor, with single methods replaced."""

    def __init__(self, scale: float = 1.0, reserve: float = 0.25, replaced: Iterable[str] = ()) -> None:
        """Take ``method=calls`` for each method, or rate by its name, that differs from the tables.

        Raises:
            ValueError: One of them is not written so.
        """
        self._scale = scale
        self._reserve = reserve
        self._replaced = dict(map(read_limit, replaced))
        rates = [replace(rate, calls=self._get_scaled(rate.name, rate.calls)) for rate in RATES]
        self._rates = {method: rate for rate in rates for method in rate.methods}
        self._bought: dict[str, dict[int, int]] = {}

    @property
    def are_counted(self) -> bool:
        """Tell whether calls are counted at all."""
        return self._scale > 0

    def take_bought(self, tiger_id: str, calls: Sequence[int] | None) -> None:
        """Use what a tiger_id bought of the high, middle and low class from now on, or what is published."""
        self._bought[tiger_id] = dict(zip((HIGH, MIDDLE, LOW), calls or (), strict=False))

    def get(self, method: str, tiger_id: str = "") -> Limit | None:
        """Return the limit of a method, as a tiger_id has it, or None where nothing is counted."""
        if not self.are_counted:
            return None
        published = METHODS[method].calls_per_minute
        calls = self._get_scaled(method, self._bought.get(tiger_id, {}).get(published, published))
        held_back = min(calls - 1, round(calls * self._reserve)) if method in SHARED_WITH_READS else 0
        return Limit(calls, calls - held_back, self._rates.get(method))

    def _get_scaled(self, name: str, published: int) -> int:
        return max(1, int(self._replaced.get(name, published) * self._scale))


def read_limit(written: str) -> tuple[str, int]:
    """Return method and calls of ``method=calls``.

    Raises:
        ValueError: It is not written so.
    """
    method, _, calls = written.partition("=")
    if not method.strip() or not calls.strip().isdecimal() or int(calls) < 1:
        raise ValueError(f"{written!r} is not written as method=calls")
    return method.strip(), int(calls)
