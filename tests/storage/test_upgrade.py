"""The schema comes up by itself, once, however many processes start together."""

import multiprocessing

from sqlalchemy import MetaData, inspect

from app.storage.engine import Storage
from app.storage.tables import metadata
from app.storage.upgrade import VERSION_TABLE, get_newest_revision, upgrade

TOGETHER = 6


def upgrade_in_a_process(database_url, folder, barrier):
    storage = Storage(database_url, folder)
    barrier.wait(30)
    upgrade(storage, folder)
    storage.close()


def test_many_processes_that_start_together_upgrade_once(empty_database_url, tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(TOGETHER)
    processes = [
        context.Process(target=upgrade_in_a_process, args=(empty_database_url, tmp_path, barrier))
        for _ in range(TOGETHER)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0] * TOGETHER


def test_the_migrations_build_exactly_the_declared_tables(empty_database_url, tmp_path):
    storage = Storage(empty_database_url, tmp_path)
    upgrade(storage, tmp_path)
    found = MetaData()
    found.reflect(storage.engine)
    built = {name: {column.name for column in table.columns} for name, table in found.tables.items()}
    storage.close()

    declared = {name: {column.name for column in table.columns} for name, table in metadata.tables.items()}
    del built[VERSION_TABLE]
    assert built == declared


def test_an_upgrade_that_has_run_changes_nothing(empty_database_url, tmp_path):
    storage = Storage(empty_database_url, tmp_path)
    upgrade(storage, tmp_path)
    before = set(inspect(storage.engine).get_table_names())
    upgrade(storage, tmp_path)

    assert set(inspect(storage.engine).get_table_names()) == before
    assert get_newest_revision() >= "0001"
    storage.close()
