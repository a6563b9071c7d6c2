"""The file that keeps the simulator's state: SQLite, committed before any answer leaves."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SCHEMA = """
CREATE TABLE IF NOT EXISTS credentials (
    tiger_id TEXT PRIMARY KEY, license TEXT NOT NULL, private_key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, tiger_id TEXT NOT NULL, created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, valid_until_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS quote_permissions (tiger_id TEXT PRIMARY KEY, device_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    account TEXT PRIMARY KEY, tiger_id TEXT NOT NULL, kind TEXT NOT NULL, next_number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cash (
    account TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL, realized TEXT NOT NULL,
    PRIMARY KEY (account, currency));
CREATE TABLE IF NOT EXISTS positions (
    account TEXT NOT NULL, listing TEXT NOT NULL, quantity TEXT NOT NULL, basis TEXT NOT NULL,
    realized TEXT NOT NULL, PRIMARY KEY (account, listing));
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    UNIQUE (account, number));
CREATE TABLE IF NOT EXISTS fills (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, account TEXT NOT NULL, at_ms INTEGER NOT NULL,
    quantity TEXT NOT NULL, price TEXT NOT NULL, amount TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fill_legs (fill_id INTEGER PRIMARY KEY, listing TEXT NOT NULL, action TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS futures_cash (
    account TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL, realized TEXT NOT NULL,
    PRIMARY KEY (account, currency));
CREATE TABLE IF NOT EXISTS futures_settlements (account TEXT PRIMARY KEY, settled_ms INTEGER NOT NULL);
"""

LOCK_WAIT_SECONDS = 5.0


class StateInUseError(Exception):
    """Another simulator holds this folder."""


def lock_folder(folder: Path) -> IO[bytes]:
    """Take the folder for this process and return the open lock file, which holds it until closed.

    Waits a few seconds, so that a successor may start while its predecessor is still stopping.
    Raises StateInUseError when the folder stays taken.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = (folder / "state.lock").open("wb")
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                handle.close()
                message = f"another simulator is using {folder}"
                raise StateInUseError(message) from error
            # The lock has no event to wait for, and this runs before anything is served.
            time.sleep(0.05)
        else:
            return handle


class StateFile:
    """Own the database connection; used from the thread that made it only."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The file holds private keys: it must never exist with wider rights, not even for a moment.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing with NORMAL; only a power cut may cost the last commits.
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block's statements as one commit; nested blocks join the outer one."""
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded into the file."""
        self.connection.close()
