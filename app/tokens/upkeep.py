"""What every process does about tokens at each look: leading or not, on its own machine and for all."""

import logging
from collections.abc import Callable, Mapping

from app.tiger.user_tokens import TOKEN_LICENSES
from app.tokens.distribution import TokenBoard
from app.tokens.plan import Pauses, Plan
from app.tokens.record import TokenOwner, TokenRecord
from app.tokens.refresher import Refresher
from app.tokens.store import TokenStore
from app.tokens.token_file import read_token_file
from app.tokens.user_token import UserToken

logger = logging.getLogger(__name__)


class Upkeep:
    """Keep the database, the files of this machine and the plan of this process in step."""

    def __init__(
        self,
        owners: Mapping[str, TokenOwner],
        store: TokenStore,
        board: TokenBoard,
        plan: Plan,
        pauses: Pauses,
        refresher: Refresher,
        get_holder: Callable[[], str],
    ) -> None:
        self._owners = owners
        self._store = store
        self._board = board
        self._plan = plan
        self._pauses = pauses
        self._refresher = refresher
        self._get_holder = get_holder
        self._unwritable: dict[str, int] = {}

    def run(self) -> None:
        """Look after every token once.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        in_files = {owner.tiger_id: get_newest_in_files(owner) for owner in self._owners.values()}
        records = self._fetch_records(in_files)
        for owner in self._owners.values():
            if record := records.get(owner.tiger_id):
                self._look_after(owner, record, in_files[owner.tiger_id])

    def _fetch_records(self, in_files: Mapping[str, UserToken | None]) -> dict[str, TokenRecord]:
        """Return the record of every token, those included that are new to the database."""
        records = self._store.fetch_all()
        new = [
            owner.tiger_id
            for owner in self._owners.values()
            if owner.tiger_id not in records and (in_files[owner.tiger_id] or owner.license in TOKEN_LICENSES)
        ]
        for tiger_id in new:
            self._store.create(tiger_id, self._pauses.initial)
        return self._store.fetch_all() if new else records

    def _look_after(self, owner: TokenOwner, record: TokenRecord, in_file: UserToken | None) -> None:
        self._plan.observe(record)
        if unsaved := self._board.get_unsaved(owner.tiger_id):
            self._store.keep(owner.tiger_id, record.attempt, unsaved)
            self._board.release(owner.tiger_id)
            logger.warning("The new token of tiger_id %s is stored now", owner.tiger_id)
        elif self._plan.is_abandoned(record, self._refresher.longest_seconds):
            self._refresher.give_up(record)
        elif record.is_refreshing:
            return
        elif in_file is not None and in_file.is_newer_than(record.token):
            self._adopt(owner, record, in_file)
        elif record.token is not None:
            self._follow(owner, record, record.token, in_file)

    def _adopt(self, owner: TokenOwner, record: TokenRecord, token: UserToken) -> None:
        wait = self._pauses.initial
        if record.token is not None and not record.failures:
            wait = max(0.0, record.wait_seconds)
        if self._store.adopt(record, token, self._get_holder(), wait_seconds=wait):
            logger.info("A newer token was found in the file of credential %s and is in use", owner.name)

    def _follow(self, owner: TokenOwner, record: TokenRecord, token: UserToken, in_file: UserToken | None) -> None:
        """Write a token that came from another process, or another machine, into this machine's files."""
        # A file whose token says nothing about its age may be what somebody has just put there: it stays.
        is_behind = in_file is None or (in_file.issued_at is not None and token.is_newer_than(in_file))
        if is_behind and self._unwritable.get(owner.tiger_id) != record.version:
            if self._refresher.write_files(owner, token):
                return
            self._unwritable[owner.tiger_id] = record.version


def get_newest_in_files(owner: TokenOwner) -> UserToken | None:
    """Return the latest token that lies in a folder of this owner, or None where there is none."""
    newest: UserToken | None = None
    for credential in owner.credentials:
        token = read_token_file(credential.path)
        if token is not None and token.is_newer_than(newest):
            newest = token
    return newest
