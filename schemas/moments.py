"""Moments as clients write them: a date, a date and time, RFC 3339, or epoch milliseconds."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from schemas.fields import get_whole

EARLIEST_MS = 100_000_000_000
"""Of the year 1973: a smaller number is seconds, but for 0, which is the same moment in both."""
LATEST_MS = 7_258_118_399_999
"""The end of the year 2199."""
DAY = dt.timedelta(days=1)
MILLISECOND = dt.timedelta(milliseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LEAP_YEAR = "(?:19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26])|21(?:0[48]|[2468][048]|[13579][26]))"
_LENGTHS = (
    ("0[13578]|1[02]", "0[1-9]|[12][0-9]|3[01]"),
    ("0[469]|11", "0[1-9]|[12][0-9]|30"),
    ("02", "0[1-9]|1[0-9]|2[0-8]"),
)


def _write_day(dash: str) -> str:
    """Return the pattern of the days that exist from 1970 to 2199, so that the API's description can promise it."""
    days = "|".join(f"(?:{months}){dash}(?:{days})" for months, days in _LENGTHS)
    return f"(?:(?:19[7-9]|2[01][0-9])[0-9]{dash}(?:{days})|{_LEAP_YEAR}{dash}02{dash}29)"


DAY_PATTERN = _write_day("-")
ANY_DAY_PATTERN = f"{DAY_PATTERN}|{_write_day('')}"
TIME_PATTERN = (
    DAY_PATTERN + r"[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)
FORMS = (
    'Write a date such as "2025-10-29", "2025-10-29 16:00:00", RFC 3339 such as "2025-10-29T16:00:00-04:00", '
    "or epoch milliseconds."
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a client wrote: a whole day, or a time that may or may not name its zone."""

    value: dt.datetime
    is_day: bool

    def start_ms(self, zone: dt.tzinfo) -> int:
        """Return the first millisecond meant, in epoch milliseconds; ``zone`` counts where none was written."""
        return _to_ms(self._aware(self.value, zone))

    def end_ms(self, zone: dt.tzinfo) -> int:
        """Return the last millisecond meant: of a day, its last."""
        if self.is_day:
            return _to_ms(self._aware(self.value + DAY, zone)) - 1
        return self.start_ms(zone)

    def date(self, zone: dt.tzinfo) -> dt.date:
        """Return the calendar day meant, as ``zone`` counts days."""
        return self.value.date() if self.value.tzinfo is None else self.value.astimezone(zone).date()

    @staticmethod
    def _aware(value: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
        return value if value.tzinfo else value.replace(tzinfo=zone)


class MomentField(fields.Field[Moment]):
    """Read a moment in any of the documented forms."""

    default_error_messages = {"invalid": FORMS}  # noqa: RUF012 - marshmallow declares it so.

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Moment:  # noqa: ARG002
        try:
            return _read(value)
        except (ValueError, TypeError) as error:
            raise self.make_error("invalid") from error


class DayField(fields.Field[dt.date]):
    """Read a day, written as YYYYMMDD or YYYY-MM-DD; a number of these eight digits is understood."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.date:  # noqa: ARG002
        number = get_whole(value)
        written = value.strip() if isinstance(value, str) else str(number)
        if not re.fullmatch(ANY_DAY_PATTERN, written):
            raise ValidationError('Write a day that exists, such as "20251219".')
        return dt.date.fromisoformat(written)


def _read(value: Any) -> Moment:
    number = get_whole(value)
    if number is not None:
        if 0 < number < EARLIEST_MS:
            raise ValidationError("Write epoch milliseconds: this number looks like seconds.")
        if not 0 <= number <= LATEST_MS:
            raise ValueError
        return Moment(EPOCH + number * MILLISECOND, is_day=False)
    if not isinstance(value, str):
        raise TypeError
    written = value.strip().upper()
    is_day = re.fullmatch(ANY_DAY_PATTERN, written) is not None
    if not is_day and not re.fullmatch(TIME_PATTERN, written):
        raise ValueError
    return Moment(dt.datetime.fromisoformat(written), is_day=is_day)


def _to_ms(moment: dt.datetime) -> int:
    # A zone may put the first day before the epoch.
    return max(0, (moment - EPOCH) // MILLISECOND)
