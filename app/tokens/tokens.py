"""The tokens of one gateway: refreshed on schedule and by hand, handed to every call, told about."""

import functools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from app.access.permissions import Identity
from app.clock import get_elapsed
from app.errors import GatewayError, StorageUnavailable, TigerError, TigerTimeout
from app.leadership import Leadership
from app.settings import Credential, Settings
from app.storage import Storage
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.wire.token_source import TokenSource
from app.tokens.at_work import AtWork
from app.tokens.concerns import UNNAMED, Concern
from app.tokens.description import describe_token
from app.tokens.distribution import SharedToken, TokenBoard
from app.tokens.examiner import Examiner
from app.tokens.finder import Finder
from app.tokens.folders import uses_token
from app.tokens.holders import Holders
from app.tokens.journal import AttemptJournal
from app.tokens.judge import Judge
from app.tokens.keeper import Keeper
from app.tokens.plan import Pauses, Plan
from app.tokens.record import Attempt, Cause, Outcome, TokenOwner, TokenRecord, get_now_ms, get_owners
from app.tokens.refresher import Refresher
from app.tokens.rounds import Rounds
from app.tokens.seal import Seal
from app.tokens.store import TokenStore
from app.tokens.upkeep import Upkeep

JOIN_POLL_SECONDS = 0.02
LAST_TRY_SECONDS = 6.0
"""A database may take so long to say no: a process that ends makes no try to store a token later than this before."""
JUDGED_SECONDS = 5.0
"""How often ``known_concerns``, which costs nothing to look at, is brought up to date."""
TOKENLESS = "the licence {license} uses no token"


