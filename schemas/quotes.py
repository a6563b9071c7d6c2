"""Requests for quotes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from app.tiger.instrument import Instrument
from app.tiger.vocabulary import FURTHER_QUOTE_FIELDS, QUOTE_FIELDS, TYPED_QUOTE_FIELDS
from schemas.fields import Flag, Words
from schemas.instruments import InstrumentRequest, InstrumentsRequest
from schemas.requests import optional

MOST_QUOTES = 200
MOST_READ = 256
"""Batches of which is known what they name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest(InstrumentRequest):
    """Ask for one quote."""

    extended_hours: bool = optional(
        Flag(), False, "Whether to add what a United States stock is traded at outside of the regular session."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest(InstrumentsRequest):
    """Ask for up to 200 quotes at once, 50 of them in ``symbols``."""

    most: ClassVar[int] = MOST_QUOTES

    fields: Sequence[str] = optional(
        Words(QUOTE_FIELDS + FURTHER_QUOTE_FIELDS + TYPED_QUOTE_FIELDS), (), "Members beyond the six that always come."
    )
    extended_hours: bool = optional(
        Flag(), False, "Whether to add what United States stocks are traded at outside of the regular session."
    )

    @property
    def named(self) -> tuple[Instrument, ...]:
        """Return what the request is about, each once, in the order in which it was sent."""
        return _read_named(self)


@lru_cache(maxsize=MOST_READ)
def _read_named(request: BatchRequest) -> tuple[Instrument, ...]:
    """Return what a batch names; it is kept, since each reads its own twice, and a poller the same for ever."""
    named: tuple[Instrument, ...] = super(BatchRequest, request).named
    return named
