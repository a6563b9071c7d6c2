"""Read which options a request is about."""

from decimal import Decimal, InvalidOperation
from typing import Any

from app.simulator.market.exchange import Exchange
from app.simulator.market.options import OptionContract, Options
from app.simulator.methods.requests import checked_symbol, missing, read_moment, refused

MOST_CONTRACTS = 30
_RIGHTS = {"C": "CALL", "CALL": "CALL", "P": "PUT", "PUT": "PUT"}


class OptionReader:
    """Find the options that a request names by class, expiry (epoch milliseconds), strike and right."""

    def __init__(self, exchange: Exchange, options: Options) -> None:
        self._exchange = exchange
        self._options = options

    def contract(self, basic: dict[str, Any]) -> OptionContract | None:
        """Return the option that is named, None when it is not listed; raises when a part of its name is missing."""
        symbol, expiry = self.class_and_expiry(basic)
        for field in ("right", "strike"):
            if not basic.get(field):
                raise missing(field)
        right = _RIGHTS.get(str(basic["right"]).upper())
        if right is None:
            raise refused("right must be CALL or PUT")
        return self._options.contract(symbol, expiry, _read_strike(basic["strike"]), right)

    def class_and_expiry(self, basic: dict[str, Any]) -> tuple[str, str]:
        """Return the class and the expiry (YYYYMMDD) that are named."""
        if not basic.get("symbol"):
            raise missing("symbol")
        symbol = checked_symbol(basic["symbol"])
        instrument = self._options.underlying(symbol)
        calendar = self._exchange.calendar("US" if instrument is None else instrument.market)
        expiry_ms = read_moment(basic.get("expiry"), "expiry", calendar.hours.zone)
        if expiry_ms is None:
            raise missing("expiry")
        return symbol, f"{calendar.local_date(expiry_ms):%Y%m%d}"


def read_basics(value: object, field: str = "option_basic") -> list[dict[str, Any]]:
    """Return the list of options asked for; raises when it is absent, too long or no list of objects."""
    if not value:
        raise missing(field)
    if not isinstance(value, list) or not all(isinstance(basic, dict) for basic in value):
        raise refused(f"{field} must be a list of objects")
    if len(value) > MOST_CONTRACTS:
        raise refused(f"the number of contracts exceeds the limit of {MOST_CONTRACTS}")
    return value


def strike_text(strike: Decimal) -> str:
    """Write a strike as Tiger does: "90.0", "92.5"."""
    return str(float(strike))


def _read_strike(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise refused("field 'strike' is not a number") from None
