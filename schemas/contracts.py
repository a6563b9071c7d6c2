"""Requests for contracts."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from app.tiger.identification import get_instrument
from app.tiger.instrument import OPTION_TYPE, RIGHTS, Instrument, UnclearInstrument
from app.tiger.symbols import OPTION
from schemas.fields import Choice, Price
from schemas.instruments import InstrumentsRequest
from schemas.moments import DayField
from schemas.requests import get_error, optional

WARRANT_TYPES = ("WAR", "IOPT")
NAMED_ALONE = (None, "STK", "FUT")
"""Types of which, as ever, nothing is read but the symbol, whatever else is said."""
Underlying = tuple[str, str, str, Decimal | None, str | None]
"""An underlying, the type of its derivatives, their expiry (YYYYMMDD), strike and side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractsRequest(InstrumentsRequest):
    """Ask for contracts: of instruments, or of the options, warrants or certificates of an underlying.

    With OPT, WAR or IOPT and an expiry the symbols are underlyings: those of their derivatives are listed that expire
    then and have the strike and side, where these are given.
    """

    expiry: dt.date | None = optional(DayField(), None, 'An expiration, "YYYYMMDD" or "YYYY-MM-DD".')
    strike: Decimal | None = optional(Price(), None, "The strike price of an option, a warrant or a certificate.")
    put_call: str | None = optional(Choice(RIGHTS), None, "The side of an option, a warrant or a certificate.")

    def __post_init__(self) -> None:
        """Refuse what names nothing, and what is too much at once."""
        InstrumentsRequest.__post_init__(self)
        asked = len(self.named) + len(self.underlyings)
        if asked > self.most:
            raise get_error(f"Ask for at most {self.most} at once, not {asked}.", "instruments")

    @property
    def kind(self) -> str | None:
        """Return the type of what the symbols name; None where each tells its own."""
        is_described = self.expiry is not None or self.strike is not None or self.put_call is not None
        return self.sec_type or (OPTION_TYPE if is_described else None)

    @property
    def underlyings(self) -> tuple[Underlying, ...]:
        """Return whose derivatives are listed: of each symbol that names none of them itself."""
        if self.expiry is None or self.kind not in {OPTION_TYPE, *WARRANT_TYPES}:
            return ()
        expiry = f"{self.expiry:%Y%m%d}"
        plain = [symbol for symbol in self.symbols or () if not OPTION.fullmatch(symbol)]
        return tuple((symbol, self.kind, expiry, self.strike, self.put_call) for symbol in plain)

    def read_symbol(self, symbol: str) -> Instrument | None:
        """Return what a symbol names, with what the request says besides; None for an underlying."""
        if self.kind in NAMED_ALONE:
            return get_instrument(symbol, self.kind)
        is_underlying = any(symbol == underlying[0] for underlying in self.underlyings)
        if is_underlying and (self.kind != OPTION_TYPE or self.strike is None or self.put_call is None):
            return None
        if self.kind == OPTION_TYPE and self.expiry is None and not OPTION.fullmatch(symbol):
            reason = "Needed for OPT, as YYYYMMDD: Tiger lists options by their expiry. Or send identifiers of options."
            raise UnclearInstrument({"expiry": reason})
        instrument = get_instrument(symbol, self.kind, None, self.expiry, self.strike, self.put_call)
        return None if is_underlying else instrument
