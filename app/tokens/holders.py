"""Tell whether the process that refreshes a token is still there."""

import os
import socket
from collections.abc import Callable

from app.tokens.journal import AttemptJournal
from app.tokens.record import Attempt, Cause, TokenRecord


class Holders:
    """Look for processes that have a refresh under way; ``get_name`` tells this one's name, ``get_leader`` who leads.

    A process is named host:pid:random, and a command that stands for no election just "command".
    """

    def __init__(
        self, journal: AttemptJournal, get_name: Callable[[], str], get_leader: Callable[[], str | None]
    ) -> None:
        self._journal = journal
        self._get_name = get_name
        self._get_leader = get_leader

    def find_gone(self, record: TokenRecord) -> str | None:
        """Return who has the attempt that is under way, if that process is gone as far as can be told, else None.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        attempt = self._journal.fetch(record.tiger_id, record.attempt) if record.is_refreshing else None
        return attempt.holder if attempt is not None and self._is_gone(attempt) else None

    def _is_gone(self, attempt: Attempt) -> bool:
        host, _, rest = attempt.holder.partition(":")
        process = rest.partition(":")[0]
        if attempt.holder == self._get_name() or not process.isdigit():
            return False
        if host != socket.gethostname():
            # Of another machine no more is known than that it led, and leads no longer.
            return attempt.cause is Cause.SCHEDULE and self._get_leader() not in (None, attempt.holder)
        return int(process) == os.getpid() or not _is_running(int(process))


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
