"""The tokens of one gateway: refreshed on schedule and by hand, handed to every call, reported on."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from app.access.permissions import Identity
from app.audit import events
from app.audit.actors import name_client
from app.audit.trail import Trail
from app.clock import get_elapsed, was_lately
from app.errors import ERRORS, StorageUnavailable, TigerError, TigerTimeout
from app.leadership import Leadership
from app.settings import Credential, Settings
from app.storage import Storage
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tiger.wire.token_source import TokenSource
from app.tokens.attempts import Attempt, AttemptLog, Cause, Outcome
from app.tokens.distribution import SharedToken, TokenBoard
from app.tokens.encryption import Encryption
from app.tokens.health import UNNAMED, Problem, describe_token, find_problem
from app.tokens.observation import Observation, Observer, Parts
from app.tokens.reconcile import Reconciler
from app.tokens.records import TokenOwner, get_owners
from app.tokens.refresh import Refresher
from app.tokens.refresh_job import RefreshJob
from app.tokens.schedule import Pauses, Schedule
from app.tokens.store import TokenStore
from app.tokens.tasks import POLL_SECONDS, Tasks
from app.tokens.token_file import Folders, uses_token

LAST_TRY_SECONDS = 6.0
"""A database may take so long to say no: a process that ends makes no try to store a token later than this before."""
HEALTH_SECONDS = 5.0
"""How often ``known_problems``, which costs nothing to look at, is brought up to date."""
LOOK_SECONDS = 1.0
"""How often a process in which nothing ticks looks after a token for whose refresh somebody waits."""
TOKENLESS = "the licence {license} uses no token"


class Tokens:
    """Built once for each process and gateway, when its credentials are known."""

    def __init__(
        self,
        settings: Settings,
        credentials: Sequence[Credential],
        storage: Storage,
        secrets: Sequence[bytes],
        leadership: Leadership,
        get_session: Callable[[str], Session],
        trail: Trail,
    ) -> None:
        self._settings = settings
        self._trail = trail
        self._leadership = leadership
        self.known_problems: tuple[Problem, ...] = ()
        self._known_at = float("-inf")
        self._end: Deadline | None = None
        store = TokenStore(storage, Encryption(*secrets))
        self._parts = Parts(
            owners=get_owners(credentials),
            store=store,
            log=AttemptLog(storage),
            board=TokenBoard(store),
            schedule=Schedule(Pauses(settings.token_refresh)),
            tasks=Tasks(),
            folders=Folders(),
            call_seconds=settings.token_refresh.call_seconds,
            get_session=get_session,
            get_name=lambda: leadership.name or "command",
            get_leader=lambda: leadership.fetch_lease().holder,
        )
        self._refresher = Refresher(self._parts)
        self._observer = Observer(self._parts)
        self._reconciler = Reconciler(self._parts, self._observer, self._refresher)
        self.job = RefreshJob(self._parts, self._observer, self._refresher)

    def get_source(self, credential: Credential) -> TokenSource:
        """Return where the calls of a credential take their token from."""
        return SharedToken(self._parts.board, credential)

    def look_after(self) -> None:
        """Do what every process does about tokens, again and again.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        self._reconciler.run()
        if get_elapsed() - self._known_at >= HEALTH_SECONDS:
            self.known_problems = tuple(self.fetch_problems())
            self._known_at = get_elapsed()

    def refresh(self, session: Session, identity: Identity) -> dict[str, Any]:
        """Refresh the token behind an account now, or join a refresh that is under way, and return what came of it.

        Raises:
            GatewayError: Tiger gave no token; the old one stays in use.
        """
        owner = self._parts.owners[session.account.tiger_id]
        patience = self._settings.tiger.read_deadline_seconds
        attempt = None
        if uses_token(owner):
            self.record_request(owner, name_client(identity.key_id, identity.name), session.account.account)
            attempt = self.refresh_owner(owner, Cause.MANUAL, identity.name, patience_seconds=patience)
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

    def record_request(self, owner: TokenOwner, actor: str, account: str | None = None) -> None:
        """Write into the audit trail that somebody asks for a refresh, before anything comes of it.

        Raises:
            StorageUnavailable: It cannot be written.
        """
        self._trail.note(events.TOKEN_REFRESH_ASKED, actor, account=account, subject=owner.tiger_id)

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
        self._reconciler.run(owner)
        while not deadline.has_passed:
            record = self._parts.store.fetch(owner.tiger_id)
            if record is None:
                raise StorageUnavailable("The state of this token is missing from the database.", retry_after=1)
            seen, work = self._observer.observe(owner, record), None
            if not record.is_refreshing and (just_done := self._get_just_done(seen)):
                return just_done
            number = record.attempt
            if not record.is_refreshing:
                running = self._refresher.start(seen, cause, requested_by)
                if running is None:
                    continue
                number, work = running.number, running.work
            attempt = self._wait(owner, number, deadline, work)
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
        rows = []
        for seen in self._observer.look():
            accounts = [
                each.account for each in seen.owner.accounts if identity is None or identity.may_use(each.account)
            ]
            rows += [describe_token(seen, accounts)] if accounts else []
        return {"leader": {"worker": lease.holder, "since": lease.taken_at, "term": lease.term}, "credentials": rows}

    def fetch_problems(self) -> list[Problem]:
        """Return what is wrong with any token.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        problems = (find_problem(seen) for seen in self._observer.look() if seen.uses_token)
        return [problem for problem in problems if problem is not None]

    def get_owners(self) -> Sequence[TokenOwner]:
        """Return whose tokens these are."""
        return tuple(self._parts.owners.values())

    @property
    def longest_seconds(self) -> float:
        """Return how long a refresh may last."""
        return self._parts.longest_seconds

    def retire(self) -> Deadline:
        """Begin no refresh from now on: this process is about to end, and has as long for it as a refresh may last."""
        self._refresher.is_retired = True
        self._end = self._end or Deadline.after(self.longest_seconds)
        return self._end

    def close(self) -> None:
        """Wait for refreshes that are under way, and store what they bring: this process may have the only copy."""
        deadline = self.retire()
        self._parts.tasks.join(deadline.remaining())
        while unsaved := [owner for owner in self.get_owners() if self._parts.board.get_held(owner.tiger_id)]:
            try:
                for owner in unsaved:
                    self._refresher.save(owner)
            except StorageUnavailable:
                if deadline.remaining() < LAST_TRY_SECONDS:
                    self._refresher.leave(unsaved)
                    return
                time.sleep(POLL_SECONDS)

    def _get_just_done(self, seen: Observation) -> Attempt | None:
        """Return the refresh that has just succeeded, which answers whoever asks for one now."""
        record, last, seconds = seen.record, seen.history.last_ended, self._settings.token_refresh.join_seconds
        if record.failures or last is None or last.outcome is not Outcome.REFRESHED:
            return None
        return last if was_lately(record.refreshed_at, seconds, seen.now_ms) else None

    def _wait(self, owner: TokenOwner, number: int, deadline: Deadline, work: Future[bool] | None) -> Attempt | None:
        """Return the attempt once it has ended, or None where the time is over.

        Raises:
            GatewayError: It was this process's own ``work``, and could not be brought to an end.
        """
        while True:
            is_over = deadline.has_passed
            # Looked at before the log, which then holds what it came to.
            is_done = work is not None and work.done()
            # A token that came is worth waiting for until it is stored.
            may_end = is_done and (is_over or self._parts.board.get_held(owner.tiger_id) is None)
            try:
                attempt = self._parts.log.fetch(owner.tiger_id, number)
                if attempt is not None and attempt.outcome is not Outcome.RUNNING:
                    return attempt
                if not may_end:
                    self._reconciler.run_if_stale(owner, LOOK_SECONDS)
            except StorageUnavailable:
                # What is under way here goes on.
                if work is None or (may_end and work.exception() is None):
                    raise
            if work is not None and may_end:
                work.result()
            if is_over:
                return None
            self._parts.tasks.wait(owner.tiger_id, deadline.remaining())


def _require_success(attempt: Attempt) -> Attempt:
    """Return the attempt, or raise the error that it ended with, the same for everyone who waited for it."""
    if attempt.outcome.is_success:
        return attempt
    kind = ERRORS.get(attempt.code or "", TigerError)
    raise kind(attempt.message or "The refresh failed.", tiger_code=attempt.tiger_code)
