"""What the database does with late answers is waited for by nobody, and nothing is sent too often meanwhile."""

import contextlib
import dataclasses
import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app import create_app
from app.errors import StorageUnavailable, TigerRateLimited
from app.gateway import get_gateway
from app.settings import BudgetSettings, GatewaySettings, TigerSettings
from app.shared.call_counter import CallCounter
from app.simulator.faults import Fault
from app.storage.engine import Storage
from app.storage.pipeline_tables import call_meters
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.limits import Limits
from app.tiger.pipeline.observer import Observer
from app.tiger.pipeline.quota import Quota
from tests.orders.trader import Trader, get_price
from tests.support.server import wait_until

TIGER_ID, ACCOUNT = "20153921", "66804149"
DEADLINE_SECONDS = 8.0


class GatedCounter(CallCounter):
    """A counter that counts nothing anew before its gate is opened."""

    def __init__(self, storage, *clock):
        super().__init__(storage, *clock)
        self.gate, self.begun, self.taken, self.told = threading.Event(), threading.Event(), 0, []

    def take(self, *arguments, **options):
        self.taken += 1
        return super().take(*arguments, **options)

    def count_anew(self, counts, rows):
        self.begun.set()
        self.gate.wait(30)
        super().count_anew(counts, rows)
        self.told.append(threading.current_thread().name)


@pytest.fixture
def gated(storage, clock) -> Iterator[GatedCounter]:
    """Give one with the clock of the test."""
    counter = GatedCounter(storage, lambda: clock.milliseconds)
    yield counter
    counter.gate.set()


def open_quota(counter, clock):
    return Quota(counter, Limits(), Observer(), clock=clock.seconds)


def take(quota, method="place_order", seconds=5.0):
    return quota.take(TIGER_ID, ACCOUNT, method, Deadline.after(seconds, purpose=Purpose.COMMAND))


def answer_late(quota, clock, seconds=2.0, method="place_order", calls=1):
    permits = [take(quota, method) for _ in range(calls)]
    clock.advance(seconds)
    for permit in permits:
        quota.release(permit)


