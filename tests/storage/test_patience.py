"""A PostgreSQL server that stands still keeps nobody waiting without end, and one that is slow is not given up."""

import contextlib
import time

import pytest
from sqlalchemy import make_url, text

from app.errors import StorageUnavailable
from app.storage import Storage, engine, postgresql
from tests.support.freezing import freezing_proxy
from tests.support.server import wait_until


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(engine, "AVOIDED_SECONDS", 0.3)
    for name in ("PING_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(postgresql, name, 0.3)


@pytest.fixture
def postgresql_url(database_url):
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has no server")
    return make_url(database_url)


def open_storage(url, folder):
    return Storage(url.render_as_string(hide_password=False), folder, busy_seconds=0.3)


def answers(storage):
    try:
        storage.ping()
    except StorageUnavailable:
        return False
    return True


def commit_into_silence(storage, proxy):
    # What is entered first is left last, after the commit.
    with contextlib.ExitStack() as stack, storage.writing() as connection:
        connection.execute(text("CREATE TABLE written (number INTEGER)"))
        stack.enter_context(proxy.frozen())


def test_a_statement_without_an_answer_is_an_outage_of_its_own_connection(postgresql_url, tmp_path):
    storage = open_storage(postgresql_url, tmp_path)
    started = time.monotonic()
    with pytest.raises(StorageUnavailable), storage.reading() as connection:
        connection.execute(text("SELECT pg_sleep(20)"))

    assert time.monotonic() - started < 10
    assert answers(storage)
    storage.close()


def test_what_may_take_its_time_is_not_cut_short(postgresql_url, tmp_path):
    storage = open_storage(postgresql_url, tmp_path)
    with storage.writing() as connection:
        postgresql.lift_limits(connection)
        connection.execute(text("SELECT pg_sleep(1)"))
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "0"
    with storage.reading() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "300ms"
        assert connection.connection.driver_connection.patience_seconds == pytest.approx(0.6)
    storage.close()


@pytest.mark.parametrize("has_connection", [True, False])
def test_a_server_that_stands_still_is_noticed_avoided_and_found_again(postgresql_url, tmp_path, has_connection):
    with freezing_proxy(postgresql_url) as proxy:
        storage = open_storage(postgresql_url.set(port=proxy.port), tmp_path)
        if has_connection:
            storage.ping()
        with proxy.frozen():
            # It may take until a new connection is given up: two seconds, the shortest that the driver knows.
            assert not answers(storage)
            started = time.monotonic()
            assert not answers(storage)
            assert time.monotonic() - started < 0.2

        wait_until(lambda: answers(storage), 10)
        storage.close()


def test_a_commit_without_an_answer_is_an_outage(postgresql_url, tmp_path):
    with freezing_proxy(postgresql_url) as proxy:
        storage = open_storage(postgresql_url.set(port=proxy.port), tmp_path)
        with pytest.raises(StorageUnavailable):
            commit_into_silence(storage, proxy)

        wait_until(lambda: answers(storage), 10)
        storage.close()


def test_what_is_read_under_a_lock_is_what_stands_there_by_then(postgresql_url, tmp_path):
    url = postgresql_url.update_query_dict({"options": "-c default_transaction_isolation=serializable"})
    storage = open_storage(url, tmp_path)
    with storage.writing() as connection, storage.writing_directly() as driver:
        levels = {connection.execute(text("SHOW transaction_isolation")).scalar_one()}
        levels |= {driver.cursor().execute("SHOW transaction_isolation").fetchone()[0]}
    storage.close()

    assert levels == {"read committed"}
