"""Look at a token: all that is known of it at one moment, from which is decided what to do and what is wrong."""

import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.clock import get_elapsed, get_now_ms
from app.errors import GatewayError
from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tiger.sessions import Session
from app.tokens.attempts import Attempt, AttemptLog, Cause, History
from app.tokens.distribution import TokenBoard
from app.tokens.probe import LONGEST_SECONDS
from app.tokens.records import TokenOwner, TokenRecord
from app.tokens.schedule import Schedule
from app.tokens.store import TokenStore
from app.tokens.tasks import Tasks
from app.tokens.token_file import Folders, TokenFile, look_into_folders
from app.tokens.user_token import UserToken, get_newest

ABANDONED_SECONDS = LONGEST_SECONDS + 1.2
"""Others abandon an attempt when it has lasted this much longer than its call to Tiger may."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the tokens of one gateway are made of.

    ``get_session`` gives a session of an account, ``get_name`` this process's name, ``get_leader`` the leader's.
    """

    owners: Mapping[str, TokenOwner]
    store: TokenStore
    log: AttemptLog
    board: TokenBoard
    schedule: Schedule
    tasks: Tasks
    folders: Folders
    call_seconds: float
    get_session: Callable[[str], Session]
    get_name: Callable[[], str]
    get_leader: Callable[[], str | None]

    @property
    def longest_seconds(self) -> float:
        """Return how long an attempt may last before others abandon it."""
        return self.call_seconds + ABANDONED_SECONDS

    def open_session(self, owner: TokenOwner) -> Session:
        """Return a session in which a token of this owner is refreshed or tried out."""
        return self.get_session(owner.refresh_account.account)


NO_HISTORY = History()


@dataclass(frozen=True, slots=True)
class Observation:
    """What one process sees of a token.

    ``files`` are those of the owner's folders, ``now_ms`` is the clock on the wall. ``is_unsaved``: a new token is in
    the memory of this process and could not be stored. ``is_doubted``: Tiger refused a call of this process for the
    stored token. ``due_in`` are the seconds until the next refresh, ``seconds_left`` those until one that is under way
    is abandoned; ``left_by`` is the process that was refreshing it and is gone. ``is_busy``: this process has something
    under way for it. ``may_write``: no folder has just been found unwritable. ``was_in_step`` is the last token that
    this process has seen both stored and in the file.
    """

    owner: TokenOwner
    record: TokenRecord
    history: History = NO_HISTORY
    files: tuple[TokenFile, ...] = ()
    now_ms: int = 0
    is_unsaved: bool = False
    is_doubted: bool = False
    due_in: float = float("inf")
    seconds_left: float = float("inf")
    left_by: str | None = None
    is_busy: bool = False
    may_write: bool = True
    was_in_step: UserToken | None = None

    @property
    def is_asked_for(self) -> bool:
        """Return whether Tiger's licence asks for a token."""
        return self.owner.license in TOKEN_LICENSES

    @property
    def uses_token(self) -> bool:
        """Return whether calls carry a token: the licence asks for one, or somebody put one there."""
        return self.is_asked_for or bool(self.tokens_in_files)

    @property
    def tokens_in_files(self) -> list[UserToken]:
        """Return the tokens that lie in the owner's folders."""
        return [file.token for file in self.files if file.token is not None]

    @property
    def found(self) -> UserToken | None:
        """Return the latest token in the owner's folders, but one just tried in vain only where there is no other."""
        found = self.tokens_in_files
        return get_newest(each for each in found if self.history.may_try(each, self.now_ms)) or get_newest(found)


class Observer:
    """Gather what is known; nothing is changed by it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def look(self) -> list[Observation]:
        """Return what is known of each owner's token; raises like ``for_each``."""
        seen: list[Observation] = []
        self.for_each(self._parts.owners.values(), seen.append)
        return seen

    def for_each(self, owners: Iterable[TokenOwner], work: Callable[[Observation], None]) -> None:
        """Do something with what is known of each owner's token, also where nothing is stored.

        What goes wrong with one is raised when the others have had their turn.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        records = self._parts.store.fetch_all()
        problem: Exception | None = None
        for owner in owners:
            try:
                work(self.observe(owner, records.get(owner.tiger_id) or TokenRecord(owner.tiger_id)))
            except GatewayError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the other tokens have to live.
                problem = error
        if problem is not None:
            raise problem

    def observe(self, owner: TokenOwner, record: TokenRecord) -> Observation:
        """Return what is known of a token with this record.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if record.is_stored:
            self._parts.schedule.observe(record)
        history = self._parts.log.fetch_history(record)
        verdict = history.verdict
        files = look_into_folders(owner)
        if record.token is not None:
            self._parts.folders.note(owner, record.token, files)
            if verdict is not None and verdict.found_good:
                self._parts.board.forget_refusal(owner.tiger_id, record.token, verdict.ended_at or 0)
        due = self._parts.schedule.get_due(owner.tiger_id)
        return Observation(
            owner=owner,
            record=record,
            history=history,
            files=files,
            now_ms=get_now_ms(),
            is_unsaved=self._parts.board.get_held(owner.tiger_id) is not None,
            is_doubted=record.token is not None and self._parts.board.was_refused(owner.tiger_id, record.token),
            due_in=float("inf") if due is None else due - get_elapsed(),
            seconds_left=self._parts.longest_seconds - self._parts.schedule.get_under_way(record),
            left_by=self._find_gone(history.newest) if record.is_refreshing else None,
            is_busy=self._parts.tasks.find(owner.tiger_id) is not None,
            may_write=self._parts.folders.may_write(owner, record.token),
            was_in_step=self._parts.folders.get_in_step(owner),
        )

    def _find_gone(self, attempt: Attempt | None) -> str | None:
        """Return who has an attempt that is under way, if that process is gone as far as can be known, else None.

        A process is named host:pid:random, and a command that stands for no election just "command".
        """
        if attempt is None or attempt.holder == self._parts.get_name():
            return None
        host, _, rest = attempt.holder.partition(":")
        process = rest.partition(":")[0]
        if not process.isdigit():
            is_gone = False
        elif host == socket.gethostname():
            is_gone = int(process) == os.getpid() or not _is_running(int(process))
        else:
            # Of another machine no more is known than that it led, and leads no longer.
            is_gone = attempt.cause is Cause.SCHEDULE and self._parts.get_leader() not in {None, attempt.holder}
        return attempt.holder if is_gone else None


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
