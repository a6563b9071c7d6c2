"""Find out which instrument a client means."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from app.tiger.instrument import (
    CENTURY,
    FUTURE,
    OPTION_TYPE,
    RIGHTS,
    STOCK,
    STRIKE_DECIMALS,
    WHAT_IDENTIFIES,
    Instrument,
    UnclearInstrument,
    refuse,
)
from app.tiger.symbols import CONTINUOUS, MOST_READ, OPTION, UNDERLYING_LENGTH, get_symbol, get_symbol_of

FUTURE_CODE: Final = re.compile(rf"(?=[0-9]*[A-Z])[A-Z0-9]+(?:{CONTINUOUS}|[0-9]{{2}}(?:0[1-9]|1[0-2]))")
"""A product and a month, or ``main``: no stock has letters and then four digits in its symbol."""


@lru_cache(maxsize=MOST_READ)
def get_instrument(
    symbol: str | None = None,
    sec_type: str | None = None,
    identifier: str | None = None,
    expiry: date | None = None,
    strike: Decimal | None = None,
    put_call: str | None = None,
) -> Instrument:
    """Return the instrument that a client's words identify; ``put_call`` is "PUT" or "CALL".

    A type that is left out is told by the form of the name: an identifier is an option's, a code such as ES2603 a
    future's, everything else a stock's. What says the same twice is taken.

    Raises:
        UnclearInstrument: They identify nothing, or two things.
    """
    names = {name: get_symbol(written) for name, written in (("symbol", symbol), ("identifier", identifier)) if written}
    parts = {"expiry": expiry, "strike": strike, "put_call": put_call}
    sent = {name: part for name, part in parts.items() if part is not None}
    if not names:
        refuse("symbol", WHAT_IDENTIFIES)
    kind = sec_type or _get_type(names, is_described=bool(sent))
    if kind == OPTION_TYPE:
        return _get_option(names, expiry, strike, put_call)
    for name, written in names.items():
        if OPTION.fullmatch(written):
            refuse("sec_type", f"The {name} {written} is an option's: send OPT, or leave sec_type out.")
    return Instrument(_get_code(kind, names), kind, expiry, strike, put_call)


def _get_type(names: Mapping[str, str], *, is_described: bool) -> str:
    if is_described or any(OPTION.fullmatch(written) for written in names.values()):
        return OPTION_TYPE
    return FUTURE if any(FUTURE_CODE.fullmatch(written) for written in names.values()) else STOCK


def _get_option(
    names: Mapping[str, str], expiry: date | None, strike: Decimal | None, put_call: str | None
) -> Instrument:
    found = {name: _read_identifier(name, written) for name, written in names.items() if OPTION.fullmatch(written)}
    options = list(dict.fromkeys(found.values()))
    if not options:
        if "identifier" in names:
            refuse("identifier", "Write an option's identifier such as AAPL251219C00150000.")
        needed = {"expiry": expiry, "strike": strike, "put_call": put_call}
        if missing := [name for name, part in needed.items() if part is None]:
            raise UnclearInstrument(dict.fromkeys(missing, f"Needed to identify an option of {names['symbol']}."))
        strike = strike if strike is None else _shorten(strike)
        return Instrument(names["symbol"], OPTION_TYPE, expiry, strike, put_call)
    option = options[0]
    if len(options) > 1:
        refuse("identifier", f"It names {options[1].identifier}, and symbol {option.identifier}: send one of them.")
    if names.get("symbol", option.symbol) not in {option.symbol, option.identifier}:
        refuse("symbol", f"It names {names['symbol']}, and identifier an option of {option.symbol}: send one of them.")
    for name, sent, meant in (
        ("expiry", expiry, option.expiry),
        ("strike", strike, option.strike),
        ("put_call", put_call, option.put_call),
    ):
        if sent not in (None, meant):
            refuse(name, f"It is another one than that of {option.identifier}: leave it out, or send {meant}.")
    return option


def _read_identifier(name: str, written: str) -> Instrument:
    """Return the option that an identifier names; ``name`` is the field that it stood in."""
    symbol, rest = written[:UNDERLYING_LENGTH].rstrip(), written[UNDERLYING_LENGTH:]
    day, right, strike = rest[:6], rest[6], rest[7:]
    try:
        expiry = date.fromisoformat(CENTURY + day)
    except ValueError:
        refuse(name, f"No day is called {day}: write year, month and day, two digits each.")
    put_call = next(right_name for right_name in RIGHTS if right_name[0] == right)
    if int(strike) == 0:
        refuse(name, "An option has a strike above 0.")
    return Instrument(symbol, OPTION_TYPE, expiry, _shorten(Decimal(strike).scaleb(-STRIKE_DECIMALS)), put_call)


def _get_code(kind: str, names: Mapping[str, str]) -> str:
    """Return the one code that was sent; the product is no second one beside a future's [orders pushed by Tiger]."""
    codes = {name: get_symbol_of(kind, written) for name, written in names.items()}
    code = codes.get("identifier") or codes["symbol"]
    if codes.get("symbol", code) not in {code, code[: -len(CONTINUOUS)] if kind == FUTURE else code}:
        refuse("identifier", f"It names {code}, and symbol {codes['symbol']}: send one of them.")
    return code


def _shorten(strike: Decimal) -> Decimal:
    """Return the same number as it is always written: 150 for 150.000, 2.01 for 2.010."""
    return strike.quantize(Decimal(1)) if strike == strike.to_integral_value() else strike.normalize()
