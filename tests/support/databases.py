"""Databases of their own for tests: empty ones, and copies of one whose schema is up to date already.

Nearly every test needs a schema, and to build it anew each time would take a third of the whole run.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from app.storage import Storage
from app.storage.upgrade import upgrade

DATABASES = ["sqlite", *(["postgresql"] if os.environ.get("TIGER_REST_TEST_DATABASE_URL") else [])]


@contextlib.contextmanager
def postgresql_database(template: str | None = None) -> Iterator[str]:
    """Give the URL of a database on the server that the environment names: empty, or a copy of a template."""
    server = make_url(os.environ["TIGER_REST_TEST_DATABASE_URL"])
    name = f"tiger_rest_test_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@pytest.fixture(scope="session")
def ready_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file with the schema in it, to be copied."""
    folder = tmp_path_factory.mktemp("schema")
    build_schema(f"sqlite:///{folder}/gateway.db", folder)
    return folder / "gateway.db"


@pytest.fixture(scope="session")
def ready_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the name of a PostgreSQL database with the schema in it, to be copied."""
    with postgresql_database() as url:
        build_schema(url, tmp_path_factory.mktemp("schema"))
        yield str(make_url(url).database)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database with the schema and nothing else: SQLite, and PostgreSQL where one is offered."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("ready_file"), tmp_path / "gateway.db")
        yield f"sqlite:///{tmp_path}/gateway.db"
        return
    with postgresql_database(request.getfixturevalue("ready_template")) as url:
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
