"""Spans of time that requests are about."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.moments import Moment, MomentField
from schemas.requests import get_error, optional


@dataclass(frozen=True, kw_only=True)
class SpanRequest:
    """Ask about a span of an account's time, both ends included; without a zone in that of ``gateway.timezone``.

    It has no slots, so that it can stand beside another base that has some.
    """

    begin_date: Moment | None = optional(MomentField(), None, "The first day or moment wanted.")
    end_date: Moment | None = optional(MomentField(), None, "The last day or moment wanted; a day is included.")


@dataclass(frozen=True, kw_only=True)
class TimesRequest:
    """Ask about a span of a market's time, both ends included; without a zone in that of the market.

    It has no slots either. A subclass says the zone, and calls our check in its own one.
    """

    begin_time: Moment | None = optional(MomentField(), None, "The start of the first one wanted.")
    end_time: Moment | None = optional(MomentField(), None, "The last moment wanted; a date includes its whole day.")

    def __post_init__(self) -> None:
        """Refuse a span that ends before it begins."""
        if self.begin_ms is not None and self.end_ms is not None and self.begin_ms > self.end_ms:
            raise get_error("Send a begin_time before the end_time.", "begin_time")

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of times that name none."""
        raise NotImplementedError

    @property
    def begin_ms(self) -> int | None:
        """Return the first moment wanted, in epoch milliseconds; None where the span is open."""
        return self.begin_time.start_ms(self.zone) if self.begin_time else None

    @property
    def end_ms(self) -> int | None:
        """Return the last moment wanted, in epoch milliseconds; None where the span is open."""
        return self.end_time.end_ms(self.zone) if self.end_time else None
