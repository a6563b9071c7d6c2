"""Open a database of SQLite: one file that all processes of a machine share."""

import sqlite3
import time
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from app.storage.write_queue import Begin

BUSY_SECONDS = 5.0
BUSY_PAUSE_SECONDS = 0.005
CHECKPOINT_MS = 100
"""So long a checkpoint waits for readers: whoever writes waits for it meanwhile."""
LONGEST_LOG_BYTES = 64 * 1024 * 1024
"""What the log is cut down to once all of it is in the file; otherwise it stays as long as it ever was."""
WRITING = "tiger_rest_writing"
"""What begins a transaction that will write."""
RELAXED = "tiger_rest_relaxed"


def get_folder(url: URL) -> Path | None:
    """Return where the file lies; None of a database that no other process has."""
    return Path(url.database).parent if url.database and url.database != ":memory:" and "uri" not in url.query else None


def open_sqlite(url: URL, *, is_durable: bool, busy_seconds: float, **pool: Any) -> Engine:
    """Return the engine; its parameters are those of ``Storage``, and of the pool.

    Raises:
        OSError: The file cannot be written.
    """
    if url.database and (folder := get_folder(url)) is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives the files beside it the rights that it has itself. One that is there must not be opened and
        # closed: with that the process would lose its locks on it.
        Path(url.database).touch(0o600)
    # What a statement is given may be a secret, and errors are logged.
    connect_args = {"timeout": busy_seconds, "check_same_thread": False}
    engine = create_engine(url, **pool, hide_parameters=True, connect_args=connect_args)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        # The driver's own transactions begin late and only for some statements; ours are begun below.
        connection.isolation_level = None
        _turn_on_wal(connection)
        connection.execute(f"PRAGMA synchronous={'FULL' if is_durable else 'NORMAL'}").close()
        for pragma in (f"journal_size_limit={LONGEST_LOG_BYTES}", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        relaxed = options.get(RELAXED, False) if is_durable else None
        if WRITING in options:
            _begin_to_write(driver, options[WRITING], busy_seconds, relaxed=relaxed)
        else:
            driver.execute("BEGIN DEFERRED").close()

    return engine


def _begin_to_write(driver: sqlite3.Connection, begin: Begin, busy_seconds: float, *, relaxed: bool | None) -> None:
    """Begin a transaction that has the lock: upgrading a read lock can fail without waiting.

    ``relaxed`` is None where commits never wait for the disk.
    """
    if relaxed is not None:
        # It holds for the connection, so that each writer sets it, whoever had the connection before.
        driver.execute(f"PRAGMA synchronous={'NORMAL' if relaxed else 'FULL'}").close()
    driver.execute("PRAGMA busy_timeout=0").close()
    try:
        begin(driver)
    finally:
        driver.execute(f"PRAGMA busy_timeout={round(busy_seconds * 1_000)}").close()


def _turn_on_wal(connection: sqlite3.Connection) -> None:
    """Switch the journal; of several who do so with a new file at once, SQLite refuses some without waiting."""
    ends = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
            time.sleep(BUSY_PAUSE_SECONDS)
        else:
            return
