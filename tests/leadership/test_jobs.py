"""Jobs run again and again, whatever one of their runs does and whatever the clock on the wall does."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.leadership import Job, Leadership, Term, candidate
from app.leadership.scheduler import JobScheduler
from app.leadership.trigger import PresentInterval
from app.settings import LeadershipSettings
from app.storage import Storage
from app.storage.upgrade import upgrade
from tests.support.server import ROOT, wait_until

LASTING = """
import threading
from app.leadership import Job
from app.leadership.scheduler import JobScheduler

began = threading.Event()

def last(job):
    began.set()
    threading.Event().wait()

JobScheduler([Job("lasting", 60, lambda term: None)], last).start()
assert began.wait(30)
"""
SENTENCE = "a sentence that no log may hold"


@pytest.fixture
def leadership(tmp_path: Path) -> Iterator[Leadership]:
    """Give one candidate, which has not started."""
    storage = Storage(f"sqlite:///{tmp_path}/gateway.db", tmp_path)
    upgrade(storage, tmp_path)
    leadership = Leadership(storage, LeadershipSettings(lease_seconds=0.6))
    yield leadership
    leadership.stop()
    storage.close()


def refuse_threads(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Have the system refuse a scheduler's thread so often, as it does where a process may have no more."""
    left = iter(range(times))
    start = threading.Thread.start

    def start_or_refuse(thread: threading.Thread) -> None:
        if thread.name == "APScheduler" and next(left, None) is not None:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_or_refuse)


def test_a_run_that_fails_does_not_end_the_job(leadership: Leadership) -> None:
    runs: list[int] = []

    def fail(_term: Term) -> None:
        runs.append(1)
        raise RuntimeError(SENTENCE)

    leadership.add_job(Job("failing", 0.05, fail))
    leadership.start()

    wait_until(lambda: len(runs) >= 3, 15)


def test_a_failing_run_is_logged_without_its_text(leadership: Leadership, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_term: Term) -> None:
        raise RuntimeError(SENTENCE)

    leadership.add_job(Job("failing", 0.05, fail))
    leadership.start()
    wait_until(lambda: "failing: unexpected RuntimeError" in caplog.text, 15)

    assert SENTENCE not in caplog.text


def test_who_cannot_begin_its_jobs_does_not_lead(
    leadership: Leadership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_threads(monkeypatch, times=1)
    ran = threading.Event()
    leadership.add_job(Job("work", 0.05, lambda _term: ran.set()))
    leadership.start()

    assert ran.wait(15)
    assert "election: unexpected RuntimeError" in caplog.text


def test_who_begins_no_jobs_any_more_leads_no_longer(leadership: Leadership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate, "STANDSTILL_SECONDS", 0.4)
    leadership.add_job(Job("seldom", 3_600, lambda _term: None))
    leadership.start()
    wait_until(lambda: leadership.is_leader, 15)
    first = leadership.fetch_lease().term

    wait_until(lambda: leadership.is_leader and leadership.fetch_lease().term > first, 15)


def test_that_nobody_leads_is_told(leadership: Leadership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate, "LEAST_NOBODY_SECONDS", 0.5)
    refuse_threads(monkeypatch, times=1_000)
    assert leadership.find_problem() is None
    leadership.start()

    wait_until(lambda: "no worker leads since" in (leadership.find_problem() or ""), 15)


def test_a_clock_that_was_set_forward_by_a_year_costs_one_run() -> None:
    trigger = PresentInterval(seconds=0.5, timezone=UTC)
    last = datetime(2026, 1, 1, tzinfo=UTC)
    now = last + timedelta(days=365)

    assert trigger.get_next_fire_time(last, now) == now + timedelta(seconds=0.5)
    assert trigger.get_next_fire_time(last, last) == last + timedelta(seconds=0.5)


def test_a_job_that_outlasts_its_interval_runs_once_at_a_time(leadership: Leadership) -> None:
    at_work, ended = threading.Semaphore(1), threading.Event()
    overlapped: list[bool] = []

    def linger(term: Term) -> None:
        overlapped.append(not at_work.acquire(blocking=False))
        term.wait(0.2)
        at_work.release()
        ended.set()

    leadership.add_job(Job("long", 0.05, linger))
    leadership.start()
    wait_until(lambda: len(overlapped) >= 3, 15)

    assert not any(overlapped)


def test_a_program_that_closes_nothing_ends_while_a_job_lasts() -> None:
    done = subprocess.run([sys.executable, "-c", LASTING], cwd=ROOT, timeout=60, check=False)

    assert done.returncode == 0


def test_a_wait_of_a_job_ends_with_the_term(leadership: Leadership) -> None:
    waited: list[bool] = []
    started = threading.Event()

    def wait(term: Term) -> None:
        started.set()
        waited.append(term.wait(30))

    leadership.add_job(Job("waiting", 0.05, wait))
    leadership.start()
    started.wait(5)
    leadership.stop()

    assert waited == [False]


def test_a_clock_set_back_by_an_hour_does_not_stop_the_jobs() -> None:
    runs: list[int] = []
    scheduler = JobScheduler([Job("ticking", 0.05, lambda _term: None)], lambda _job: runs.append(1))
    scheduler.start()
    wait_until(lambda: runs, 15)
    # This is what a clock set back by an hour leaves behind: APScheduler's next moment is an hour away.
    for job in scheduler._scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
    before = len(runs)
    scheduler.run_now()
    wait_until(lambda: len(runs) >= before + 3, 15)
    scheduler.stop()


def test_a_jump_of_the_clock_is_noticed(
    leadership: Leadership, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[int] = []
    leadership.add_job(Job("rare", 3_600, lambda _term: runs.append(1)))
    leadership.start()
    wait_until(lambda: runs, 15)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3_600)
    wait_until(lambda: len(runs) == 2, 15)

    assert "The clock was set by -3600 s" in caplog.text


def test_the_scheduler_of_a_host_application_stays(leadership: Leadership) -> None:
    host = Flask("host")
    host.apscheduler = "the host's own"  # type: ignore[attr-defined]
    host.config["SCHEDULER_JOBS"] = [{"id": "host", "func": "builtins:print", "trigger": "interval", "seconds": 1}]
    ran = threading.Event()
    leadership.add_job(Job("ours", 0.05, lambda _term: ran.set()))
    with host.app_context():
        leadership.start()
        ran.wait(5)

    assert host.apscheduler == "the host's own"  # type: ignore[attr-defined]


def test_jobs_run_with_flask_debug_set(leadership: Leadership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    ran = threading.Event()
    leadership.add_job(Job("debugged", 0.05, lambda _term: ran.set()))
    leadership.start()

    assert ran.wait(5)
