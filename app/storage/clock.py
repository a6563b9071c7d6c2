"""One clock for all who share a database."""

import time

from sqlalchemy import Connection, text


def fetch_now(connection: Connection) -> int:
    """Return the present moment in milliseconds, which mean nothing but their differences.

    SQLite is shared on one machine only, so that its time since boot serves: nobody can set it. On PostgreSQL it is
    the server's clock, asked anew within a transaction.
    """
    if connection.dialect.name == "sqlite":
        return get_milliseconds_since_boot()
    moment = connection.execute(text("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"))
    return int(moment.scalar_one())


def get_milliseconds_since_boot() -> int:
    """Return the time since boot, the same in every process, counting on while the machine is suspended."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000
