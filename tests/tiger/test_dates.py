"""Days are those of the exchange, in questions and in answers."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.tiger.wire.dates import get_day, get_day_end_ms, get_day_start_ms, get_day_text, get_symbols_by_market

NEW_YORK = ZoneInfo("America/New_York")
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def test_a_day_starts_when_it_does_at_the_exchange() -> None:
    assert get_day_start_ms(date(2026, 1, 1), NEW_YORK) == 1_767_243_600_000
    assert get_day_start_ms(date(2026, 1, 1), HONG_KONG) == 1_767_196_800_000


def test_a_day_that_gains_an_hour_ends_an_hour_later() -> None:
    day = date(2026, 11, 1)

    assert get_day_end_ms(day, NEW_YORK) - get_day_start_ms(day, NEW_YORK) == 25 * 3_600_000 - 1


@pytest.mark.parametrize(
    "sent", ["2026-09-30", "2026-09-30 16:00:00", " 20260930 ", 20260930, 1_790_740_800_000, "1790740800000"]
)
def test_a_day_is_read_however_it_is_written(sent: Any) -> None:
    assert get_day(sent, NEW_YORK) == date(2026, 9, 30)


@pytest.mark.parametrize("sent", [None, "", 0, "soon", "2026-13-45", [], {}, float("nan"), True, 10**19])
def test_what_is_no_day_is_none(sent: Any) -> None:
    assert get_day(sent, NEW_YORK) is None


def test_a_day_that_cannot_be_read_is_passed_on_as_it_came() -> None:
    assert get_day_text("Q3/2026", NEW_YORK) == "Q3/2026"


def test_symbols_are_grouped_by_market_each_once() -> None:
    grouped = get_symbols_by_market(["aapl", "700", "AAPL", "600519", "00700"])

    assert grouped == {"US": ["AAPL"], "HK": ["00700"], "CN": ["600519"]}
