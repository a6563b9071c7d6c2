"""Bring the database to the newest schema, once, however many workers start together."""

import contextlib
import fcntl
import logging
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.storage.engine import Storage

VERSION_TABLE = "tiger_rest_schema"
# Any number serves, as long as every gateway takes the same one (PostgreSQL documentation, advisory locks).
ADVISORY_LOCK = 7_446_883_021
MIGRATIONS = Path(__file__).parent / "migrations"

logger = logging.getLogger(__name__)


class NewerSchemaError(Exception):
    """The database was written by a newer release."""


def get_newest_revision() -> str:
    """Return the newest revision this release knows, from the numbers its files start with."""
    return max(file.name.split("_", 1)[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def upgrade(storage: Storage, instance: Path) -> None:
    """Run the missing migrations.

    The common case, nothing missing, costs one query and does not load Alembic.

    Raises:
        StorageUnavailable: The database does not answer.
        NewerSchemaError: The database was written by a newer release.
    """
    newest = get_newest_revision()
    with storage.reading() as connection:
        if _read_revision(connection) == newest:
            return
    with _own_turn(storage, instance) as connection:
        current = _read_revision(connection)
        if current == newest:
            return
        if current is not None and current > newest:
            raise NewerSchemaError(
                f"the database has schema {current}, this release knows {newest}: run the newer release"
            )
        _run_alembic(connection)
        logger.info("Database schema upgraded from %s to %s", current or "nothing", newest)


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return revision


def _run_alembic(connection: Connection) -> None:
    # Loaded here since a start with nothing to migrate, the usual one, should not pay for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(connection=connection, version_table=VERSION_TABLE)
    command.upgrade(config, "head")


@contextlib.contextmanager
def _own_turn(storage: Storage, instance: Path) -> Iterator[Connection]:
    """Give a transaction beside which nobody else upgrades, however long another worker's migration takes."""
    if storage.is_sqlite:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        (instance / "upgrade.lock").touch(0o600)
        with (instance / "upgrade.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with storage.writing() as connection:
                yield connection
        return
    # The driver is an extra.
    from app.storage.postgresql import lift_limits  # noqa: PLC0415

    with storage.writing() as connection:
        # What another one has just created must be seen from here.
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
        lift_limits(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
        yield connection
