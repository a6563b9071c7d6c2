"""A journal that nobody can write."""

import contextlib

from sqlalchemy import text


@contextlib.contextmanager
def locked(storage):
    """Hold what every writer needs, as a process does that stands still."""
    with storage.engine.connect() as connection:
        if storage.is_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("LOCK TABLE tiger_rest_order_commands IN EXCLUSIVE MODE"))
        yield
        connection.rollback()
