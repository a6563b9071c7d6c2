"""Requests of the market screening category."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.validate import Length, Regexp

from app.tiger.vocabulary import (
    HOLDING_ORDERS,
    MARKETS,
    WARRANT_SORTS,
    WARRANT_STATES,
    WARRANT_TYPES,
)
from schemas.fields import Choice, Figure, Flag, Listed, Stock, Text, Whole, Words
from schemas.paging import PagedRequest, page_limit
from schemas.requests import get_error, get_part_schema, optional, required

SCANNED_MARKETS = (*MARKETS, "SG")
DIRECTIONS = ("asc", "desc")
LISTED_TYPES = ("STK", "OPT", "FUND", "CC")
MOST_FILTERS = 50


class Part(fields.Nested):
    """An object within a body, read as a dataclass."""

    def __init__(self, kind: type, **kwargs: Any) -> None:
        super().__init__(get_part_schema(kind), **kwargs)


def get_sent(part: "WarrantFilters | ScanFilter | ScanSort") -> dict[str, object]:
    """Return what a part of a body says, without what it leaves out."""
    told = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value for name, value in told.items() if value not in (None, ())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What lies between two figures, both included; either may be left out."""

    min: Decimal | None = optional(Figure(), None, "The least that passes.")
    max: Decimal | None = optional(Figure(), None, "The most that passes.")

    def __post_init__(self) -> None:
        """Refuse a range that nothing lies in."""
        if self.min is not None and self.max is not None and self.min > self.max:
            raise get_error("Send a min that is not above max.", "min")


