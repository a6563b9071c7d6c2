"""Let those who keep something in memory of what they wrote know what became of the transaction."""

import contextlib
import enum
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Final

from sqlalchemy import Connection, PoolProxiedConnection

KEY: Final = "tiger_rest_outcome"


class Outcome(enum.Enum):
    """What became of a transaction; UNKNOWN: it was to be committed, and nobody heard whether it was."""

    COMMITTED = enum.auto()
    UNDONE = enum.auto()
    UNKNOWN = enum.auto()


class Ending:
    """One transaction, and who wants to know how it ends; ``is_committing`` once all its statements have run."""

    def __init__(self) -> None:
        self.is_committing = False
        self.calls: list[Callable[[Outcome], None]] = []

    def report(self, outcome: Outcome) -> None:
        """Say how it ended."""
        for call in self.calls:
            call(outcome)


@contextlib.contextmanager
def reporting(info: MutableMapping[Any, Any]) -> Iterator[Ending]:
    """Report how the transaction of a connection ended, whose notes these are; none of the calls may raise."""
    ending = info[KEY] = Ending()
    try:
        yield ending
    except BaseException:
        ending.report(Outcome.UNKNOWN if ending.is_committing else Outcome.UNDONE)
        raise
    else:
        ending.report(Outcome.COMMITTED)
    finally:
        info.pop(KEY, None)


def on_outcome(connection: Connection | PoolProxiedConnection, call: Callable[[Outcome], None]) -> None:
    """Have this called when the running transaction of ``Storage`` has ended, before its connection is given back."""
    ending: Ending = connection.info[KEY]
    ending.calls.append(call)
