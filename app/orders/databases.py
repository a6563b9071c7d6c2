"""Open the databases of a gateway, in such a way that an order waits for neither longer than it can afford."""

from typing import Final

from app.config.credentials import ConfigurationError
from app.config.private_files import get_unwritable
from app.errors import StorageUnavailable
from app.orders.times import STORAGE_SHARE, SWIFT_SHARE
from app.settings import Settings
from app.storage.engine import Storage
from app.storage.sqlite import BUSY_SECONDS
from app.storage.upgrade import NewerSchemaError, upgrade

SWIFT_CONNECTIONS: Final = 8
LEAST_BUSY_SECONDS: Final = 0.5


def open_databases(settings: Settings) -> tuple[Storage, Storage]:
    """Return the gateway's database, brought up to date, and the same for what is worth nothing a minute later.

    With the second one nobody waits for the disk.

    Raises:
        ConfigurationError: The database was written by a newer release, or the instance folder cannot be written.
        StorageUnavailable: The database does not answer.
    """
    url, instance, seconds = settings.gateway.database_url, settings.instance, settings.tiger.order_deadline_seconds
    try:
        storage = Storage(url, instance, busy_seconds=_get_busy_seconds(STORAGE_SHARE * seconds))
    except OSError as error:
        raise get_unwritable(error, instance) from error
    swift_storage = Storage(
        url,
        instance,
        connections=SWIFT_CONNECTIONS,
        is_durable=False,
        busy_seconds=_get_busy_seconds(SWIFT_SHARE * seconds),
        condition=storage.condition,
        write_queue=storage.write_queue,
    )
    try:
        upgrade(storage, instance)
    except NewerSchemaError as error:
        raise ConfigurationError(f"gateway.database_url: {error}") from error
    except StorageUnavailable as error:
        raise StorageUnavailable("gateway.database_url: the database does not answer", retry_after=1) from error
    return storage, swift_storage


def _get_busy_seconds(share: float) -> float:
    """Return how long a lock is waited for where so much of an order's time may go for it."""
    return min(BUSY_SECONDS, max(LEAST_BUSY_SECONDS, share))
