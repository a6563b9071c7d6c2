"""Requests of the account transfers category."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

from schemas.fields import Choice, Positive, Text, Whole, get_whole
from schemas.paging import PagedRequest
from schemas.requests import get_error, optional, required
from schemas.spans import SpanRequest

EXERCISE_KINDS = ("EXERCISE", "EXPIRE")
SEGMENTS = ("SEC", "FUT")
CURRENCIES = ("USD", "HKD", "CNH", "SGD", "AUD", "NZD", "EUR", "GBP", "JPY", "CAD")
CONTRACT_ID = "[1-9][0-9]{0,17}"


class ContractId(fields.Field[str]):
    """Tiger's id of a contract, as a string or an integer."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        number = get_whole(value)
        written = value.strip() if isinstance(value, str) else "" if number is None else str(number)
        if not re.fullmatch(CONTRACT_ID, written, re.ASCII):
            raise ValidationError("Send a contract id: digits, as a string or an integer.")
        return written


@dataclass(frozen=True, slots=True)
class OptionExercisesRequest(PagedRequest):
    """Ask which options can be exercised or left to expire, and what was asked for so far."""

    type: str = optional(Choice(EXERCISE_KINDS), "EXERCISE", "To exercise, or to let expire what would be exercised.")


@dataclass(frozen=True, slots=True)
class ExerciseCheckRequest:
    """Ask what an exercise would do; nothing is exercised."""

    contract_id: str = required(ContractId(), "The contract_id of option-exercises.", example="2702385833")
    type: str = optional(Choice(EXERCISE_KINDS), "EXERCISE", "To exercise, or to let expire.")
    quantity: Decimal | None = optional(Positive(), None, "How many contracts; all that are held where it is left out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTransfersRequest(SpanRequest):
    """Ask what positions were moved: in the last 90 days where the days are left out, or one transfer."""

    scope: str = optional(Choice(("internal", "external")), "internal", "Between accounts, or from and to brokers.")
    transfer_id: str | None = optional(Text(longest=64), None, "The id of an internal transfer, to show its positions.")

    def __post_init__(self) -> None:
        """Refuse one transfer together with a span, or of other brokers."""
        if self.transfer_id is not None and (self.begin_date or self.end_date or self.scope != "internal"):
            raise get_error("Send it alone: it names one internal transfer.", "transfer_id")


@dataclass(frozen=True, slots=True)
class SegmentFundsRequest:
    """Ask what money can leave a segment, and what did."""

    segment: str = optional(Choice(SEGMENTS), "SEC", "The segment: SEC securities, FUT futures.")
    currency: str | None = optional(Choice(CURRENCIES), None, "Money of this currency alone.")
    limit: int = optional(Whole(1, 500), 100, "At most so many transfers, the newest.")
