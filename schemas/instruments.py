"""Name instruments in requests: one of them, or several."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from app.tiger.identification import get_instrument
from app.tiger.instrument import (
    OPTION_TYPE,
    RIGHTS,
    SECURITY_TYPES,
    STOCK,
    WHAT_IDENTIFIES,
    Instrument,
    UnclearInstrument,
)
from app.tiger.vocabulary import REGULAR
from schemas.fields import LONGEST_LIST, Choice, Price, Symbol, Symbols
from schemas.moments import DayField
from schemas.requests import get_error, get_part_schema, optional

MOST_INSTRUMENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRequest:
    """What every request has that is about one instrument; a subclass with a check of its own calls ours first."""

    symbol: str | None = optional(
        Symbol(),
        None,
        "A symbol, such as AAPL, BRK.B or 00700; of an option its underlying or its identifier; the contract code of a "
        "future, such as ES2603; the code of a warrant, a fund or a digital asset.",
    )
    sec_type: str | None = optional(
        Choice(SECURITY_TYPES),
        None,
        "The kind of instrument. Left out: an option where it is described as one, a future where the symbol is a "
        "contract code, else a stock (STK).",
    )
    identifier: str | None = optional(
        Symbol(),
        None,
        "In place of the symbol: of an option its 21 characters, also without the spaces among them.",
        example="AAPL251219C00150000",
    )
    expiry: dt.date | None = optional(
        DayField(), None, 'The expiration of an option, "YYYYMMDD" or "YYYY-MM-DD".', example="20251219"
    )
    strike: Decimal | None = optional(Price(), None, "The strike price of an option.")
    put_call: str | None = optional(Choice(RIGHTS), None, "The side of an option.")

    def __post_init__(self) -> None:
        """Refuse what identifies nothing, or two things."""
        try:
            _ = self.instrument
        except UnclearInstrument as error:
            raise ValidationError({name: [reason] for name, reason in error.details.items()}) from error

    @property
    def instrument(self) -> Instrument:
        """Return what the request is about."""
        return get_instrument(self.symbol, self.sec_type, self.identifier, self.expiry, self.strike, self.put_call)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradedInstrumentRequest(InstrumentRequest):
    """What every request has that is about trading one instrument, which has to have the name that orders bear."""

    def __post_init__(self) -> None:
        """Refuse an option of Hong Kong that is named by its stock: an order that was sent is known by its name."""
        InstrumentRequest.__post_init__(self)
        instrument = self.instrument
        if instrument.sec_type == OPTION_TYPE and instrument.symbol.isdigit():
            reason = "Send the name that option-chain has in the identifier: options of 00700 are called TCH.HK."
            raise get_error(reason, "symbol" if self.symbol else "identifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInstrument(InstrumentRequest):
    """An instrument, by a symbol and its type, by an identifier, or by what describes an option."""


class Instruments(fields.Field[Sequence[Instrument]]):
    """A list of objects, each of which identifies an instrument; how many there may be is for the request to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = fields.Nested(get_part_schema(NamedInstrument))
        self._list = fields.List(self.inner)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[Instrument]:  # noqa: ARG002
        if isinstance(value, list) and not 1 <= len(value) <= LONGEST_LIST:
            raise ValidationError(f"Send 1 to {MOST_INSTRUMENTS} instruments, or leave the field out.")
        return tuple(dict.fromkeys(named.instrument for named in self._list.deserialize(value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentsRequest:
    """What every request has that is about several instruments: up to ``most`` symbols and instruments together."""

    most: ClassVar[int] = MOST_INSTRUMENTS

    symbols: Sequence[str] | None = optional(Symbols(MOST_INSTRUMENTS), None)
    sec_type: str | None = optional(Choice(SECURITY_TYPES), None, "The kind of what is named in symbols.")
    instruments: Sequence[Instrument] | None = optional(
        Instruments(),
        None,
        "Instruments of any kind, each named as the endpoints about one do.",
        example=[{"symbol": "AAPL"}, {"identifier": "AAPL251219C00150000"}, {"symbol": "ESmain", "sec_type": "FUT"}],
    )

    def __post_init__(self) -> None:
        """Refuse an empty list, one that is too long, and a symbol that identifies nothing."""
        if not self.symbols and not self.instruments:
            raise get_error(f"{WHAT_IDENTIFIES} Several stand in symbols, or as objects in instruments.", "symbols")
        named = self.named
        if len(named) > self.most:
            raise get_error(f"Ask for at most {self.most} instruments at once, not {len(named)}.", "instruments")

    @property
    def named(self) -> tuple[Instrument, ...]:
        """Return what the request is about, each once, in the order in which it was sent."""
        found = []
        for place, symbol in enumerate(self.symbols or ()):
            try:
                found.append(self.read_symbol(symbol))
            except UnclearInstrument as error:
                own = {item.name for item in dataclasses.fields(self)}
                raise ValidationError(
                    {name: [reason] for name, reason in error.details.items() if name in own}
                    or {"symbols": {place: [*error.details.values()]}}
                ) from error
        known = [instrument for instrument in found if instrument is not None]
        return tuple(dict.fromkeys([*known, *(self.instruments or ())]))

    def read_symbol(self, symbol: str) -> Instrument | None:
        """Return what a symbol names; None where it names no instrument of its own."""
        return get_instrument(symbol, self.sec_type)


def refuse_other_sessions(request: InstrumentRequest, sessions: Sequence[str], field: str) -> None:
    """Refuse sessions beside the regular one of what trades in no other."""
    instrument = request.instrument
    trades_longer = instrument.sec_type == STOCK and instrument.market == "US"
    if not trades_longer and any(session != REGULAR for session in sessions):
        reason = f"Send {REGULAR}, or leave it out: only United States stocks trade in other sessions."
        raise get_error(reason, field)
