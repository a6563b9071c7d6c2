"""Requests of the market data category."""

from typing import Any

from marshmallow import ValidationError, post_load

from app.tiger.symbols import get_zone
from app.tiger.vocabulary import (
    BAR_PERIODS,
    FURTHER_QUOTE_FIELDS,
    MAXIMUM_BARS,
    QUOTE_FIELDS,
    SEARCH_MARKETS,
    STATUS_MARKETS,
)
from schemas.fields import Choice, Request, Symbol, Symbols, Text, Whole, Words
from schemas.moments import DayField, MomentField


class QuoteRequest(Request):
    """Ask for one quote."""

    symbol = Symbol(required=True)


class BarsRequest(Request):
    """Ask for bars; times without a zone are in the zone of the symbol's market, a date as the end is included."""

    symbol = Symbol(required=True)
    period = Choice(BAR_PERIODS, load_default="day", metadata={"description": "The length of a bar."})
    begin_time = MomentField(metadata={"description": "The start of the first bar wanted."})
    end_time = MomentField(metadata={"description": "The last moment wanted; a date includes its whole day."})
    limit = Whole(1, MAXIMUM_BARS, load_default=100, metadata={"description": "At most so many bars, the newest."})

    @post_load
    def place_in_zone(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Replace the moments by epoch milliseconds, ``None`` where the range is open."""
        zone = get_zone(data["symbol"])
        begin, end = data.pop("begin_time", None), data.pop("end_time", None)
        data["begin_ms"] = begin.start_ms(zone) if begin else None
        data["end_ms"] = end.end_ms(zone) if end else None
        if begin and end and data["begin_ms"] > data["end_ms"]:
            raise ValidationError("Send a begin_time before the end_time.", "begin_time")
        return data


class BatchRequest(Request):
    """Ask for up to 50 quotes at once."""

    symbols = Symbols(required=True)
    fields_ = Words(
        QUOTE_FIELDS + FURTHER_QUOTE_FIELDS,
        data_key="fields",
        load_default=list,
        metadata={"description": "Members beyond the six that always come."},
    )


class SearchRequest(Request):
    """Ask which symbols match a word."""

    keyword = Text(
        required=True, longest=64, metadata={"description": "A symbol or words of a name; case does not matter."}
    )
    market = Choice(SEARCH_MARKETS, load_default="US", metadata={"description": "The market to search."})
    limit = Whole(1, 100, load_default=20, metadata={"description": "At most so many results."})


class OptionChainRequest(Request):
    """Ask for the expirations of an underlying, or for the chain of one of them."""

    symbol = Symbol(required=True)
    expiry = DayField(
        load_default=None,
        metadata={"description": 'An expiration, "YYYYMMDD" or "YYYY-MM-DD".', "example": "20251219"},
    )


class PermissionsRequest(Request):
    """Ask for the market data that the Tiger user behind an account may read."""


class StatusRequest(Request):
    """Ask for the state of one market, or of all."""

    market = Choice(STATUS_MARKETS, load_default="US", metadata={"description": "The market; ALL for every one."})
