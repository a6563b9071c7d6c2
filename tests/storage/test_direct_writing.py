"""Who writes directly has its own connection and its turn, and gives both back whatever becomes of it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.errors import StorageUnavailable
from app.storage import Storage
from app.storage.outcomes import Outcome, on_outcome

CONNECTIONS, OVERFLOW = 2, 4
BUSY_SECONDS = 2.0


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path, connections=CONNECTIONS, busy_seconds=BUSY_SECONDS)
    yield opened
    opened.close()


def write(storage):
    began_at = time.monotonic()
    with storage.writing_directly() as driver:
        driver.cursor().execute("SELECT 1")
    return time.monotonic() - began_at


def write_and_fail(storage, act):
    with storage.writing_directly() as driver:
        act(driver)
        raise LookupError


def own_by_nobody(storage, outcomes):
    with storage.writing_directly() as driver:
        on_outcome(driver, outcomes.append)
        # Only at the commit it turns out that there is no such owner.
        driver.cursor().execute("INSERT INTO things VALUES (1)")


def write_by_the_engine(storage):
    with storage.writing() as connection:
        connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_one_needs_none_of_the_connections_with_which_others_wait_for_it(storage):
    others = CONNECTIONS + OVERFLOW
    with ThreadPoolExecutor(others + 1) as pool:
        with storage.write_queue.turn(5):
            first = pool.submit(write, storage)
            while not storage.write_queue._waiting:
                time.sleep(0.001)
            behind = [pool.submit(write_by_the_engine, storage) for _ in range(others)]
            while len(storage.write_queue._waiting) < others + 1:
                time.sleep(0.001)

        assert first.result() < BUSY_SECONDS / 2
        assert [each.result() for each in behind] == [None] * others


def test_an_error_of_whoever_wants_to_know_the_outcome_keeps_nobody_from_writing(storage):
    def fail(_outcome):
        raise LookupError("of the callback")

    with pytest.raises(LookupError), storage.writing_directly() as driver:
        on_outcome(driver, fail)

    assert write(storage) < BUSY_SECONDS / 2


def test_how_a_transaction_ends_is_told_to_who_wants_to_know(storage):
    outcomes: list[Outcome] = []
    with storage.writing_directly() as driver:
        on_outcome(driver, outcomes.append)
        driver.cursor().execute("CREATE TABLE owners (id INTEGER PRIMARY KEY)")
        driver.cursor().execute(
            "CREATE TABLE things (owner INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    with pytest.raises(IntegrityError):
        own_by_nobody(storage, outcomes)
    with pytest.raises(LookupError):
        write_and_fail(storage, lambda driver: on_outcome(driver, outcomes.append))

    assert outcomes == [Outcome.COMMITTED, Outcome.UNKNOWN, Outcome.UNDONE]
    assert write(storage) < BUSY_SECONDS / 2


def test_a_block_that_fails_is_undone_and_lets_the_next_one_write(storage):
    with storage.writing_directly() as driver:
        driver.cursor().execute("CREATE TABLE notes (word TEXT)")
    with pytest.raises(LookupError):
        write_and_fail(storage, lambda driver: driver.cursor().execute("INSERT INTO notes VALUES ('undone')"))
    with storage.writing_directly() as driver:
        driver.cursor().execute("INSERT INTO notes VALUES ('kept')")
    with storage.reading() as connection:
        assert connection.execute(text("SELECT word FROM notes")).scalars().all() == ["kept"]


def test_a_closed_storage_keeps_no_connection_that_was_in_use(storage):
    with storage.writing_directly() as driver:
        raw = driver.dbapi_connection
        storage.close()
    with pytest.raises(Exception, match="closed"):
        raw.execute("SELECT 1")


def test_many_threads_write_one_after_the_other(storage):
    with storage.writing_directly() as driver:
        driver.cursor().execute("CREATE TABLE counter (number INTEGER)")
        driver.cursor().execute("INSERT INTO counter VALUES (0)")
    refused = threading.Semaphore(0)

    def count(_turn):
        try:
            with storage.writing_directly(relaxed=True) as driver:
                driver.cursor().execute("UPDATE counter SET number = number + 1")
        except StorageUnavailable:
            refused.release()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count, range(300)))
    with storage.reading() as connection:
        assert connection.execute(text("SELECT number FROM counter")).scalar_one() == 300
    assert not refused.acquire(blocking=False)