@dataclass(frozen=True, slots=True)
class BrokerHoldingsRequest(PagedRequest):
    """Ask for a page of what the organisations of Hong Kong's market hold."""

    market: str = optional(Choice(("HK",)), "HK", "The market; Tiger tells this of Hong Kong alone.")
    order_by: str = optional(Choice(HOLDING_ORDERS), "market_value", "The figure to sort by.")
    direction: str = optional(Choice(DIRECTIONS), "desc", "Whether the largest come last or first.")
    limit: int = page_limit(500, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarrantFilters:
    """What has to be true of a warrant; `bounds` of an answer tell between what each can be set."""

    types: Sequence[str] | None = optional(Words(WARRANT_TYPES), None, "Kinds of warrants (CALL, PUT) and CBBCs.")
    state: str | None = optional(Choice(WARRANT_STATES), None, "Whether it trades, has ended, or is to be listed.")
    moneyness: str | None = optional(Choice(("IN", "OUT")), None, "In the money, or out of it.")
    issuer: str | None = optional(Text(), None, "The issuer, as `bounds` name it.")
    expiry_month: str | None = optional(
        Text(validate=Regexp(r"^20\d\d-(0[1-9]|1[0-2])$", error="Send a month such as 2026-12.")),
        None,
        "The month of the expiration, YYYY-MM.",
        pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
    )
    lot_sizes: Sequence[int | None] | None = optional(
        fields.List(Whole(1, 10**9), validate=Length(1, MOST_FILTERS)), None, "Shares of one board lot, any of these."
    )
    entitlement_ratios: Sequence[Decimal | None] | None = optional(
        fields.List(Figure(), validate=Length(1, MOST_FILTERS)), None, "Warrants for one share, any of these."
    )
    strike: Range | None = optional(Part(Range), None, "Strike prices.")
    effective_leverage: Range | None = optional(Part(Range), None, "Leverage times delta.")
    leverage_ratio: Range | None = optional(Part(Range), None, "Leverage.")
    call_price: Range | None = optional(Part(Range), None, "Prices at which CBBCs are called back.")
    volume: Range | None = optional(Part(Range), None, "Units traded this day.")
    premium: Range | None = optional(Part(Range), None, "Premiums, as `bounds` write them.")
    outstanding_ratio: Range | None = optional(
        Part(Range), None, "Parts of the issue that are out, as `bounds` write them."
    )
    implied_volatility: Range | None = optional(
        Part(Range), None, "Implied volatilities of warrants, as `bounds` write them."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WarrantSort:
    """What warrants are sorted by."""

    field: str = required(Choice(WARRANT_SORTS), "The figure to sort by.")
    direction: str = optional(Choice(DIRECTIONS), "desc", "Whether the largest come last or first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WarrantsRequest(PagedRequest):
    """Ask for a page of the warrants and bull/bear contracts (CBBC) on a Hong Kong stock."""

    symbol: str = required(Stock(("HK",)), example="00700")
    filters: WarrantFilters | None = optional(Part(WarrantFilters), None, "What has to be true; all of it.")
    sort: WarrantSort | None = optional(Part(WarrantSort), None, "The order; by expiration where it is left out.")
    limit: int = page_limit(200, 50)

    @property
    def sent_filters(self) -> dict[str, object]:
        """Return what was said of the filters, a range as its two ends."""
        sent = get_sent(self.filters) if self.filters else {}
        return {name: (part.min, part.max) if isinstance(part, Range) else part for name, part in sent.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFilter(Range):
    """A field of the scanner with what has to be true of it; without a range or values it is only shown."""

    field: str = required(Text(longest=64), "A field as scanner-fields names it.", example="StockField_MarketValue")
    values: Sequence[str] = optional(
        Listed(Text(), validate=Length(1, MOST_FILTERS)), (), "Of a field that takes values: any of these tags."
    )
    period: str | None = optional(Text(longest=64), None, "Of a field that takes a period: one of scanner-fields'.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSort:
    """What a scan is sorted by."""

    field: str = required(Text(longest=64), "A field as scanner-fields names it.", example="StockField_MarketValue")
    direction: str = optional(Choice(DIRECTIONS), "desc", "Whether the largest come last or first.")
    period: str | None = optional(Text(longest=64), None, "Of a field that takes a period: one of scanner-fields'.")


@dataclass(frozen=True, slots=True)
class ScannerRequest(PagedRequest):
    """Ask for a page of the stocks of a market that pass all filters."""

    market: str = optional(Choice(SCANNED_MARKETS), "US", "The market.")
    filters: Sequence[ScanFilter | None] | None = optional(
        fields.List(Part(ScanFilter), validate=Length(1, MOST_FILTERS)), None, "What has to be true; all of it."
    )
    sort: ScanSort | None = optional(Part(ScanSort), None, "The order; Tiger's own where it is left out.")
    limit: int = page_limit(200)

    @property
    def sent_filters(self) -> list[dict[str, object]]:
        """Return what was said of each field."""
        return [get_sent(part) for part in self.filters or () if part is not None]

    @property
    def sent_sort(self) -> dict[str, object] | None:
        """Return what was said of the order."""
        return get_sent(self.sort) if self.sort else None


@dataclass(frozen=True, slots=True)
class ScannerFieldsRequest:
    """Ask for the fields of the scanner, with the tags of one market."""

    market: str = optional(Choice(SCANNED_MARKETS), "US", "The market.")


@dataclass(frozen=True, slots=True)
class SymbolsRequest(PagedRequest):
    """Ask for a page of everything of a kind that Tiger knows."""

    sec_type: str = optional(
        Choice(LISTED_TYPES), "STK", "The kind: stocks and indices, option classes, funds, digital assets."
    )
    market: str | None = optional(Choice(MARKETS), None, "The market; needed for stocks, HK or nothing for options.")
    include_otc: bool = optional(Flag(), False, "Whether stocks that trade over the counter are listed, too.")
    limit: int = page_limit(10_000, 1_000)

    def __post_init__(self) -> None:
        """Refuse a market that does not go with the kind."""
        if self.sec_type == "STK" and self.market is None:
            raise get_error(f"Send the market of the stocks: {', '.join(MARKETS)}.", "market")
        if self.sec_type == "OPT" and self.market not in {None, "HK"}:
            reason = "Tiger lists the option classes of HK alone; those of the US are named by their stock."
            raise get_error(reason, "market")
        if self.sec_type in {"FUND", "CC"} and self.market is not None:
            raise get_error(f"Leave it out: Tiger lists {self.sec_type} of all markets together.", "market")
        if self.include_otc and self.sec_type != "STK":
            raise ValidationError({"include_otc": ["Leave it out: stocks alone trade over the counter."]})
