"""What was counted of a day and of the last minute, as one value; it lies in a row that one writer at a time has.

The minute rolls by seconds: an order counts until a whole minute is over since the second that it came in, thus for 60
to 61 seconds. The day is that of the zone in ``gateway.timezone``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

MINUTE_SECONDS: Final = 60

write_json: Final = json.JSONEncoder(separators=(",", ":")).encode
"""Write what a row keeps."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What one command took of its owner's counters, so that it can be given back."""

    second: int
    day: str
    orders: int
    currency: str | None = None
    value: Decimal = Decimal(0)

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "second": self.second,
            "day": self.day,
            "orders": self.orders,
            "currency": self.currency,
            "value": f"{self.value:f}",
        }

    def describe(self) -> str:
        """Return it as one line of a record has it."""
        value = "" if self.currency is None else f", {self.value:f} {self.currency}"
        return f"{self.orders} orders{value} on {self.day}"

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Return what was kept."""
        return cls(**{**kept, "value": Decimal(kept["value"])})


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of one key or account; ``values`` by the currencies that the orders were in.

    ``sequence`` numbers the changes, so that who has read what was ordered up to one of them reads on from there.
    """

    sequence: int = 0
    day: str = ""
    orders: int = 0
    values: Mapping[str, Decimal] = field(default_factory=dict)
    seconds: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Return what a row holds."""
        content = json.loads(kept)
        values = {currency: Decimal(value) for currency, value in content["values"].items()}
        seconds = tuple((second, number) for second, number in content["seconds"])
        return cls(content["sequence"], content["day"], content["orders"], values, seconds)

    def to_json(self) -> str:
        """Return what a row holds."""
        values = {currency: f"{value:f}" for currency, value in self.values.items()}
        content = {"sequence": self.sequence, "day": self.day, "orders": self.orders, "values": values}
        return write_json({**content, "seconds": self.seconds})

    @property
    def orders_in_minute(self) -> int:
        """Return how many orders the last minute has had."""
        return sum(number for _, number in self.seconds)

    def at(self, now_ms: int, zone: ZoneInfo) -> Self:
        """Return the counters as they stand at a moment.

        Who waited for the row may come with an earlier moment than who had it: then the latest counts. A clock that was
        set back begins no day anew, and what it then calls the future counts as now.
        """
        second, day = now_ms // 1_000, get_day(now_ms, zone)
        latest = max((at for at, _ in self.seconds), default=second)
        if second < latest <= second + MINUTE_SECONDS:
            second = latest
        recent = tuple((min(at, second), number) for at, number in self.seconds if at >= second - MINUTE_SECONDS)
        if day <= self.day:
            return replace(self, seconds=recent)
        return replace(self, day=day, orders=0, values={}, seconds=recent)

    def take(self, now_ms: int, orders: int, currency: str | None = None, value: Decimal = Decimal(0)) -> Taking:
        """Return what a command takes of counters that stand at this moment."""
        latest = max((at for at, _ in self.seconds), default=0)
        return Taking(max(now_ms // 1_000, latest), self.day, orders, currency, value)

    def after(self, taking: Taking) -> Self:
        """Return the counters with this taken."""
        seconds = dict(self.seconds)
        if taking.orders:
            seconds[taking.second] = seconds.get(taking.second, 0) + taking.orders
        values = dict(self.values)
        if taking.currency is not None:
            values[taking.currency] = values.get(taking.currency, Decimal(0)) + taking.value
        orders = self.orders + taking.orders
        return replace(
            self, sequence=self.sequence + 1, orders=orders, values=values, seconds=tuple(sorted(seconds.items()))
        )

    def without(self, taking: Taking) -> Self:
        """Return the counters with this given back; of a day or minute that is over there is nothing to give."""
        seconds = dict(self.seconds)
        if taking.second in seconds:
            seconds[taking.second] = max(0, seconds[taking.second] - taking.orders)
        kept = tuple((second, number) for second, number in sorted(seconds.items()) if number)
        given = replace(self, sequence=self.sequence + 1, seconds=kept)
        if taking.day != self.day:
            return given
        values = dict(self.values)
        if taking.currency in values:
            values[taking.currency] = max(Decimal(0), values[taking.currency] - taking.value)
        return replace(given, orders=max(0, self.orders - taking.orders), values=values)


def get_day(now_ms: int, zone: ZoneInfo) -> str:
    """Return the day of a moment there."""
    return _get_day(now_ms // 1_000, zone)


@lru_cache(maxsize=64)
def _get_day(second: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone(zone).date().isoformat()
