"""Narrow lists to instruments: nothing must be said, and what is said need not identify one."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from marshmallow import ValidationError

from app.tiger.instrument import RIGHTS, SECURITY_TYPES, UnclearInstrument
from app.tiger.instrument_filter import InstrumentFilter, get_filter
from schemas.fields import Choice, Price, Symbol
from schemas.moments import DayField
from schemas.requests import optional


@dataclass(frozen=True, kw_only=True)
class InstrumentFilterRequest:
    """Narrow a list; a subclass with a check of its own calls ours first.

    It has no slots, so that it can stand beside another base that has some.
    """

    symbol: str | None = optional(
        Symbol(),
        None,
        "Of this symbol alone; an option's underlying or identifier, the contract code of a future, the code of a "
        "warrant, a fund or a digital asset.",
    )
    sec_type: str | None = optional(Choice(SECURITY_TYPES), None, "Of this kind of instrument alone.")
    identifier: str | None = optional(
        Symbol(), None, "In place of the symbol: an option's 21 characters.", example="AAPL251219C00150000"
    )
    expiry: dt.date | None = optional(DayField(), None, "Options and warrants that expire on this day alone.")
    strike: Decimal | None = optional(Price(), None, "Options and warrants with this strike price alone.")
    put_call: str | None = optional(Choice(RIGHTS), None, "Options and warrants of this side alone.")

    def __post_init__(self) -> None:
        """Refuse what no instrument is."""
        try:
            _ = self.wanted
        except UnclearInstrument as error:
            raise ValidationError({name: [reason] for name, reason in error.details.items()}) from error

    @property
    def wanted(self) -> InstrumentFilter:
        """Return what the list is narrowed to."""
        kind = None if self.sec_type == "ALL" else self.sec_type
        return get_filter(self.symbol, kind, self.identifier, self.expiry, self.strike, self.put_call)
