"""Statements that go straight to the driver fail as those of the engine do."""

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from app.errors import StorageUnavailable
from app.storage import Storage
from app.storage.prepared import Prepared
from app.storage.token_tables import leadership

ROW = {"name": "seat", "holder": None, "term": 1, "beat": 0, "taken_at": None}


@pytest.fixture
def storage(database_url, tmp_path):
    opened = Storage(database_url, tmp_path)
    yield opened
    opened.close()


def build_insert(storage):
    return Prepared(storage.engine, insert(leadership).returning(leadership.c.name, leadership.c.term))


def write_over(storage):
    with storage.writing() as connection:
        connection.execute(update(leadership).values(beat=5))
        build_insert(storage).first(connection.connection, ROW)


def write_while_ended(storage):
    with storage.writing() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with storage.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
        build_insert(storage).first(connection.connection, ROW)


def read_beat(storage):
    reading = Prepared(storage.engine, select(leadership.c.beat).where(leadership.c.name == bindparam("its_name")))
    with storage.reading() as connection:
        return reading.first(connection.connection, {"its_name": "seat"})


def test_a_row_comes_back_by_the_names_of_its_columns(storage):
    with storage.writing() as connection:
        row = build_insert(storage).first(connection.connection, ROW)

    assert row == {"name": "seat", "term": 1}
    assert read_beat(storage) == {"beat": 0}


def test_what_the_statement_says_itself_is_kept(storage):
    growing = Prepared(
        storage.engine,
        update(leadership)
        .values(beat=leadership.c.beat + 7)
        .where(leadership.c.name == bindparam("its_name"))
        .returning(leadership.c.beat),
    )
    with storage.writing() as connection:
        build_insert(storage).first(connection.connection, ROW)
        assert growing.first(connection.connection, {"its_name": "seat"}) == {"beat": 7}
        assert growing.first(connection.connection, {"its_name": "nobody's"}) is None


def test_a_conflict_is_a_conflict_and_undoes_its_transaction(storage):
    with storage.writing() as connection:
        build_insert(storage).first(connection.connection, ROW)

    with pytest.raises(IntegrityError):
        write_over(storage)

    assert read_beat(storage) == {"beat": 0}


def test_a_value_that_does_not_fit_is_not_told_as_an_outage(storage):
    if storage.is_sqlite:
        pytest.skip("SQLite takes text of any length")

    with pytest.raises(DataError), storage.writing() as connection:
        build_insert(storage).first(connection.connection, {**ROW, "name": "x" * 10_000})


def test_a_connection_that_the_server_ends_is_an_outage_once(storage):
    if storage.is_sqlite:
        pytest.skip("SQLite has no server")

    with pytest.raises(StorageUnavailable):
        write_while_ended(storage)
    with storage.writing() as connection:
        build_insert(storage).first(connection.connection, ROW)

    assert read_beat(storage) == {"beat": 0}


def conflict_directly(storage):
    with storage.writing_directly() as driver:
        build_insert(storage).first(driver, {**ROW, "name": "other"})
        build_insert(storage).first(driver, ROW)


def write_directly_while_ended(storage):
    with storage.writing_directly() as driver:
        process = driver.cursor().execute("SELECT pg_backend_pid()").fetchone()[0]
        with storage.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
        build_insert(storage).first(driver, ROW)


@pytest.mark.parametrize("relaxed", [False, True])
def test_a_direct_transaction_is_committed_or_undone_as_a_whole(storage, relaxed):
    with storage.writing_directly(relaxed=relaxed) as driver:
        build_insert(storage).first(driver, ROW)
    with pytest.raises(IntegrityError):
        conflict_directly(storage)
    with storage.reading() as connection:
        names = connection.execute(select(leadership.c.name)).scalars().all()

    assert "seat" in names
    assert "other" not in names


def test_a_direct_connection_that_the_server_ends_is_an_outage_once(storage, caplog):
    if storage.is_sqlite:
        pytest.skip("SQLite has no server")

    with pytest.raises(StorageUnavailable):
        write_directly_while_ended(storage)
    with storage.writing_directly() as driver:
        build_insert(storage).first(driver, ROW)

    assert read_beat(storage) == {"beat": 0}
    # That the database is away is told once; what the pool makes of a broken connection is not.
    assert {record.name for record in caplog.records} <= {"app.storage.condition"}