class Tokens:
    """Built once for each process and gateway, when its credentials are known."""

    def __init__(
        self,
        settings: Settings,
        credentials: Sequence[Credential],
        storage: Storage,
        secret: bytes,
        leadership: Leadership,
        get_session: Callable[[str], Session],
    ) -> None:
        self._settings = settings
        self._leadership = leadership
        self._owners = get_owners(credentials)
        self._store = TokenStore(storage, Seal(secret))
        self._journal = AttemptJournal(storage)
        self._board = TokenBoard(self._store)
        self._at_work = AtWork()
        self.known_concerns: tuple[Concern, ...] = ()
        self._end: Deadline | None = None
        self._judged_at = float("-inf")
        self._plan = Plan(Pauses(settings.token_refresh))
        self._keeper = Keeper(self._store, self._board, self._plan)
        self._refresher = Refresher(
            self._store,
            self._journal,
            self._board,
            self._keeper,
            self._plan,
            call_seconds=settings.token_refresh.call_seconds,
            get_session=get_session,
            get_holder=self._get_holder,
        )
        finder = Finder(
            self._store,
            self._journal,
            self._plan,
            self._at_work,
            get_session=get_session,
            get_holder=self._get_holder,
        )
        examiner = Examiner(self._store, self._journal, self._board, self._plan, self._at_work, get_session)
        holders = Holders(self._journal, self._get_holder, lambda: leadership.fetch_lease().holder)
        self._upkeep = Upkeep(
            self._owners,
            self._store,
            self._board,
            self._plan,
            self._journal,
            self._keeper,
            self._refresher,
            finder,
            examiner,
            holders,
        )
        self._judge = Judge(self._journal, self._board, self._plan, examiner, holders)
        self.rounds = Rounds(
            self._owners,
            self._store,
            self._journal,
            self._plan,
            self._refresher,
            self._at_work,
            get_name=self._get_holder,
        )

    def get_source(self, credential: Credential) -> TokenSource:
        """Return where the calls of a credential take their token from."""
        return SharedToken(self._board, credential)

    def look_after(self) -> None:
        """Do what every process does about tokens, again and again.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        self._upkeep.run()
        if get_elapsed() - self._judged_at >= JUDGED_SECONDS:
            self.known_concerns = tuple(self.fetch_concerns())
            self._judged_at = get_elapsed()

    def refresh(self, session: Session, identity: Identity) -> dict[str, Any]:
        """Refresh the token behind an account now, or join a refresh that is under way, and return what came of it.

        Raises:
            GatewayError: Tiger gave no token; the old one stays in use.
        """
        owner = self._owners[session.account.tiger_id]
        patience = self._settings.tiger.read_deadline_seconds
        attempt = (
            self.refresh_owner(owner, Cause.MANUAL, identity.name, patience_seconds=patience)
            if uses_token(owner)
            else None
        )
        return {
            "refreshed": attempt is not None,
            "reason": None if attempt else TOKENLESS.format(license=owner.license or UNNAMED),
            "tiger_id": owner.tiger_id,
            "account": session.account.account,
            # Of the accounts behind the token, a caller learns of those that the key may use.
            "managed_accounts": [account.account for account in owner.accounts if identity.may_use(account.account)],
            "token_expires_at": attempt.token_expires_at if attempt else None,
            "refreshed_at": attempt.ended_at if attempt else None,
        }

    def refresh_owner(
        self, owner: TokenOwner, cause: Cause, requested_by: str, *, patience_seconds: float | None = None
    ) -> Attempt:
        """Refresh one token, or join whoever does it, and return the attempt that succeeded.

        The refresh goes on in a thread of its own where the patience (by default: for all that it may take) ends first.

        Raises:
            GatewayError: It failed, or did not end in time.
        """
        longest = self.longest_seconds + 2
        deadline = Deadline.after(longest if patience_seconds is None else min(patience_seconds, longest))
        self._upkeep.run(owner)
        while not deadline.has_passed:
            record = self._store.fetch(owner.tiger_id)
            if record is None:
                raise StorageUnavailable("The state of this token is missing from the database.", retry_after=1)
            number, work = record.attempt, None
            if not record.is_refreshing and not self._was_just_refreshed(record):
                begun = self._refresher.begin(record, cause, requested_by)
                if begun is None:
                    continue
                number = begun.number
                work = self._at_work.start(owner.tiger_id, functools.partial(self._refresher.finish, owner, begun))
            attempt = self._fetch_ended(owner, number, deadline, work)
            # One that only looked at a token in the folder is no refresh: its end is waited for.
            if attempt is not None and attempt.cause is not Cause.FILE:
                return _require_success(attempt)
        raise TigerTimeout("The refresh did not end in time; it goes on, and GET /api/token/status tells how it ends.")

    def describe(self, identity: Identity | None = None) -> dict[str, Any]:
        """Return the state of every token, of those that the caller may know where one is given; times in epoch ms.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        lease = self._leadership.fetch_lease()
        records = self._store.fetch_all()
        return {
            "leader": {"worker": lease.holder, "since": lease.taken_at, "term": lease.term},
            "credentials": [
                self._describe(owner, accounts, records.get(owner.tiger_id))
                for owner in self._owners.values()
                if (accounts := [a.account for a in owner.accounts if identity is None or identity.may_use(a.account)])
            ],
        }

    def fetch_concerns(self) -> list[Concern]:
        """Return what is wrong with any token.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        owners = [owner for owner in self._owners.values() if uses_token(owner)]
        records = self._store.fetch_all()
        concerns = [self._judge.find_concern(owner, records.get(owner.tiger_id)) for owner in owners]
        return [concern for concern in concerns if concern is not None]

    def get_owners(self) -> Sequence[TokenOwner]:
        """Return whose tokens these are."""
        return tuple(self._owners.values())

    @property
    def longest_seconds(self) -> float:
        """Return how long a refresh may last."""
        return self._refresher.longest_seconds

    def retire(self) -> Deadline:
        """Begin no refresh from now on: this process is about to end, and has as long for it as a refresh may last."""
        self._refresher.is_retired = True
        self._end = self._end or Deadline.after(self.longest_seconds)
        return self._end

    def close(self) -> None:
        """Wait for refreshes that are under way, and store what they bring: this process may have the only copy."""
        deadline = self.retire()
        self._at_work.join(deadline.remaining())
        while unsaved := [owner for owner in self._owners.values() if self._board.get_unsaved(owner.tiger_id)]:
            try:
                for owner in unsaved:
                    self._keeper.save(owner)
            except StorageUnavailable:
                if deadline.remaining() < LAST_TRY_SECONDS:
                    self._keeper.leave(unsaved)
                    return
                time.sleep(JOIN_POLL_SECONDS)

    def _was_just_refreshed(self, record: TokenRecord) -> bool:
        since = get_now_ms() - (record.refreshed_at or 0)
        if record.failures or not 0 <= since < self._settings.token_refresh.join_seconds * 1_000:
            return False
        attempt = self._journal.fetch(record.tiger_id, record.attempt)
        return attempt is not None and attempt.outcome is Outcome.REFRESHED

    def _fetch_ended(
        self, owner: TokenOwner, number: int, deadline: Deadline, work: Future[None] | None
    ) -> Attempt | None:
        """Return the attempt once it has ended, or None where it is given up or the time is.

        Raises:
            GatewayError: It was this process's own ``work``, and could not be brought to an end.
        """
        while True:
            is_over = deadline.has_passed
            # Looked at before the journal, which then holds what it came to.
            is_done = work is not None and work.done()
            # A token that came is worth waiting for until it is stored.
            may_end = is_done and (is_over or self._board.get_unsaved(owner.tiger_id) is None)
            try:
                attempt = self._journal.fetch(owner.tiger_id, number)
                if attempt is not None and attempt.outcome is not Outcome.RUNNING:
                    return attempt
                if not may_end:
                    self._upkeep.run(owner)
            except StorageUnavailable:
                # What is under way here goes on.
                if work is None or (may_end and work.exception() is None):
                    raise
            if work is not None and may_end:
                work.result()
            if is_over:
                return None
            time.sleep(JOIN_POLL_SECONDS)

    def _describe(self, owner: TokenOwner, accounts: list[str], record: TokenRecord | None) -> dict[str, Any]:
        is_used = uses_token(owner)
        concern = self._judge.find_concern(owner, record) if is_used else None
        last = self._journal.fetch_last_ended(owner.tiger_id)
        return describe_token(owner, accounts, record, concern, last, uses_token=is_used)

    def _get_holder(self) -> str:
        return self._leadership.name or "command"


def _require_success(attempt: Attempt) -> Attempt:
    """Return the attempt, or raise the error that it ended with, the same for everyone who waited for it."""
    if attempt.outcome.is_success:
        return attempt
    kinds = {kind.code: kind for kind in _get_all_kinds(GatewayError)}
    kind = kinds.get(attempt.code or "", TigerError)
    raise kind(attempt.message or "The refresh failed.", tiger_code=attempt.tiger_code)


def _get_all_kinds(kind: type[GatewayError]) -> list[type[GatewayError]]:
    below = [each for child in kind.__subclasses__() for each in _get_all_kinds(child)]
    return [kind, *below] if hasattr(kind, "code") else below
