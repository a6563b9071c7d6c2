"""The fields that requests share. They are strict: a wrong type is refused, never converted."""

import re
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.tiger.identification import get_instrument
from app.tiger.instrument import STOCK, UnclearInstrument
from app.tiger.symbols import CONTINUOUS, FUND, get_market, get_symbol

LARGEST = Decimal(10) ** 12
LARGEST_FIGURE = Decimal(10) ** 18
MOST_DECIMALS = 10
LEAST = Decimal(1).scaleb(-MOST_DECIMALS)
MOST_DIGITS = 20
LONGEST_LIST = 1_000
"""So many entries are read where repeated ones count once."""
UNPRINTABLE = r"\u0000-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
"""Control characters, marks that show nothing, and all spaces but the plain one."""
PRINTABLE_TEXT = rf"[^{UNPRINTABLE}]*[^ {UNPRINTABLE}][^{UNPRINTABLE}]*"


class Text(fields.String):
    """A non-empty string of printable characters, trimmed."""

    def __init__(self, *, longest: int = 100, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        # First: what follows takes the longer the more there is.
        if len(written) > self.longest:
            raise ValidationError(f"Send at most {self.longest} characters.")
        if not re.fullmatch(PRINTABLE_TEXT, written) or re.search("[\ud800-\udfff]", written):
            raise ValidationError("Send printable characters, at least one.")
        return written.strip()


class Symbol(Text):
    """A symbol: trimmed, upper case, Hong Kong codes with five digits, continuous futures as Tiger writes them."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"description": "A symbol, such as AAPL, BRK.B or 00700.", "example": "AAPL"}
        super().__init__(longest=32, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        symbol = get_symbol(super()._deserialize(value, attr, data, **kwargs))
        if not re.fullmatch(rf"[A-Z0-9.^][A-Z0-9 ./^-]*(?:{CONTINUOUS})?", symbol):
            raise ValidationError("Send a symbol such as AAPL, BRK.B or 00700.")
        return symbol


class Stock(Symbol):
    """The symbol of a stock, of some markets where these are named."""

    def __init__(self, markets: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.markets = markets

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        symbol = super()._deserialize(value, attr, data, **kwargs)
        if not is_stock(symbol) or (self.markets and get_market(symbol) not in self.markets):
            where = f" of {' or '.join(self.markets)}" if self.markets else ""
            raise ValidationError(f"Send a stock{where}: Tiger does not answer this for {symbol}.")
        return symbol


class Choice(fields.String):
    """One of a few words, in any case."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        self._known = {choice.lower(): choice for choice in self.choices}
        super().__init__(
            validate=validate.OneOf(self.choices, error=f"Send one of {', '.join(self.choices)}."), **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        # Beyond ASCII there are letters whose lower case is that of another one.
        return self._known.get(written.strip().lower(), written) if written.isascii() else written


class Flag(fields.Field[bool]):
    """A JSON boolean."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ValidationError("Send true or false.")
        return value


def is_stock(symbol: str) -> bool:
    """Tell whether a symbol may be a stock's or an index's: no option's, future's, fund's or coin's."""
    try:
        is_listed = get_instrument(symbol).sec_type == STOCK
    except UnclearInstrument:
        return False
    return is_listed and not FUND.fullmatch(symbol) and "/" not in symbol


def get_whole(value: Any) -> int | None:
    """Return a whole number, written as 10, 10.0 or 1E1, or None."""
    if isinstance(value, Decimal) and value.adjusted() < MOST_DIGITS and value == int(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class Whole(fields.Field[int]):
    """A whole number within bounds (inclusive)."""

    def __init__(self, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum = minimum, maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        whole = get_whole(value)
        if whole is None or not self.minimum <= whole <= self.maximum:
            raise ValidationError(f"Send a whole number from {self.minimum} to {self.maximum}.")
        return whole


class Positive(fields.Field[Decimal]):
    """A number above zero, as an exact decimal: a price or a quantity."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:  # noqa: ARG002
        if isinstance(value, int) and not isinstance(value, bool) and value <= LARGEST:
            value = Decimal(value)
        if not isinstance(value, Decimal) or not 0 < value <= LARGEST:
            raise ValidationError("Send a number above 0 (no string), at most 10^12.")
        self.check_digits(value)
        # 175, 175.0 and 1.75E2 are the same number and must look the same from here on.
        return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()

    def check_digits(self, value: Decimal) -> None:
        """Refuse more decimals than anything is counted in, with the nearest number that has fewer."""
        nearest = round(value, MOST_DECIMALS)
        if value != nearest:
            near = f": the nearest number is {nearest.normalize():f}" if nearest else ""
            raise ValidationError(f"Send at most {MOST_DECIMALS} decimals{near}.")


class Price(Positive):
    """A price; the dust of binary arithmetic (0.1 + 0.2) passes, so that who knows the steps names the nearest ones."""

    def check_digits(self, value: Decimal) -> None:
        """Refuse what no float prints as."""
        if Decimal(repr(float(value))) != value:
            super().check_digits(value)


class Figure(fields.Field[Decimal]):
    """A number of either sign, as an exact decimal: an end of a range."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:  # noqa: ARG002
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if not isinstance(value, Decimal) or abs(value) > LARGEST_FIGURE:
            raise ValidationError("Send a number (no string), at most 10^18.")
        return value


class Premium(Price):
    """The price of a combination, which is below zero where it brings money."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not is_number or abs(value) > LARGEST:
            raise ValidationError("Send a number (no string), at most 10^12.")
        if value <= 0:
            return -super()._deserialize(-value, attr, data, **kwargs) if value else Decimal(0)
        return super()._deserialize(value, attr, data, **kwargs)


class Listed(fields.Field[Sequence[str]]):
    """A list of strings, each read by the same field; a repeated one counts once."""

    def __init__(self, inner: fields.Field[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner
        self._list = fields.List(inner)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[str]:  # noqa: ARG002
        return tuple(dict.fromkeys(self._list.deserialize(value)))


class Symbols(Listed):
    """One to ``most`` symbols."""

    def __init__(self, most: int = 50, *, each: Symbol | None = None, **kwargs: Any) -> None:
        self.most = most
        metadata = {"description": f"1 to {most} symbols; a repeated one counts once.", "example": ["AAPL", "00700"]}
        super().__init__(each or Symbol(), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[str]:
        entries = value if isinstance(value, list) and len(value) <= LONGEST_LIST else []
        symbols = super()._deserialize(entries, attr, data, **kwargs)
        if not 1 <= len(symbols) <= self.most:
            raise ValidationError(f"Send 1 to {self.most} symbols.")
        return symbols


class Stocks(Symbols):
    """One to ``most`` symbols of stocks, of some markets where these are named."""

    def __init__(self, most: int = 50, markets: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(most, each=Stock(markets), **kwargs)


class Funds(Symbols):
    """One to ``most`` symbols of mutual funds."""

    def __init__(self, most: int = 50, **kwargs: Any) -> None:
        super().__init__(most, **kwargs)
        self.metadata = {
            "description": f"1 to {most} funds, each by its international number and its currency.",
            "example": ["IE00B464Q616.USD"],
        }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[str]:
        symbols = super()._deserialize(value, attr, data, **kwargs)
        if others := [symbol for symbol in symbols if not FUND.fullmatch(symbol)]:
            raise ValidationError(f"Send funds, such as IE00B464Q616.USD: {', '.join(others)} is none.")
        return symbols


class Words(Listed):
    """Words out of a vocabulary."""

    def __init__(self, vocabulary: Collection[str], **kwargs: Any) -> None:
        super().__init__(Choice(sorted(vocabulary)), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sequence[str]:
        if isinstance(value, list) and not value:
            raise ValidationError("Send at least one name, or leave the field out.")
        return super()._deserialize(value, attr, data, **kwargs)
