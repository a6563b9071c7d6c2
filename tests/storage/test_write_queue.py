"""On SQLite nobody is kept from writing by those who write one thing after another."""

import contextlib
import multiprocessing
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from app.errors import StorageUnavailable
from app.storage import Storage
from tests.support.server import wait_until

HELD_SECONDS = 0.05
"""As a slow disk takes for one commit."""
PATIENCE_SECONDS = 2.0


@pytest.fixture
def open_storage(tmp_path):
    """Give a way to open the same file once more: with a queue of its own it is as another process's."""
    with contextlib.ExitStack() as stack:

        def open_one(write_queue=None):
            opened = Storage(
                f"sqlite:///{tmp_path}/gateway.db", tmp_path, busy_seconds=PATIENCE_SECONDS, write_queue=write_queue
            )
            stack.callback(opened.close)
            return opened

        yield open_one


@contextlib.contextmanager
def keeping_house(storage):
    """Write one thing after another, as jobs do, until the block ends."""
    is_over, has_begun = threading.Event(), threading.Event()

    def write():
        while not is_over.is_set():
            with storage.writing() as connection:
                connection.execute(text("SELECT 1"))
                has_begun.set()
                time.sleep(HELD_SECONDS)

    thread = threading.Thread(target=write)
    thread.start()
    has_begun.wait(10)
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def write(storage, seconds=None):
    with storage.writing_directly(patience_seconds=seconds):
        pass


@pytest.mark.parametrize("is_same_process", [True, False])
def test_housekeeping_keeps_no_order_from_being_written(open_storage, is_same_process):
    house = open_storage()
    orders = open_storage(house.write_queue if is_same_process else None)
    with keeping_house(house):
        began_at = time.monotonic()
        write(orders)

        assert time.monotonic() - began_at < PATIENCE_SECONDS


def test_writers_of_a_process_get_their_turn_in_the_order_in_which_they_come(open_storage):
    storage, written, threads = open_storage(), [], []

    def note(number):
        with storage.writing():
            written.append(number)

    with storage.writing():
        for number in range(5):
            threads.append(threading.Thread(target=note, args=(number,)))
            threads[-1].start()
            wait_until(lambda: len(storage.write_queue._waiting) == len(threads), 10)
    for thread in threads:
        thread.join()

    assert written == list(range(5))


@pytest.mark.parametrize("is_same_process", [True, False])
def test_who_waits_in_vain_is_told_so_and_holds_up_nobody(open_storage, is_same_process):
    storage = open_storage()
    other = open_storage(storage.write_queue if is_same_process else None)
    with storage.writing():
        began_at = time.monotonic()
        with pytest.raises(StorageUnavailable):
            write(other, 0.1)
        took = time.monotonic() - began_at
    write(other)

    assert 0.1 <= took < 1


def test_the_child_of_a_fork_waits_for_no_thread_of_its_parent(open_storage):
    storage = open_storage()
    with storage.write_queue.turn(0):
        child = multiprocessing.get_context("fork").Process(target=write_after_fork, args=(storage,))
        child.start()
        child.join(10)

    assert child.exitcode == 0


def write_after_fork(storage):
    storage.forget_connections()
    write(storage)


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the system does not show who has which lock")
def test_the_child_of_a_fork_has_locks_of_its_own(open_storage, tmp_path):
    storage = open_storage()
    write(storage)
    with storage.reading() as connection:
        connection.execute(text("SELECT name FROM sqlite_master")).all()
    context = multiprocessing.get_context("fork")
    seen, told = context.Pipe(duplex=False)
    child = context.Process(target=read_after_fork, args=(storage, told))
    child.start()
    locks = seen.recv() if seen.poll(10) else ""
    child.join(10)

    # Without it the log goes with whoever closes the file last, and what the child has written goes with the log.
    inode = f":{(tmp_path / 'gateway.db').stat().st_ino} "
    assert any(f" {child.pid} " in line and inode in line for line in locks.splitlines())


def read_after_fork(storage, told):
    storage.forget_connections()
    with storage.reading() as connection:
        connection.execute(text("SELECT name FROM sqlite_master")).all()
        told.send(Path("/proc/locks").read_text())
