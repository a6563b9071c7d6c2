"""The database of a campaign, and what can be done to it for a while."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from app.storage.order_tables import order_commands

LOCKED, READ_ONLY, BACKENDS_ENDED = "database locked", "database read-only", "backends ended"
END_BACKENDS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"

Harm = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Database:
    """A database for one campaign: its URL, the file where it is one, and what can be done to it, by name."""

    url: str
    file: Path | None
    harms: Mapping[str, Harm]


@contextlib.contextmanager
def empty_database(server_url: str | None, folder: Path) -> Iterator[Database]:
    """Give an empty database: a file, or one on the server of this URL, dropped afterwards."""
    if server_url is None:
        file = folder / "gateway.db"
        yield Database(f"sqlite:///{file}", file, {LOCKED: lambda: _locked_file(file)})
        return
    name = f"tiger_rest_campaign_{time.time_ns()}"
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    server = create_engine(server_url, isolation_level="AUTOCOMMIT")
    _run(server, f"CREATE DATABASE {name}")
    try:
        yield Database(
            url,
            None,
            {
                LOCKED: lambda: _locked_table(url),
                READ_ONLY: lambda: _read_only(server, name),
                BACKENDS_ENDED: lambda: _without_backends(server, name),
            },
        )
    finally:
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


@contextlib.contextmanager
def _locked_file(file: Path) -> Iterator[None]:
    """Hold the file's only writing transaction."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=30)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextlib.contextmanager
def _locked_table(url: str) -> Iterator[None]:
    """Hold a lock on the journal that lets nobody else read or write it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {order_commands.name} IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


@contextlib.contextmanager
def _read_only(server: Engine, name: str) -> Iterator[None]:
    """Let no new connection write, and end the old ones; likewise back."""
    _run(server, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with _without_backends(server, name):
        yield
    _run(server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    with _without_backends(server, name):
        pass


@contextlib.contextmanager
def _without_backends(server: Engine, name: str) -> Iterator[None]:
    """End every connection, once."""
    _run(server, END_BACKENDS, name=name)
    yield


def _run(server: Engine, statement: str, **values: str) -> None:
    with server.connect() as connection:
        connection.execute(text(statement), values)
