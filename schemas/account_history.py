"""Requests about what an account has done."""

from dataclasses import dataclass

from schemas.fields import Choice
from schemas.instrument_filters import InstrumentFilterRequest
from schemas.paging import PagedRequest
from schemas.requests import optional
from schemas.spans import SpanRequest
from schemas.trade import AN_ORDER, OrderId

SEGMENTS = ("SEC", "FUT")
CURRENCIES = ("USD", "HKD", "CNH", "SGD")
MOVEMENT_TYPES = (
    *("DEPOSIT_WITHDRAW", "TRADE", "FEE", "FUNDS_TRANSFER", "FOREX"),
    *("CORPORATE_ACTION", "ACTIVITY_AWARD", "OTHER"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionsRequest(InstrumentFilterRequest, SpanRequest, PagedRequest):
    """Ask for executions, newest first: of an order, of instruments, of a span of time, or of all at once."""

    order_id: str | None = optional(OrderId(), None, AN_ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceRequest(SpanRequest):
    """Ask how an account has done: to today and thirty days back, where the days are left out."""

    segment: str = optional(Choice(SEGMENTS), "SEC", "The segment: SEC securities, FUT futures.")
    currency: str | None = optional(Choice(CURRENCIES), None, "The currency of the figures; without it Tiger's choice.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovementsRequest(SpanRequest, PagedRequest):
    """Ask what moved the cash of an account, newest first."""

    type: str | None = optional(
        Choice(MOVEMENT_TYPES), None, "Movements of this type alone; DEPOSIT_WITHDRAW lists transfers under way, too."
    )
    segment: str | None = optional(Choice(SEGMENTS), None, "SEC securities, FUT futures; both where it is left out.")
    currency: str | None = optional(Choice(CURRENCIES), None, "Movements of this currency alone.")


@dataclass(frozen=True, slots=True)
class ManagedAccountsRequest:
    """Ask which accounts Tiger has for the developer id behind this one."""
