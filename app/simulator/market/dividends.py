"""What listings pay, and when it goes ex: the corporate actions and the accounts tell of the same payments."""

from collections.abc import Iterator
from datetime import date

from app.simulator.market.calendars import calendar_of
from app.simulator.market.events import DIVIDENDS
from app.simulator.market.instruments import Instrument
from app.simulator.market.noise import seed_of, uniform

_BASE_YEAR = 2025
_MONTHS_OF_QUARTER = 3


def list_dividends(instrument: Instrument, first_year: int, last_year: int) -> Iterator[tuple[date, float]]:
    """Yield the ex-dates of some years, oldest first, each with what one share pays."""
    habit = DIVIDENDS.get(instrument.symbol)
    if habit is None:
        return
    calendar = calendar_of(instrument.market)
    day = 5 + int(15 * uniform(seed_of(instrument.symbol, "ex-date"), 1))
    for year in range(max(instrument.listed_on.year, calendar.dates[0].year, first_year), last_year + 1):
        for month in habit.months:
            ex_date = calendar.dates[calendar.index_from(date(year, month, day))]
            if ex_date >= instrument.listed_on:
                yield ex_date, round(habit.amount * habit.growth ** (year - _BASE_YEAR), 4)


def get_paid(instrument: Instrument, ends_on: date, quarters: int) -> float:
    """Return what one share paid in so many quarters, the last of which ends on a month's last day."""
    months = ends_on.year * 12 + ends_on.month - _MONTHS_OF_QUARTER * quarters
    payments = list_dividends(instrument, ends_on.year - 1, ends_on.year)
    return sum(amount for on, amount in payments if on <= ends_on and on.year * 12 + on.month > months)
