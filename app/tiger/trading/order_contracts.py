"""What an order trades, as far as the order says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.tiger.instrument import FUTURE, OPTION_TYPE, SECURITY_TYPES, Instrument
from app.tiger.symbols import get_symbol_of
from app.tiger.trading.narrowing import get_side
from app.tiger.wire.values import decimal, identifier, text


@dataclass(frozen=True, slots=True)
class OrderContract:
    """What an order trades, as far as the order says."""

    symbol: str | None
    sec_type: str | None
    market: str | None
    currency: str | None
    exchange: str | None
    local_symbol: str | None
    identifier: str | None
    expiry: str | None
    strike: Decimal | None
    put_call: str | None
    multiplier: Decimal | None
    name: str | None

    @property
    def instrument(self) -> Instrument | None:
        """Return what is traded, None where the order does not say it, or trades a combination."""
        if self.symbol is None or self.sec_type not in SECURITY_TYPES:
            return None
        try:
            if self.sec_type != OPTION_TYPE:
                # Tiger's pushed orders name a future's product as the symbol, and its month in the identifier.
                name = self.identifier if self.sec_type == FUTURE and self.identifier else self.symbol
                return Instrument(get_symbol_of(self.sec_type, name), self.sec_type)
            expiry = None if self.expiry is None else date.fromisoformat(self.expiry)
            return Instrument(self.symbol, self.sec_type, expiry, self.strike, self.put_call)
        except ValueError:
            return None


def get_order_contract(item: Mapping[str, Any]) -> OrderContract:
    """Decode the flat contract fields of an order object."""
    return OrderContract(
        symbol=text(item.get("symbol")),
        sec_type=text(item.get("secType")),
        market=text(item.get("market")),
        currency=text(item.get("currency")),
        exchange=text(item.get("exchange")),
        local_symbol=text(item.get("localSymbol")),
        identifier=text(item.get("identifier")),
        expiry=identifier(item.get("expiry")),
        strike=decimal(item.get("strike")),
        put_call=get_side(text(item.get("secType")), item.get("right")),
        multiplier=decimal(item.get("multiplier")),
        name=text(item.get("name")),
    )
