"""What the tokens of one gateway are made of, in one place for all who work with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.tiger.sessions import Session
from app.tokens.attempt_log import AttemptLog
from app.tokens.distribution import TokenBoard
from app.tokens.folders import Folders
from app.tokens.probe import LONGEST_SECONDS
from app.tokens.records import TokenOwner
from app.tokens.schedule import Schedule
from app.tokens.store import TokenStore
from app.tokens.tasks import Tasks

ABANDONED_SECONDS = LONGEST_SECONDS + 1.2
"""Others abandon an attempt when it has lasted this much longer than its call to Tiger may."""


@dataclass(frozen=True, slots=True)
class Parts:
    """``get_session`` gives a session of an account, ``get_name`` this process's name, ``get_leader`` the leader's."""

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
