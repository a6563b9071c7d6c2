"""Databases on the PostgreSQL server that the environment names.

One that a test leaves is emptied and lent to the next: to make and to drop one waits for the disk of the whole server.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, create_engine, make_url, select, text

OFFERED = "TIGER_REST_TEST_DATABASE_URL"
LEAVING_SECONDS = 1.0
"""So long a server may take to notice that a client has gone."""
REWIND = "SELECT setval(oid, 1, false) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"
SHAPE = """
    SELECT c.relname, c.relkind::text, a.attname, a.atttypid::text, a.attnotnull::text FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
    UNION ALL SELECT tgname, '', '', '', '' FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT conname, contype::text, '', '', '' FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT setconfig::text, '', '', '', '' FROM pg_db_role_setting s
    JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
    ORDER BY 1, 2, 3, 4, 5
"""
"""What a test may have changed beside rows: relations and their columns, triggers, constraints, settings."""


@contextlib.contextmanager
def postgresql_database(template: str | None = None) -> Iterator[str]:
    """Give the URL of a database: empty, or a copy of a template."""
    name = f"tiger_rest_test_{secrets.token_hex(6)}"
    with connected(os.environ[OFFERED], isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    try:
        yield make_url(os.environ[OFFERED]).set(database=name).render_as_string(hide_password=False)
    finally:
        with connected(os.environ[OFFERED], isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


class LentDatabases:
    """Copies of a template, each lent to one test at a time; they end with the stack."""

    def __init__(self, template: str, stack: contextlib.ExitStack) -> None:
        self._template, self._stack = make_url(template).database, stack
        self._free: list[str] = []
        with connected(template) as connection:
            self._shape = connection.execute(text(SHAPE)).all()
            metadata = MetaData()
            metadata.reflect(connection)
            self._tables = metadata.sorted_tables
            self._rows = {table: connection.execute(select(table)).mappings().all() for table in self._tables}

    @contextlib.contextmanager
    def lent(self) -> Iterator[str]:
        """Give the URL of one; what somebody still holds, or is not as it was, is lent to nobody again."""
        url = self._free.pop() if self._free else self._stack.enter_context(postgresql_database(self._template))
        yield url
        if is_left(url) and self._restore(url):
            self._free.append(url)

    def _restore(self, url: str) -> bool:
        with connected(url) as connection, connection.begin():
            if connection.execute(text(SHAPE)).all() != self._shape:
                return False
            connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
            for table in reversed(self._tables):
                connection.execute(table.delete())
            for table, rows in self._rows.items():
                if rows:
                    connection.execute(table.insert(), [dict(row) for row in rows])
            connection.execute(text(REWIND))
        return True


def is_left(url: str) -> bool:
    """Tell whether nobody is connected to a database any more."""
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    ends = time.monotonic() + LEAVING_SECONDS
    with connected(os.environ[OFFERED], isolation_level="AUTOCOMMIT") as connection:
        while connection.execute(asked, {"name": make_url(url).database}).scalar_one():
            if time.monotonic() > ends:
                return False
            time.sleep(0.005)  # A poll between two looks.
    return True


@contextlib.contextmanager
def connected(url: str, **options: str) -> Iterator[Connection]:
    """Give a connection of its own."""
    engine = create_engine(url, **options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
