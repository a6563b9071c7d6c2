"""What every process does about tokens at each look: leading or not, on its own machine and for all."""

import logging
from collections.abc import Mapping, Sequence

from app.clock import get_elapsed
from app.errors import GatewayError
from app.tiger.credential.user_tokens import TOKEN_LICENSES
from app.tokens.concerns import SEALED_MEND
from app.tokens.distribution import TokenBoard
from app.tokens.examiner import Examiner
from app.tokens.finder import Finder
from app.tokens.folders import get_newest, get_newest_in_files, get_tokens_in_files, uses_token
from app.tokens.holders import Holders
from app.tokens.journal import AttemptJournal
from app.tokens.keeper import Keeper
from app.tokens.plan import Plan
from app.tokens.record import TokenOwner, TokenRecord
from app.tokens.refresher import Refresher
from app.tokens.store import TokenStore
from app.tokens.token_file import holds_file, holds_no_token
from app.tokens.user_token import UserToken

UNWRITABLE_SECONDS = 60.0
"""How long after a file could not be written it is tried again."""

logger = logging.getLogger(__name__)


class Upkeep:
    """Keep the database, the files of this machine and the plan of this process in step."""

    def __init__(
        self,
        owners: Mapping[str, TokenOwner],
        store: TokenStore,
        board: TokenBoard,
        plan: Plan,
        journal: AttemptJournal,
        keeper: Keeper,
        refresher: Refresher,
        finder: Finder,
        examiner: Examiner,
        holders: Holders,
    ) -> None:
        self._owners = owners
        self._store = store
        self._board = board
        self._plan = plan
        self._keeper = keeper
        self._refresher = refresher
        self._journal = journal
        self._finder = finder
        self._examiner = examiner
        self._holders = holders
        self._unwritable: dict[str, tuple[int, float]] = {}
        self._told_unread: dict[str, int] = {}
        self._in_step: dict[str, str] = {}
        self._told_left: dict[str, int] = {}
        self._told_sealed: set[str] = set()

    def run(self, *only: TokenOwner) -> None:
        """Look after every token once, or after those of these owners.

        What goes wrong with one is raised when the others have been looked after.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        owners = only or tuple(self._owners.values())
        in_files = {owner.tiger_id: self._get_candidate(owner) for owner in owners}
        records = self._fetch_records(owners)
        problem: Exception | None = None
        for owner in owners:
            try:
                if record := records.get(owner.tiger_id):
                    self._look_after(owner, record, in_files[owner.tiger_id])
            except GatewayError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the other tokens have to live.
                problem = error
        if problem is not None:
            raise problem

    def _get_candidate(self, owner: TokenOwner) -> UserToken | None:
        """Return the latest token in the owner's folders, but one that Tiger refuses only where there is no other."""
        fit = [token for token in get_tokens_in_files(owner) if not self._finder.is_unfit(owner.tiger_id, token)]
        return get_newest(fit) or get_newest_in_files(owner)

    def _fetch_records(self, owners: Sequence[TokenOwner]) -> dict[str, TokenRecord]:
        """Return the record of every token, those included that are new to the database."""
        records = self._store.fetch_all()
        new = [owner.tiger_id for owner in owners if owner.tiger_id not in records and uses_token(owner)]
        for tiger_id in new:
            self._store.create(tiger_id, self._plan.pauses.initial)
        return self._store.fetch_all() if new else records

    def _look_after(self, owner: TokenOwner, record: TokenRecord, in_file: UserToken | None) -> None:
        self._plan.observe(record)
        if self._board.get_unsaved(owner.tiger_id):
            self._keeper.save(owner)
        elif self._plan.get_under_way(record) > self._refresher.longest_seconds:
            self._refresher.give_up(record)
        elif record.is_refreshing:
            self._tell_left(record)
            return
        elif record.sealed is not None:
            # It is another gateway's, which would lose what is put in its place here.
            self._tell_sealed(owner)
        elif in_file is not None and in_file.is_newer_than(record.token):
            self._finder.consider(owner, record, in_file)
        elif record.token is not None:
            self._follow(owner, record, record.token, in_file)
        if record.token is not None and self._is_in_question(record, record.token):
            self._examiner.examine(owner, record)

    def _is_in_question(self, record: TokenRecord, token: UserToken) -> bool:
        """Tell whether Tiger refused the stored token, at a call of this process or a refresh of any, and not since."""
        if self._board.was_refused(record.tiger_id, token):
            return True
        refusal = self._journal.fetch_refusal(record) if record.failures else None
        return refusal is not None and not self._examiner.found_good_since(record, refusal)

    def _tell_left(self, record: TokenRecord) -> None:
        if self._told_left.get(record.tiger_id) != record.attempt and (holder := self._holders.find_gone(record)):
            self._told_left[record.tiger_id] = record.attempt
            left = self._refresher.longest_seconds - self._plan.get_under_way(record)
            logger.warning(
                "Token refresh of tiger_id %s was left by %s, which is gone; what became of it is known in %.0f s",
                record.tiger_id,
                holder,
                max(0.0, left),
            )

    def _tell_sealed(self, owner: TokenOwner) -> None:
        if owner.tiger_id not in self._told_sealed:
            self._told_sealed.add(owner.tiger_id)
            logger.error("The token of credential %s cannot be read: %s", owner.name, SEALED_MEND)

    def _follow(self, owner: TokenOwner, record: TokenRecord, token: UserToken, in_file: UserToken | None) -> None:
        """Write a token that came from another process, or another machine, into this machine's files."""
        self._told_sealed.discard(owner.tiger_id)
        if in_file is not None and in_file.text == token.text:
            self._in_step[owner.tiger_id] = token.text
            if not all(holds_file(credential.path) for credential in owner.credentials):
                self._write(owner, record, token)
        elif in_file is None and any(holds_no_token(credential.path) for credential in owner.credentials):
            if self._told_unread.get(owner.tiger_id) != record.version:
                self._told_unread[owner.tiger_id] = record.version
                logger.warning("No token can be read from the file of credential %s; it is left alone", owner.name)
        elif in_file is None and owner.license not in TOKEN_LICENSES:
            # Nobody asked for it, but who puts one there.
            return
        elif in_file is not None and not (self._was_in_step(owner, in_file) or self._finder.is_sure(record, in_file)):
            # Not what the gateway itself had put there, and replaced since.
            self._finder.doubt(owner, record, in_file)
        else:
            self._write(owner, record, token)

    def _write(self, owner: TokenOwner, record: TokenRecord, token: UserToken) -> None:
        """Write it into every folder; where that fails, again after a while, or when there is another one."""
        version, not_before = self._unwritable.get(owner.tiger_id, (-1, 0.0))
        is_hopeless = version == record.version and get_elapsed() < not_before
        if not is_hopeless and not self._keeper.write_files(owner, token):
            self._unwritable[owner.tiger_id] = (record.version, get_elapsed() + UNWRITABLE_SECONDS)

    def _was_in_step(self, owner: TokenOwner, in_file: UserToken) -> bool:
        return self._in_step.get(owner.tiger_id) == in_file.text
