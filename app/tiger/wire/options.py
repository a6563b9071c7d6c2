"""Write and read an option as Tiger's quotes name it: underlying, moment of the expiry, strike and side."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from tigeropen.quote.request.model import OptionContractsParams, SingleContractParams

from app.tiger.instrument import OPTION_TYPE, Instrument, UnclearInstrument
from app.tiger.symbols import get_zone
from app.tiger.wire.dates import get_day, get_day_start_ms
from app.tiger.wire.fields import fill
from app.tiger.wire.values import decimal, text

Named = TypeVar("Named", bound=SingleContractParams)


def fill_option(params: Named, option: Instrument, **members: Any) -> Named:
    """Have a part of a question name an option, and return it; the expiry is the day's start in its market's zone.

    The strike is exact: the SDK's own reading of an identifier divides floats (``extract_option_info``).
    """
    expiry = get_day_start_ms(option.expiry or date.min, option.zone)
    named = {"symbol": option.symbol, "expiry": expiry, "strike": float(option.strike or 0)}
    return fill(params, put_call=option.put_call, **named, **members)


def get_basics(options: list[Instrument]) -> OptionContractsParams:
    """Return a question about options of one market, at most 30 [docs]."""
    basics = [fill_option(SingleContractParams(), option) for option in options]
    return fill(OptionContractsParams(), option_basics=basics, market=options[0].market)


def get_option(row: Mapping[str, Any]) -> Instrument | None:
    """Return the option that a row of an answer is about; None where it does not say."""
    symbol, right = text(row.get("symbol")), text(row.get("right"))
    if symbol is None or right is None:
        return None
    expiry, strike = get_day(row.get("expiry"), get_zone(symbol)), decimal(row.get("strike"))
    try:
        return Instrument(symbol, OPTION_TYPE, expiry, strike, right.upper())
    except UnclearInstrument:
        return None


def get_option_identifier(row: Mapping[str, Any]) -> str | None:
    """Return the identifier of the option that a row of an answer is about; None where it does not say."""
    option = get_option(row)
    return None if option is None else option.identifier
