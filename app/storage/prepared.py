"""Statements that are compiled once and handed straight to the database's driver.

On their way through the engine they cost an order more than the disk does: what is built for each execution is cold by
the time the next order comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Engine, Insert, PoolProxiedConnection, Select, TextClause, Update
from sqlalchemy.engine.interfaces import DBAPICursor


class Prepared:
    """One statement of fixed text, for values of types that the driver takes as they are: text and whole numbers."""

    def __init__(self, engine: Engine, statement: Select[Any] | Insert | Update | Delete | TextClause) -> None:
        compiled = statement.compile(engine)
        self._text = str(compiled)
        # What the statement itself says, such as the 1 that a counter grows by.
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._positions = compiled.positiontup if compiled.positional else None
        self._names: list[str] = []

    def first(self, connection: PoolProxiedConnection, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Execute the statement in the transaction of a driver's connection and return the first row, or None.

        Raises what the driver raises; a transaction of ``Storage`` makes of it what the engine's would be.
        """
        cursor = connection.cursor()
        try:
            cursor.execute(self._text, self._get_given(values))
            row = cursor.fetchone()
            return None if row is None else dict(zip(self._get_names(cursor), row, strict=True))
        finally:
            cursor.close()

    def all(self, connection: PoolProxiedConnection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute the statement in the same way and return all rows, as the driver gives them."""
        cursor = connection.cursor()
        try:
            cursor.execute(self._text, self._get_given(values))
            return cursor.fetchall()
        finally:
            cursor.close()

    def mappings(self, connection: PoolProxiedConnection, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Execute the statement in the same way and return every row by the names of its columns."""
        cursor = connection.cursor()
        try:
            cursor.execute(self._text, self._get_given(values))
            names = self._get_names(cursor)
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def run(self, connection: PoolProxiedConnection, values: Mapping[str, Any]) -> None:
        """Execute a statement that returns no rows, in the same way."""
        cursor = connection.cursor()
        try:
            cursor.execute(self._text, self._get_given(values))
        finally:
            cursor.close()

    def run_all(self, connection: PoolProxiedConnection, each: Iterable[Mapping[str, Any]]) -> None:
        """Execute such a statement for several sets of values, in the same way."""
        cursor = connection.cursor()
        try:
            given: list[Any] = [self._get_given(values) for values in each]
            cursor.executemany(self._text, given)
        finally:
            cursor.close()

    def _get_names(self, cursor: DBAPICursor) -> list[str]:
        """Return what the columns are called: the same each time, and the driver writes the list anew for each look."""
        if not self._names:
            self._names = [item[0] for item in cursor.description]
        return self._names

    def _get_given(self, values: Mapping[str, Any]) -> Mapping[str, Any] | list[Any]:
        named = {**self._fixed, **values}
        return named if self._positions is None else [named[name] for name in self._positions]
