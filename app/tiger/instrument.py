"""Something traded, as one value, and what every answer says about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from app.tiger.symbols import MARKET_ZONES, UNDERLYING_LENGTH, get_market

STOCK: Final = "STK"
OPTION_TYPE: Final = "OPT"
FUTURE: Final = "FUT"
COIN: Final = "CC"
SECURITY_TYPES: Final = (STOCK, OPTION_TYPE, FUTURE, "WAR", "IOPT", "FUND", COIN)
DERIVATIVE_TYPES: Final = frozenset({OPTION_TYPE, FUTURE, "WAR", "IOPT"})
TOLD_BY_SYMBOL: Final = frozenset({STOCK, OPTION_TYPE, "WAR", "IOPT"})
"""Types of which the symbol tells the market; the code of a future, a fund or a coin looks like a US stock."""
RIGHTS: Final = ("PUT", "CALL")
STRIKE_DECIMALS: Final = 3
STRIKE_LIMIT: Final = Decimal(100_000)
CENTURY: Final = "20"
"""An identifier has two digits for the year and eight for the strike, three of them behind the point [OCC]."""
WHAT_IDENTIFIES: Final = (
    "Send a symbol with its sec_type (STK where it is left out), such as AAPL; of an option the symbol with expiry, "
    "strike and put_call, or its identifier, such as AAPL251219C00150000; of a future its contract code, such as "
    "ES2603 or ESmain; of a warrant, a fund or a digital asset its code with sec_type WAR, IOPT, FUND or CC."
)


class UnclearInstrument(ValueError):
    """What was sent identifies nothing, or two things; ``details`` says by field what would."""

    def __init__(self, details: Mapping[str, str]) -> None:
        super().__init__(" ".join(details.values()))
        self.details = dict(details)


@dataclass(frozen=True, slots=True)
class Instrument:
    """Something traded; ``symbol`` is as Tiger writes it: an option's underlying, else the code itself.

    Of an option all members are set, of everything else the first two alone. Raises ``UnclearInstrument`` where an
    option could not be written as an identifier.
    """

    symbol: str
    sec_type: str = STOCK
    expiry: date | None = None
    strike: Decimal | None = None
    put_call: str | None = None

    def __post_init__(self) -> None:
        parts = {"expiry": self.expiry, "strike": self.strike, "put_call": self.put_call}
        if self.sec_type == OPTION_TYPE:
            _check_option(self)
        elif sent := [name for name, part in parts.items() if part is not None]:
            reason = f"Leave it out: {self.symbol} says all about a {self.sec_type}; it belongs to options."
            raise UnclearInstrument(dict.fromkeys(sent, reason))

    @property
    def identifier(self) -> str:
        """Return the one name that says it all: of an option 21 characters [OCC], else the symbol."""
        if self.expiry is None or self.strike is None or self.put_call is None:
            return self.symbol
        strike = int(self.strike.scaleb(STRIKE_DECIMALS))
        return f"{self.symbol:<{UNDERLYING_LENGTH}}{self.expiry:%y%m%d}{self.put_call[0]}{strike:08}"

    @property
    def market(self) -> str | None:
        """Return the market, which of an option is its underlying's; None where a code does not tell it."""
        return get_market(self.symbol) if self.sec_type in TOLD_BY_SYMBOL else None

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which dates about it are read; New York's where a code does not tell the market."""
        return MARKET_ZONES[self.market or "US"]

    @property
    def expiry_text(self) -> str | None:
        """Return the expiration as Tiger writes it, YYYYMMDD."""
        return f"{self.expiry:%Y%m%d}" if self.expiry else None


def get_members(
    instrument: Instrument, *, market: str | None = None, currency: str | None = None, multiplier: float | None = None
) -> dict[str, str | float | None]:
    """Return what every answer says about its instrument; what only Tiger knows is given by name, None where unknown.

    Of a derivative there are ``expiry`` (YYYYMMDD), ``strike``, ``put_call`` and ``multiplier``, too.
    """
    members: dict[str, str | float | None] = {
        "symbol": instrument.symbol,
        "sec_type": instrument.sec_type,
        "identifier": instrument.identifier,
        "market": market or instrument.market,
        "currency": currency,
    }
    if instrument.sec_type in DERIVATIVE_TYPES:
        strike = instrument.strike
        written = strike if strike is None else int(strike) if strike == int(strike) else float(strike)
        expiry, put_call = instrument.expiry_text, instrument.put_call
        members |= {"expiry": expiry, "strike": written, "put_call": put_call, "multiplier": multiplier}
    return members


def _check_option(option: Instrument) -> None:
    if not re.fullmatch(rf"[A-Z0-9.]{{1,{UNDERLYING_LENGTH}}}", option.symbol):
        refuse("symbol", f"No option has an underlying that is written {option.symbol}.")
    if option.expiry is None or option.strike is None or option.put_call not in RIGHTS:
        refuse("symbol", WHAT_IDENTIFIES)
    if not option.expiry.isoformat().startswith(CENTURY):
        refuse("expiry", "Options expire between 2000 and 2099.")
    thousandths = option.strike.scaleb(STRIKE_DECIMALS)
    if not 0 < option.strike < STRIKE_LIMIT or thousandths != int(thousandths):
        refuse("strike", f"Strikes are above 0 and below {STRIKE_LIMIT}, with at most {STRIKE_DECIMALS} decimals.")


def refuse(name: str, reason: str) -> NoReturn:
    """Refuse one field."""
    raise UnclearInstrument({name: reason})
