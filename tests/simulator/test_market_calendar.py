"""Trading days, sessions and the state of markets follow the exchanges' clocks."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.simulator.clock import Clock
from app.simulator.market.calendars import calendar_of, easter, holidays, is_half_day
from app.simulator.methods.market import Market
from app.simulator.wire import WireRefusal, WireRequest

NEW_YORK = ZoneInfo("America/New_York")
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def _ms(*at: int, zone: ZoneInfo = NEW_YORK) -> int:
    return int(datetime(*at, tzinfo=zone).timestamp() * 1000)  # type: ignore[arg-type, misc]


def _ask(simulated: Market, method: str, now_ms: int, **biz: Any) -> Any:
    return simulated.methods[method](WireRequest(method, "2.0", biz, "20150001", "en_US", now_ms))


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2022, ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"]),
        (2026, ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"]),
    ],
)
def test_united_states_holidays_are_those_of_the_exchange(year: int, days: list[str]) -> None:
    assert sorted(f"{day:%m-%d}" for day in holidays("US", year)) == days


def test_easter_is_found() -> None:
    assert [easter(year) for year in (2024, 2025, 2026)] == [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5)]


@pytest.mark.parametrize(
    ("on", "half"), [(date(2026, 11, 27), True), (date(2026, 12, 24), True), (date(2026, 7, 2), False)]
)
def test_half_days_are_known(on: date, half: bool) -> None:
    assert is_half_day("US", on) is half


def test_a_half_day_ends_at_one() -> None:
    calendar = calendar_of("US")
    day = calendar.day(calendar.index_from(date(2026, 11, 27)))

    assert day.close_ms == _ms(2026, 11, 27, 13, 0)
    assert day.minutes == 210


def test_the_session_follows_daylight_saving_time() -> None:
    calendar = calendar_of("US")
    winter = calendar.day(calendar.index_from(date(2026, 3, 6)))
    summer = calendar.day(calendar.index_from(date(2026, 3, 9)))

    assert datetime.fromtimestamp(winter.open_ms / 1000, UTC).hour == 14
    assert datetime.fromtimestamp(summer.open_ms / 1000, UTC).hour == 13


@pytest.mark.parametrize(
    ("market", "at_ms", "status"),
    [
        ("US", _ms(2026, 3, 11, 3, 0), "NOT_YET_OPEN"),
        ("US", _ms(2026, 3, 11, 5, 0), "PRE_HOUR_TRADING"),
        ("US", _ms(2026, 3, 11, 9, 30), "TRADING"),
        ("US", _ms(2026, 3, 11, 16, 0), "POST_HOUR_TRADING"),
        ("US", _ms(2026, 3, 11, 20, 0), "MARKET_CLOSED"),
        ("US", _ms(2026, 3, 14, 12, 0), "MARKET_CLOSED"),
        ("US", _ms(2026, 11, 26, 12, 0), "MARKET_CLOSED"),
        ("US", _ms(2026, 11, 27, 18, 0), "EARLY_CLOSED"),
        ("HK", _ms(2026, 3, 11, 8, 0, zone=HONG_KONG), "NOT_YET_OPEN"),
        ("HK", _ms(2026, 3, 11, 12, 30, zone=HONG_KONG), "MIDDLE_CLOSE"),
        ("HK", _ms(2026, 3, 11, 15, 59, zone=HONG_KONG), "TRADING"),
        ("CN", _ms(2026, 3, 11, 15, 0, zone=HONG_KONG), "MARKET_CLOSED"),
    ],
)
def test_markets_with_real_hours_tell_their_state(market: str, at_ms: int, status: str) -> None:
    simulated = Market(1, Clock(at_ms), real_hours=True)

    (state,) = _ask(simulated, "market_state", at_ms, market=market)

    assert state["status"] == status
    assert simulated.is_open(market, at_ms) is (status == "TRADING")
    assert simulated.is_extended(market, at_ms) is (status in {"PRE_HOUR_TRADING", "POST_HOUR_TRADING"})


def test_markets_are_always_trading_unless_they_keep_real_hours() -> None:
    sunday_ms = _ms(2026, 11, 22, 13, 0)

    states = _ask(Market(1, Clock(sunday_ms)), "market_state", sunday_ms, market="ALL")

    assert [(state["market"], state["marketStatus"], state["status"]) for state in states] == [
        ("US", "Trading", "TRADING"),
        ("HK", "Trading", "TRADING"),
        ("CN", "Trading", "TRADING"),
    ]


def test_the_next_opening_is_told_without_a_year_and_with_a_zone_in_the_united_states_only() -> None:
    now_ms = _ms(2026, 7, 3, 12, 0)

    states = _ask(Market(1, Clock(now_ms)), "market_state", now_ms)

    assert [state["openTime"] for state in states] == ["07-06 09:30:00 EDT", "07-06 09:30:00", "07-06 09:30:00"]


def test_a_day_order_ends_with_the_session_where_hours_are_real() -> None:
    market = Market(1, Clock(0), real_hours=True)

    assert market.day_end_ms("US", _ms(2026, 3, 13, 12, 0)) == _ms(2026, 3, 13, 16, 0)
    assert market.day_end_ms("US", _ms(2026, 3, 13, 16, 0)) == _ms(2026, 3, 16, 16, 0)


def test_a_day_order_ends_at_a_midnight_at_least_an_hour_away_where_markets_never_close() -> None:
    market = Market(1, Clock(0))

    assert market.day_end_ms("US", _ms(2026, 3, 14, 12, 0)) == _ms(2026, 3, 15)
    assert market.day_end_ms("US", _ms(2026, 3, 14, 23, 59)) == _ms(2026, 3, 16)


def test_the_trading_calendar_lists_the_days_up_to_its_end() -> None:
    now_ms = _ms(2026, 11, 22, 13, 0)

    days = _ask(
        Market(1, Clock(now_ms)),
        "trading_calendar",
        now_ms,
        market="US",
        begin_date="2026-11-25",
        end_date="2026-11-30",
    )

    assert days == [{"date": "2026-11-25", "type": "TRADING"}, {"date": "2026-11-27", "type": "TRADING"}]


@pytest.mark.parametrize("biz", [{}, {"market": "ALL"}, {"market": "XX"}, {"market": "US", "begin_date": "soon"}])
def test_a_trading_calendar_needs_one_market_and_real_dates(biz: dict[str, str]) -> None:
    with pytest.raises(WireRefusal):
        _ask(Market(1, Clock(0)), "trading_calendar", _ms(2026, 3, 11), **biz)
