"""Databases of their own for tests: empty ones, and copies of one whose schema is up to date already.

Nearly every test needs a schema, and to build it anew each time would take a third of the whole run.
"""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.storage import Storage
from app.storage.upgrade import upgrade
from tests.support.postgresql import OFFERED, LentDatabases, postgresql_database

DATABASES = ["sqlite", *(["postgresql"] if os.environ.get(OFFERED) else [])]


@pytest.fixture(scope="session")
def ready_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file with the schema in it, to be copied."""
    folder = tmp_path_factory.mktemp("schema")
    build_schema(f"sqlite:///{folder}/gateway.db", folder)
    return folder / "gateway.db"


@pytest.fixture(scope="session")
def lent_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LentDatabases]:
    """Give databases of PostgreSQL's with the schema in them."""
    with contextlib.ExitStack() as stack:
        template = stack.enter_context(postgresql_database())
        build_schema(template, tmp_path_factory.mktemp("schema"))
        yield LentDatabases(template, stack)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database with the schema and nothing else: SQLite, and PostgreSQL where one is offered."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("ready_file"), tmp_path / "gateway.db")
        yield f"sqlite:///{tmp_path}/gateway.db"
        return
    with request.getfixturevalue("lent_databases").lent() as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/gateway.db"
        return
    with postgresql_database() as url:
        yield url


@pytest.fixture
def ready_instance(tmp_path: Path, ready_file: Path) -> Path:
    """Give an instance folder with a database that has the schema."""
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    shutil.copyfile(ready_file, folder / "gateway.db")
    return folder


def build_schema(url: str, folder: Path) -> None:
    """Bring an empty database up to date."""
    storage = Storage(url, folder)
    upgrade(storage, folder)
    storage.close()


@contextlib.contextmanager
def prepared_each(storage: Storage, prepare: Callable[[Any], object]) -> Iterator[None]:
    """Do something with each connection of a storage before it is used in the block."""

    def check_out(driver: Any, *_: object) -> None:
        prepare(driver)

    event.listen(storage.engine, "checkout", check_out)
    if storage.is_sqlite:
        # The one that writes is kept, and given out by no pool.
        with storage.writing_directly() as connection:
            prepare(connection.dbapi_connection)
    yield
    event.remove(storage.engine, "checkout", check_out)


@contextlib.contextmanager
def failing(storage: Storage, is_failing: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Make every statement in the block fail while this says so, as a database that went away does."""
    is_over = threading.Event()
    is_over.set()

    def fail_now() -> bool:
        return not is_over.is_set() and is_failing()

    def fail(driver: Any) -> None:
        if storage.is_sqlite:
            # It stays: to take it away while another thread is in it would never end.
            driver.set_progress_handler(fail_now, 1)
        elif fail_now():
            driver.execute("SELECT * FROM nowhere")

    with prepared_each(storage, fail):
        is_over.clear()
        try:
            yield
        finally:
            is_over.set()
