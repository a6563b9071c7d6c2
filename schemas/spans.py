"""Spans of time that requests about an account are about; without a zone they are in that of ``gateway.timezone``."""

from dataclasses import dataclass

from schemas.moments import Moment, MomentField
from schemas.requests import optional


@dataclass(frozen=True, kw_only=True)
class SpanRequest:
    """Ask about a span of time, both ends included.

    It has no slots, so that it can stand beside another base that has some.
    """

    begin_date: Moment | None = optional(MomentField(), None, "The first day or moment wanted.")
    end_date: Moment | None = optional(MomentField(), None, "The last day or moment wanted; a day is included.")
