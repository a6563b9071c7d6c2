"""The table of limits: what each is called, measured in, needs to know, and is checked by; all else follows from it.

The options of the commands, the fields of requests and answers and the table of the docs are made of these rows.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from app.risk.limits import checks
from app.tiger.symbols import get_symbol

CURRENCIES: Final = ("USD", "HKD", "CNH", "CNY", "SGD", "AUD", "NZD", "EUR", "GBP", "JPY", "CAD", "CHF")
MOST: Final = Decimal(10) ** 15
MOST_WORDS: Final = 500
SYMBOL_CHARACTERS: Final = 40


class Unit(enum.StrEnum):
    """What a limit is measured in: an amount of money in the owner's currency, or what the word says."""

    AMOUNT = "amount"
    QUANTITY = "quantity"
    ORDERS = "orders"
    PERCENT = "percent"
    WORDS = "words"
    CHOICE = "choice"
    SWITCH = "switch"


class LimitInput(enum.StrEnum):
    """What has to be read before a limit can be checked, each known for no longer than the docs say."""

    VALUE = "value"
    """The dearest price of each instrument where no limit price bounds it, and its contract."""
    WORTH = "worth"
    """The dearest price of each instrument in any case."""
    RATES = "rates"
    HOLDINGS = "holdings"
    """Positions, open orders, and what was sent since they were read."""
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit; ``words`` are all that it may name. ``used`` tells how much of it is used up, without any order."""

    name: str
    unit: Unit
    needs: frozenset[LimitInput]
    check: checks.Check
    help: str
    words: tuple[str, ...] = ()
    used: checks.Used | None = None

    @property
    def option(self) -> str:
        """Return the option of the commands."""
        return "--" + self.name.replace("_", "-")


def _of(*needs: LimitInput) -> frozenset[LimitInput]:
    return frozenset(needs)


_VALUE: Final = _of(LimitInput.VALUE, LimitInput.RATES)
_WORTH: Final = _of(LimitInput.WORTH, LimitInput.RATES, LimitInput.HOLDINGS)
_TYPES: Final = ("STK", "OPT", "FUT", "WAR", "IOPT", "FUND", "CC")

_ROWS: Final = (
    Limit("max_order_value", Unit.AMOUNT, _VALUE, checks.check_order_value, "Most that a single order may be worth."),
    Limit(
        "max_order_quantity",
        Unit.QUANTITY,
        _of(LimitInput.VALUE),
        checks.check_order_quantity,
        "Largest quantity of an order.",
    ),
    Limit(
        "max_position_value",
        Unit.AMOUNT,
        _WORTH,
        checks.check_position_value,
        "Most that a position may be worth with all open orders filled that enlarge it; reductions pass.",
    ),
    Limit(
        "max_open_orders",
        Unit.ORDERS,
        _of(LimitInput.HOLDINGS),
        checks.check_open_orders,
        "Most orders that may be open at a time; of a key those that it placed in the account.",
        used=checks.count_open_orders,
    ),
    Limit(
        "orders_per_minute",
        Unit.ORDERS,
        _of(),
        checks.check_orders_per_minute,
        "Most orders in any 60 seconds.",
        used=checks.count_minute,
    ),
    Limit(
        "orders_per_day",
        Unit.ORDERS,
        _of(),
        checks.check_orders_per_day,
        "Most orders in a day of gateway.timezone.",
        used=checks.count_day,
    ),
    Limit(
        "value_per_day",
        Unit.AMOUNT,
        _VALUE,
        checks.check_value_per_day,
        "Most that the orders of a day may be worth together.",
        used=checks.add_up_day,
    ),
    Limit(
        "max_daily_loss",
        Unit.AMOUNT,
        _of(LimitInput.LOSS, LimitInput.RATES, LimitInput.HOLDINGS),
        checks.check_daily_loss,
        "Loss of the account today, realised or not, from which on only reductions pass.",
        used=checks.get_loss,
    ),
    Limit(
        "price_band",
        Unit.PERCENT,
        _of(LimitInput.WORTH),
        checks.check_price_band,
        "Most percent that a limit or stop price may be away from the last price.",
    ),
    Limit("symbols", Unit.WORDS, _of(), checks.check_symbols, "The only symbols that may be ordered."),
    Limit("sec_types", Unit.WORDS, _of(), checks.check_sec_types, "The only types that may be ordered.", _TYPES),
    Limit("sides", Unit.WORDS, _of(), checks.check_sides, "The only sides that orders may have.", ("BUY", "SELL")),
    Limit(
        "hours",
        Unit.CHOICE,
        _of(),
        checks.check_hours,
        "regular: refuse what may be filled outside of regular trading hours.",
        ("regular",),
    ),
    Limit(
        "reduce_only",
        Unit.SWITCH,
        _of(LimitInput.HOLDINGS),
        checks.check_reduce_only,
        "Let pass only what reduces a position.",
    ),
)
LIMITS: Final[Mapping[str, Limit]] = MappingProxyType({limit.name: limit for limit in _ROWS})
"""Name → the limit."""


class WrongLimit(ValueError):
    """What was said is no value of the limit; the text says what would be."""


def read_value(limit: Limit, said: Any) -> Any:
    """Return the value of a limit as it is checked: a Decimal, a tuple of words, a word, or True.

    Raises:
        WrongLimit: It is none.
    """
    match limit.unit:
        case Unit.WORDS:
            return _read_words(limit, said)
        case Unit.CHOICE:
            if said not in limit.words:
                raise WrongLimit(f"Send {' or '.join(limit.words)}.")
            return said
        case Unit.SWITCH:
            if said is not True:
                raise WrongLimit("Send true, or null to end it.")
            return True
        case _:
            return _read_figure(limit, said)


def write_value(value: Any) -> Any:
    """Return a value as JSON keeps it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return list(value) if isinstance(value, tuple) else value


def _read_figure(limit: Limit, said: Any) -> Decimal:
    try:
        value = None if isinstance(said, bool) else Decimal(str(said))
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not 0 <= value <= MOST:
        raise WrongLimit(f"Send a number from 0 to {MOST:f}.")
    if limit.unit is Unit.ORDERS and value != value.to_integral_value():
        raise WrongLimit("Send a whole number.")
    return value


def _read_words(limit: Limit, said: Any) -> tuple[str, ...]:
    every = said.split(",") if isinstance(said, str) else said
    if not isinstance(every, (list, tuple)) or not all(isinstance(word, str) for word in every):
        raise WrongLimit("Send a list of words.")
    spell = str.upper if limit.words else get_symbol
    words = tuple(sorted({spell(word.strip()) for word in every if word.strip()}))
    if not words or len(words) > MOST_WORDS or any(len(word) > SYMBOL_CHARACTERS for word in words):
        raise WrongLimit(f"Send 1 to {MOST_WORDS} words of at most {SYMBOL_CHARACTERS} characters.")
    if limit.words and (others := [word for word in words if word not in limit.words]):
        raise WrongLimit(f"{others[0]} is none of {', '.join(limit.words)}.")
    return words
