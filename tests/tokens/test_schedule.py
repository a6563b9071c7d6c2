"""A refresh is due one interval after the last, whatever the clock on the wall says."""

import dataclasses
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import get_elapsed
from app.settings import TokenRefreshSettings
from app.tokens.records import TokenRecord
from app.tokens.schedule import Pauses, Schedule
from app.tokens.user_token import UserToken

HOUR = 3_600.0
PAUSES = Pauses(TokenRefreshSettings())


def record(due_in: float = 12 * HOUR, **changes: Any) -> TokenRecord:
    plain = TokenRecord(
        tiger_id="1",
        version=1,
        token=None,
        obtained_at=None,
        obtained_by=1,
        attempt=1,
        is_refreshing=False,
        failures=0,
        refreshed_at=None,
        wait_seconds=12 * HOUR,
        due_at=round((time.time() + due_in) * 1_000),
        read_at=get_elapsed(),
    )
    return dataclasses.replace(plain, **changes)


def due_in(schedule: Schedule) -> float:
    due = schedule.get_due("1")
    assert due is not None
    return due - get_elapsed()


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60), (10**9, 60)])
def test_pauses_double_from_a_minute_to_an_hour(failures: int, minutes: int) -> None:
    assert PAUSES.after_failures(failures) == minutes * 60


def test_no_pause_is_longer_than_the_interval() -> None:
    assert Pauses(TokenRefreshSettings(interval_hours=2 / HOUR)).after_failures(1) == pytest.approx(2)


@pytest.mark.parametrize(
    ("left", "wait"),
    [(15 * 24 * HOUR, 12 * HOUR), (24 * HOUR, 12 * HOUR), (4 * HOUR, 2 * HOUR), (10, 60), (None, 12 * HOUR)],
)
def test_a_token_that_ends_soon_is_refreshed_sooner(left: float | None, wait: float) -> None:
    expires_at = None if left is None else round((time.time() + left) * 1_000)

    assert PAUSES.before_end_of(UserToken("text", 0, expires_at)) == pytest.approx(wait, abs=2)


def test_a_restart_within_the_interval_waits_for_what_is_stored() -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(due_in=3 * HOUR))

    assert due_in(schedule) == pytest.approx(3 * HOUR, abs=2)


def test_what_is_overdue_at_the_start_waits_for_the_initial_delay() -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(due_in=-5 * HOUR))

    assert due_in(schedule) == pytest.approx(60, abs=2)
    assert schedule.was_missed("1")


@pytest.mark.parametrize("state", [{"is_foreign": True, "token": None}, {"is_refreshing": True}], ids=str)
def test_where_nothing_is_due_nothing_was_missed(state: dict[str, Any]) -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(due_in=-5 * HOUR, **state))

    assert not schedule.was_missed("1")
    assert schedule.get_due("1") == float("inf")


def test_what_has_just_fallen_due_waits_for_nothing() -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(due_in=-5))

    assert due_in(schedule) == pytest.approx(0, abs=2)
    assert not schedule.was_missed("1")


@given(st.floats(-1e9, 1e9))
def test_no_clock_puts_a_restart_off_for_longer_than_an_interval(due: float) -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(due_in=due))

    assert -1 <= due_in(schedule) <= 12 * HOUR


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_moves_nothing_for_those_who_were_there(
    monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record())
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + round(jump * 1e9))
    schedule.observe(record(attempt=2, is_refreshing=True))
    schedule.observe(record(attempt=2, due_in=12 * HOUR))

    assert due_in(schedule) == pytest.approx(12 * HOUR, abs=2)


def test_nothing_is_due_while_a_refresh_is_under_way() -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(is_refreshing=True))

    assert due_in(schedule) == float("inf")


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_look_that_a_refresh_has_overtaken_changes_nothing(attempt: int) -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record())
    slow = record(attempt=attempt, is_refreshing=attempt == 2)
    schedule.observe(record(attempt=2, is_refreshing=True))
    ended = record(attempt=2, due_in=12 * HOUR)
    schedule.observe(ended, ended_at=get_elapsed() - HOUR)
    schedule.observe(slow)
    schedule.observe(dataclasses.replace(ended, read_at=get_elapsed()))

    assert due_in(schedule) == pytest.approx(11 * HOUR, abs=2)


def test_a_database_that_was_put_back_is_followed() -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(attempt=9, due_in=9 * HOUR))
    schedule.observe(record(attempt=4, due_in=4 * HOUR, wait_seconds=4 * HOUR))

    assert due_in(schedule) == pytest.approx(4 * HOUR, abs=2)


def test_an_attempt_is_under_way_from_when_it_was_announced_whoever_looks() -> None:
    schedule = Schedule(PAUSES)
    schedule.observe(record(is_refreshing=True, under_way_seconds=15.0))
    # What a clock says later is not asked for again.
    schedule.observe(record(is_refreshing=True, under_way_seconds=4_000.0))

    assert schedule.get_under_way(record(is_refreshing=True)) == pytest.approx(15, abs=2)
    assert schedule.get_under_way(record()) == 0.0
    assert schedule.get_under_way(record(attempt=2, is_refreshing=True)) == 0.0


def test_no_clock_makes_an_attempt_older_than_the_last_look_that_did_not_show_it() -> None:
    schedule = Schedule(PAUSES)
    before = record()
    schedule.observe(before)
    schedule.observe(dataclasses.replace(before, read_at=get_elapsed()))
    schedule.observe(record(attempt=2, is_refreshing=True, under_way_seconds=4_000.0))

    assert schedule.get_under_way(record(attempt=2, is_refreshing=True)) == pytest.approx(0, abs=2)


def test_an_attempt_that_began_while_a_process_stood_still_is_counted_from_its_announcement() -> None:
    schedule = Schedule(PAUSES)
    before = record()
    schedule.observe(dataclasses.replace(before, read_at=get_elapsed() - 100))
    schedule.observe(record(attempt=2, is_refreshing=True, under_way_seconds=30.0))

    assert schedule.get_under_way(record(attempt=2, is_refreshing=True)) == pytest.approx(30, abs=2)


def test_a_shorter_interval_in_the_settings_counts_at_once() -> None:
    schedule = Schedule(Pauses(TokenRefreshSettings(interval_hours=1)))
    schedule.observe(record(due_in=11 * HOUR))

    assert due_in(schedule) == pytest.approx(HOUR, abs=2)
