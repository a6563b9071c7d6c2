"""The state of the permissions in the shared database."""

from dataclasses import fields
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.quote_permission.record import PermissionRecord
from app.storage import Storage
from app.storage.quote_tables import quote_permissions as table

COLUMNS = [table.c[item.name] for item in fields(PermissionRecord)]


class PermissionStore:
    """Read and write it. Every method may raise ``StorageUnavailable``."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def fetch(self, tiger_id: str) -> PermissionRecord:
        """Return what is known, which is nothing where nobody has put anything down."""
        with self._storage.reading() as connection:
            row = connection.execute(select(*COLUMNS).where(table.c.tiger_id == tiger_id)).one_or_none()
        return PermissionRecord(tiger_id) if row is None else PermissionRecord(*row)

    def change(self, seen: PermissionRecord, **values: Any) -> bool:
        """Change what stands as it was seen; False where somebody else has changed it since."""
        stands = [column == getattr(seen, column.name) for column in COLUMNS if column.name != "message"]
        with self._storage.writing() as connection:
            if connection.execute(update(table).where(*stands).values(values)).rowcount == 1:
                return True
        if seen != PermissionRecord(seen.tiger_id):
            return False
        first = {item.name: getattr(seen, item.name) for item in fields(seen)} | values
        try:
            with self._storage.writing() as connection:
                connection.execute(insert(table).values(first))
        except IntegrityError:
            return False
        return True
