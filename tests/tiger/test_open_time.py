"""Tiger writes the next opening without a year."""

from datetime import UTC, datetime

import pytest

from app.tiger.market.market_status import get_open_time

AUTUMN = datetime(2026, 11, 22, 12, tzinfo=UTC)
LAST_DAY = datetime(2026, 12, 31, 22, tzinfo=UTC)
FIRST_DAY = datetime(2027, 1, 1, 3, tzinfo=UTC)
LEAP_DAY = datetime(2028, 2, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "market", "now", "expected"),
    [
        ("11-23 09:30:00 EST", "US", AUTUMN, "2026-11-23T09:30:00-05:00"),
        ("08-12 09:30:00 EDT", "US", AUTUMN, "2026-08-12T09:30:00-04:00"),
        ("01-04 09:30:00 EST", "US", LAST_DAY, "2027-01-04T09:30:00-05:00"),
        ("12-31 09:30:00 EST", "US", FIRST_DAY, "2026-12-31T09:30:00-05:00"),
        ("01-04 09:30:00", "HK", LAST_DAY, "2027-01-04T09:30:00+08:00"),
        ("02-29 09:30:00", "HK", LEAP_DAY, "2028-02-29T09:30:00+08:00"),
        ("2026-11-23 09:30:00", "CN", AUTUMN, "2026-11-23T09:30:00+08:00"),
    ],
)
def test_the_opening_gets_the_year_that_is_nearest(written: str, market: str, now: datetime, expected: str) -> None:
    assert get_open_time(written, market, now) == expected


@pytest.mark.parametrize(
    ("written", "market"),
    [(None, "US"), ("", "US"), ("soon", "US"), ("13-45 09:30:00", "US"), ("01-04 09:30:00", "XX")],
)
def test_an_opening_that_cannot_be_told_is_null(written: str | None, market: str) -> None:
    assert get_open_time(written, market, AUTUMN) is None
