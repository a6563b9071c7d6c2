"""Count what the journal holds, for those who watch over it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select

from app.orders.entries import Kind
from app.orders.states import SETTLED, State
from app.storage.engine import Storage
from app.storage.order_tables import order_commands

WINDOW_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Commands by kind and state, and since when (epoch milliseconds) the oldest unsettled one is there, if any is."""

    commands: Mapping[tuple[Kind, State], int]
    unsettled_since: int | None


def fetch_tally(storage: Storage) -> Tally:
    """Count the commands of the last 24 hours, and what is left to find out of older ones.

    Both are found by index, however long the journal is: an id begins with the millisecond it was made in.

    Raises:
        StorageUnavailable: The database does not answer.
    """
    columns = order_commands.c
    first_id = f"{time.time_ns() // 1_000_000 - WINDOW_MS:012x}"
    statement = (
        select(
            columns.kind, columns.state, func.count().label("commands"), func.min(columns.created_at).label("oldest")
        )
        .where(or_(columns.id >= first_id, columns.next_look_at.is_not(None)))
        .group_by(columns.kind, columns.state)
    )
    with storage.reading() as connection:
        rows = connection.execute(statement).all()
    counted = {(Kind(row.kind), State(row.state)): row.commands for row in rows}
    unsettled = [row.oldest for row in rows if State(row.state) not in SETTLED]
    return Tally(
        {(kind, state): counted.get((kind, state), 0) for kind in Kind for state in State}, min(unsettled, default=None)
    )
