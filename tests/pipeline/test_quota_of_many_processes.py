"""Eight processes call and order as fast as they can against one quota; time is simulated and runs fast."""

import contextlib
import itertools
import multiprocessing
import os
import queue
import signal
import threading
import time
from pathlib import Path

import pytest

from app.shared.call_counter import CallCounter
from app.storage.engine import Storage
from app.storage.upgrade import upgrade
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.limits import Count, Limits
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import Quota

pytestmark = pytest.mark.long

PROCESSES = 8
# The long form, with the 10,000 calls that are promised, is part of make long-tests.
CALLS = int(os.environ.get("TIGER_REST_TEST_CALLS", "3000"))
LIMIT = CALLS * 3 // 20
METHOD = "quote_real_time"
ORDERS = 150
TICK_MS = 40
HUNDRED = (Count("20154747", METHOD, 100, 60.0),)
PAUSES = (0, 0, 0, 0.001)


def call_often(url, folder, clock, left, arrivals):
    """Call until none are left; a call arrives at some moment between its permit and its answer."""
    storage = Storage(url, Path(folder), connections=2, is_durable=False)
    quota = Quota(
        CallCounter(storage, lambda: clock.value),
        Limits(replaced=[f"{METHOD}={LIMIT}"]),
        Observer(),
        clock=lambda: clock.value / 1_000,
        sleep=lambda _seconds: time.sleep(0.002),
    )
    mine = []
    pauses = itertools.cycle(PAUSES)
    while True:
        with left.get_lock():
            if left.value <= 0:
                break
            left.value -= 1
        permit = quota.take("20154747", "", METHOD, Deadline.after(300))
        time.sleep(next(pauses))
        mine.append(clock.value)
        time.sleep(next(pauses))
        quota.release(permit)
    arrivals.put(mine)
    storage.close()


def run_together(work, database_url, folder, calls, *, tick_ms):
    """Return the moments of all calls of all processes, in order."""
    storage = Storage(database_url, folder)
    upgrade(storage, folder)
    storage.close()
    context = multiprocessing.get_context("spawn")
    clock, left, moments = context.Value("q", 1_000_000), context.Value("q", calls), context.Queue()
    arguments = (database_url, str(folder), clock, left, moments)
    processes = [context.Process(target=work, args=arguments) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    everything: list[list[int]] = []
    ends = time.monotonic() + 120
    while len(everything) < PROCESSES and time.monotonic() < ends:
        clock.value += tick_ms
        with contextlib.suppress(queue.Empty):
            everything.append(moments.get(timeout=0.001))
    for process in processes:
        process.join(30)
    return sorted(moment for mine in everything for moment in mine)


def test_all_processes_together_order_five_times_a_second_at_most(database_url, tmp_path):
    at = run_together(order_often, database_url, tmp_path, ORDERS, tick_ms=10)

    assert len(at) == ORDERS
    # Between its turn and Tiger an order may take up to three tenths of a second.
    assert min(later - earlier for earlier, later in zip(at, at[5:], strict=False)) >= 1_300
    assert (at[-1] - at[0]) / 1_000 < 2 * ORDERS / 5 * 1.3


def test_all_processes_together_never_exceed_the_limit_in_any_minute(database_url, tmp_path):
    at = run_together(call_often, database_url, tmp_path, CALLS, tick_ms=TICK_MS)

    assert len(at) == CALLS
    # The call that is a limit's length later comes more than a minute later.
    assert min(later - earlier for earlier, later in zip(at, at[LIMIT:], strict=False)) > 60_000
    # And little is wasted. How little depends on the machine, whose own time does not run as fast as the simulated one.
    assert (at[-1] - at[0]) / 60_000 < 2 * CALLS / LIMIT


def order_often(url, folder, clock, left, moments):
    """Place and modify until none are left; note when the counter gave each its turn."""
    storage, looks = Storage(url, Path(folder), connections=2, is_durable=False), threading.local()

    def look():
        # Late answers are counted anew on a thread of their own.
        looks.last = clock.value
        return looks.last

    quota = Quota(
        CallCounter(storage, look),
        Limits(replaced=["place_order=9999", "modify_order=9999"]),
        Observer(),
        clock=lambda: clock.value / 1_000,
        sleep=lambda _seconds: time.sleep(0.002),
    )
    mine = []
    for method in itertools.cycle(("place_order", "modify_order")):
        with left.get_lock():
            if left.value <= 0:
                break
            left.value -= 1
        permit = quota.take("20154747", "67686635", method, Deadline.after(300, purpose=Purpose.COMMAND))
        mine.append(looks.last)
        quota.release(permit)
    moments.put(mine)
    storage.close()


def begin_calls(url, folder, granted):
    counter = CallCounter(Storage(url, Path(folder), connections=2))
    grants = [counter.take(HUNDRED, is_urgent=False, arrival_seconds=1.0) for _ in range(100)]
    granted.send(sum(bool(grant.rows) for grant in grants))
    signal.pause()


def test_what_a_killed_process_had_begun_counts_for_a_minute_at_most(database_url, tmp_path):
    storage = Storage(database_url, tmp_path)
    upgrade(storage, tmp_path)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    holder = context.Process(target=begin_calls, args=(database_url, str(tmp_path), theirs))
    holder.start()
    held = ours.recv()
    holder.kill()
    holder.join(10)
    refusal = CallCounter(storage).take(HUNDRED, is_urgent=False, arrival_seconds=1.0)
    storage.close()

    assert held == 100
    # A second in which the calls might still have arrived, then Tiger's minute.
    assert 0 < refusal.wait_seconds <= 61.3
