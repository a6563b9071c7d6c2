"""Moments as clients write them: a date, a date and time, RFC 3339, or epoch milliseconds."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

EARLIEST_MS = 0
LATEST_MS = 7_258_118_400_000  # the year 2200
DAY = dt.timedelta(days=1)
MILLISECOND = dt.timedelta(milliseconds=1)
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
            moment = _read(value)
            # Any zone moves a moment by less than a day: outside this range nothing can be meant.
            ms = moment.start_ms(dt.UTC)
        except (ValueError, OverflowError, TypeError, OSError) as error:
            raise self.make_error("invalid") from error
        if not EARLIEST_MS <= ms <= LATEST_MS:
            raise ValidationError("Write a moment between 1970 and 2200.")
        return moment


def _read(value: Any) -> Moment:
    if isinstance(value, int) and not isinstance(value, bool):
        return Moment(dt.datetime.fromtimestamp(value / 1_000, dt.UTC), is_day=False)
    if not isinstance(value, str):
        raise TypeError
    written = value.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{8}", written):
        return Moment(dt.datetime.fromisoformat(written), is_day=True)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", written):
        raise ValueError
    return Moment(dt.datetime.fromisoformat(written), is_day=False)


def _to_ms(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // MILLISECOND
