"""Wait until the gateways know what became of every order."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.orders.states import RESOLVED, State
from app.storage import Storage
from app.storage.order_tables import order_commands

RESOLVING_SECONDS = 30.0
REFUSING_SECONDS = 7.0
"""So long after the last answer every late refusal has come, and has been seen."""

UNRESOLVED = [state.value for state in State if state not in RESOLVED | {State.ABSENT}]


@dataclass(frozen=True)
class Resolving:
    """After how many seconds nothing was unknown any more, None for never; and what was left then."""

    seconds: float | None
    left: Sequence[str] = ()


def wait_until_resolved(storage: Storage, report: Callable[[str], None], *, may_be_refused: bool) -> Resolving:
    """Wait as long as the promise is, and for what Tiger may still refuse after it took it."""
    started = time.monotonic()
    while True:
        left = _list_unresolved(storage)
        seconds = time.monotonic() - started
        if not left and (seconds >= REFUSING_SECONDS or not may_be_refused):
            return Resolving(seconds)
        if seconds > RESOLVING_SECONDS:
            return Resolving(None, left)
        if left:
            report(f"{len(left)} not resolved after {seconds:.0f} s")
        time.sleep(1.0)


def _list_unresolved(storage: Storage) -> list[str]:
    """Return what the journal says of each command that nobody knows the outcome of."""
    table = order_commands
    wanted = select(table.c.kind, table.c.idempotency_key, table.c.state, table.c.history)
    with storage.reading() as connection:
        rows = connection.execute(wanted.where(table.c.state.in_(UNRESOLVED))).all()
    return [f"{row.kind} {row.idempotency_key} {row.state}: {_shorten(row.history)}" for row in rows]


def _shorten(history: str) -> str:
    events = [json.loads(line) for line in history.splitlines()]
    return ", ".join(f"{event['at']} {event['event']} {event['details'].get('error', '')}".strip() for event in events)
