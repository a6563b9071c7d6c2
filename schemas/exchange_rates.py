"""Requests about exchange rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Regexp

from app.tiger.vocabulary import CURRENCIES
from schemas.days import DaysRequest
from schemas.fields import Listed, Stocks
from schemas.requests import optional

MOST_CURRENCIES = 20


class Currency(fields.String):
    """A currency by its three letters, in any case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validate=Regexp("[A-Z]{3}$", error="Send three letters, such as HKD."),
            metadata={"pattern": "^[A-Za-z]{3}$"},
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs).strip()
        return written.upper() if written.isascii() else written


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRatesRequest(DaysRequest):
    """Ask for exchange rates over at most 366 days, both ends included; the last week by default."""

    currencies: Sequence[str] | None = optional(
        Listed(Currency(), validate=Length(1, MOST_CURRENCIES)),
        None,
        f"1 to {MOST_CURRENCIES} currencies; {', '.join(CURRENCIES)} where neither these nor symbols are sent.",
        example=["HKD", "CNH"],
    )
    symbols: Sequence[str] | None = optional(Stocks(), None, "Companies, for the currencies they trade and report in.")

    @property
    def wanted(self) -> Sequence[str]:
        """Return the currencies wanted beside those of the companies."""
        return self.currencies or (() if self.symbols else CURRENCIES)