@contextlib.contextmanager
def locking(storage: Storage, *tables: str) -> Iterator[None]:
    """Hold what each call and each order command has to write."""
    if storage.is_sqlite:
        with contextlib.closing(sqlite3.connect(str(storage.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with storage.engine.connect() as connection, connection.begin():
        connection.execute(text(f"LOCK TABLE {', '.join((call_meters.name, *tables))} IN ACCESS EXCLUSIVE MODE"))
        yield


def count_orders(counter):
    return counter.fetch_counts().get((ACCOUNT, "order_rate"), 0)


def test_no_call_waits_while_a_late_answer_is_counted_anew(gated, clock):
    quota = open_quota(gated, clock)
    answer_late(quota, clock)
    assert gated.begun.wait(10)
    quota.release(take(quota, "cancel_order"))
    told_before = list(gated.told)
    gated.gate.set()
    wait_until(lambda: gated.told, 10)

    assert told_before == []
    assert gated.told == ["late-answers"]
    quota.close()


def test_what_is_not_yet_counted_anew_still_counts_in_this_process(gated, clock):
    quota = open_quota(gated, clock)
    # Five orders, answered when their rows are over already.
    answer_late(quota, clock, 2.0, calls=5)
    known = count_orders(gated)
    with pytest.raises(TigerRateLimited):
        take(quota, seconds=0.2)
    clock.advance(1.01)

    assert known == 0
    assert take(quota).rows


def test_what_is_told_counts_for_everyone_and_no_more_twice_here(gated, clock):
    quota = open_quota(gated, clock)
    answer_late(quota, clock, 2.0, calls=4)
    gated.gate.set()
    wait_until(lambda: len(gated.told) == 4, 10)

    assert count_orders(gated) == 4
    assert take(quota).rows
    quota.close()


def test_a_late_answer_that_cannot_be_told_lets_cancellations_pass_and_is_told_later(database_url, storage, tmp_path):
    impatient = Storage(database_url, tmp_path, is_durable=False, busy_seconds=0.3)
    counter = GatedCounter(impatient)
    counter.gate.set()
    quota = Quota(counter, Limits(), Observer())
    permit = take(quota)
    time.sleep(0.35)
    with locking(storage):
        quota.release(permit)
        wait_until(lambda: quota._down_until > 0, 10)
        asked = counter.taken
        cancelled = take(quota, "cancel_order")
        assert counter.taken == asked
        told_meanwhile = list(counter.told)
    wait_until(lambda: counter.told, 10)

    assert (cancelled.rows, told_meanwhile) == ((), [])
    assert counter.fetch_counts()[TIGER_ID, "place_order"] == 1
    quota.close()
    impatient.close()


def test_a_permit_is_waited_for_no_longer_than_the_deadline(storage):
    quota, began = Quota(CallCounter(storage), Limits(), Observer()), time.monotonic()
    with locking(storage):
        with pytest.raises(StorageUnavailable):
            take(quota, seconds=0.5)
        refused_after = time.monotonic() - began
        # It goes out uncounted, with time left for that.
        deadline = Deadline.after(2.0, purpose=Purpose.COMMAND)
        quota.take(TIGER_ID, ACCOUNT, "cancel_order", deadline)
        left = deadline.remaining()

    # The storage alone would have waited for five seconds.
    assert 0.4 < refused_after < 2.0
    assert left > 0
    if storage.is_sqlite:
        # Who writes there waits in a queue, each with a patience of its own.
        return
    # And its connections are as patient as before.
    with storage.writing_directly() as connection:
        assert connection.cursor().execute("SHOW lock_timeout").fetchone() == ("5s",)


def test_the_end_tells_what_waits_and_waits_for_no_database(gated, clock):
    quota = open_quota(gated, clock)
    answer_late(quota, clock)
    began = time.monotonic()
    quota.close()
    bounded = time.monotonic() - began
    gated.gate.set()
    wait_until(lambda: gated.told, 10)
    other = open_quota(gated, clock)
    answer_late(other, clock)
    other.close()

    assert 0.9 < bounded < 10
    assert len(gated.told) == 2


def tell_in_child(quota, counter, clock, storage, told):
    storage.forget_connections()
    counter.gate.set()
    answer_late(quota, clock)
    wait_until(lambda: counter.told, 10)
    told.put(len(counter.told))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_the_child_of_a_fork_tells_its_own_and_not_its_parents(gated, clock, storage):
    quota = open_quota(gated, clock)
    answer_late(quota, clock)
    assert gated.begun.wait(10)
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    child = context.Process(target=tell_in_child, args=(quota, gated, clock, storage, told))
    child.start()
    child_told = told.get(timeout=30)
    child.join(10)
    gated.gate.set()
    wait_until(lambda: gated.told, 10)

    assert (child_told, len(gated.told)) == (1, 1)
    quota.close()


@pytest.fixture
def counting_app(settings, simulator, database_url):
    """Give a gateway that counts, and has so long for an order."""
    settings = dataclasses.replace(
        settings,
        gateway=GatewaySettings(database_url=database_url, secret_key="of a test, guards nothing", threads=16),  # noqa: S106
        tiger=TigerSettings(order_deadline_seconds=DEADLINE_SECONDS),
        budget=BudgetSettings(),
    )
    application = create_app(settings)
    yield application
    get_gateway(application).close()


@pytest.mark.parametrize("name", ["order_id", "account_order_id"])
def test_a_cancellation_beside_a_late_permit_and_a_locked_database_is_sent_in_time(counting_app, simulator, name):
    trader, gateway = Trader(counting_app, simulator), get_gateway(counting_app)
    trader.place("warm-up")
    placed = trader.place(limit_price=get_price()).get_json()["data"]
    link, quota = next(iter(gateway.tiger._links.values()))[0], gateway.tiger.pipeline.quota
    tiger_id, account = link.quota_owner
    late = quota.take(tiger_id, account, "place_order", Deadline.after(5, purpose=Purpose.COMMAND))
    time.sleep(0.4)
    simulator.reset_counts()
    simulator.inject(Fault("delay", method="orders", seconds=DEADLINE_SECONDS / 10))
    with locking(gateway.storage, "tiger_rest_order_commands"):
        quota.release(late)
        began = time.monotonic()
        cancelled = trader.cancel(placed[name])
        seconds = time.monotonic() - began

    assert cancelled.status_code == 200
    assert simulator.calls("cancel_order") == 1
    assert seconds < DEADLINE_SECONDS


def test_no_order_waits_for_the_database_after_its_answer_came(counting_app, simulator, monkeypatch):
    trader, gate, told = Trader(counting_app, simulator), threading.Event(), []
    trader.place("warm-up")
    count_anew = CallCounter.count_anew

    def count_when_open(counter, counts, rows):
        gate.wait(30)
        count_anew(counter, counts, rows)
        told.append(threading.current_thread().name)

    monkeypatch.setattr(CallCounter, "count_anew", count_when_open)
    trader.inject("delay", seconds=0.5)
    placed = trader.place(limit_price=get_price())
    told_before = list(told)
    cancelled = trader.cancel(placed.get_json()["data"]["order_id"])
    told_before += told
    gate.set()
    wait_until(lambda: told, 10)

    assert (placed.status_code, cancelled.status_code, told_before) == (200, 200, [])
    assert set(told) == {"late-answers"}
