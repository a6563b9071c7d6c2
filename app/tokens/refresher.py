"""Refresh the token of one tiger_id: claim, announce, ask Tiger, check, store, prove, write the file."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.clock import get_elapsed
from app.errors import GatewayError, StorageUnavailable, TigerError, TigerTokenRejected, TigerUnavailable, TooBusy
from app.tiger.credential.user_tokens import fetch_renewed_token
from app.tiger.deadline import Deadline
from app.tiger.sessions import Session
from app.tokens.concerns import MEND
from app.tokens.distribution import ANNOUNCED_SECONDS, Arrived, TokenBoard
from app.tokens.journal import AttemptJournal
from app.tokens.keeper import KEPT, Keeper
from app.tokens.plan import Plan
from app.tokens.proof import LONGEST_PROOF_SECONDS, is_taken, is_taken_at_once
from app.tokens.record import Cause, Outcome, TokenOwner, TokenRecord
from app.tokens.store import TokenStore
from app.tokens.user_token import LONGEST, UserToken, read_token

GIVEN_UP_SECONDS = LONGEST_PROOF_SECONDS + 1.2
"""Others give an attempt up when it has lasted this much longer than its call to Tiger may."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that this process has claimed, the state it starts from, and since when it is under way."""

    record: TokenRecord
    number: int
    began_at: float


class Refresher:
    """Do one refresh at a time of each tiger_id, whoever else tries to.

    The claim in the database is the fence: nobody else begins while it stands, it stands for longer than the deadline
    of the call, and the deadline is looked at last before the request goes out. A process that was frozen in between
    sends nothing when it wakes.
    """

    def __init__(
        self,
        store: TokenStore,
        journal: AttemptJournal,
        board: TokenBoard,
        keeper: Keeper,
        plan: Plan,
        *,
        call_seconds: float,
        get_session: Callable[[str], Session],
        get_holder: Callable[[], str],
    ) -> None:
        self._store = store
        self._journal = journal
        self._board = board
        self._keeper = keeper
        self._plan = plan
        self._call_seconds = call_seconds
        self._get_session = get_session
        self._get_holder = get_holder
        self.is_retired = False

    @property
    def longest_seconds(self) -> float:
        """Return how long an attempt may last before others give it up."""
        return self._call_seconds + GIVEN_UP_SECONDS

    def begin(self, record: TokenRecord, cause: Cause, requested_by: str) -> Begun | None:
        """Claim the next attempt, starting from this state, or return None where something has happened since.

        Whoever gets one has to ``finish`` it.

        Raises:
            TooBusy: This process is about to end.
            StorageUnavailable: The database does not answer.
        """
        if self.is_retired:
            raise TooBusy("This worker is about to end, and begins no refresh; another one does.", retry_after=1)
        began_at = get_elapsed()
        number = self._store.claim(record, cause, requested_by, self._get_holder())
        return None if number is None else Begun(record, number, began_at)

    def finish(self, owner: TokenOwner, begun: Begun) -> None:
        """Refresh; how it ended is in the journal.

        Raises:
            StorageUnavailable: The database does not answer; where the new token had come by then, it is kept in
                the file and in this process and stored later.
        """
        # By then every worker has noticed the claim, and reads before each call until it is settled.
        time.sleep(ANNOUNCED_SECONDS)
        try:
            remaining = begun.began_at + self._call_seconds - get_elapsed()
            if remaining < 0:
                raise TigerError("The refresh began too late.")
            self._attempt(owner, begun.record, begun.number, Deadline.after(remaining))
        except StorageUnavailable:
            raise
        except GatewayError as error:
            try:
                self._settle_failure(owner, begun.record, begun.number, error)
            except StorageUnavailable:
                # Others will give the attempt up; who waits for it here is told how it went.
                raise error from None

    def give_up(self, record: TokenRecord) -> None:
        """End the attempt of a process that died or froze: what became of it is not known, unless its token is here."""
        attempt = self._journal.fetch(record.tiger_id, record.attempt)
        if attempt is not None and attempt.cause is Cause.FILE:
            # It only tried out a token that lay in a folder.
            self._store.settle(
                record.tiger_id,
                record.attempt,
                Outcome.FAILED,
                wait_seconds=self._plan.get_stored_wait(record),
                failures=record.failures,
                code=TigerError.code,
                message="The process that tried the token out ended before it was done.",
            )
            return
        if record.obtained_by == record.attempt:
            pauses = self._plan.pauses
            wait = pauses.before_end_of(record.token) if record.token else pauses.interval
            outcome, failures = Outcome.REFRESHED, 0
        else:
            failures = record.failures + 1
            outcome, wait = Outcome.IN_DOUBT, self._plan.pauses.after_failures(failures)
        ended = self._store.settle(
            record.tiger_id,
            record.attempt,
            outcome,
            wait_seconds=wait,
            failures=failures,
            code=None if outcome.is_success else TigerError.code,
            message=None if outcome.is_success else "The process that refreshed the token ended before it was done.",
            token_expires_at=record.token.expires_at if outcome.is_success and record.token else None,
        )
        if ended and not outcome.is_success:
            logger.error(
                "Token refresh of tiger_id %s was left unfinished by %s, a new token may be lost; again in %.0f s",
                record.tiger_id,
                attempt.holder if attempt else "another process",
                wait,
            )

    def _attempt(self, owner: TokenOwner, record: TokenRecord, number: int, deadline: Deadline) -> None:
        session = self._get_session(owner.spokesman.account)
        old = self._board.choose(record, owner.tiger_id, None)
        try:
            text = fetch_renewed_token(session, deadline)
        except StorageUnavailable as error:
            # It was to be counted first, so that nothing was sent.
            raise TigerUnavailable(error.message) from error
        new = _check(text, old)
        # Counted from the answer, no two requests can reach Tiger within one interval.
        ended_at = get_elapsed()
        arrived = Arrived(new, number)
        self._board.hold(owner.tiger_id, arrived)
        try:
            self._keeper.keep(owner, arrived)
            self._board.read()
            is_proven = self._prove(owner, new, old, session)
            # Before the end is told: whoever waited for it finds the token in its file.
            self._keeper.write_files(owner, new)
            self._keeper.settle(owner, arrived, is_proven=is_proven)
        except StorageUnavailable:
            self._board.hold(owner.tiger_id, arrived)
            self._board.mark_unsaved(owner.tiger_id)
            raise StorageUnavailable(KEPT, retry_after=1) from None
        self._observe(owner.tiger_id, number, ended_at)
        self._board.release(owner.tiger_id)
        for account in owner.accounts:
            logger.info("Token refresh successful for account %s, tiger_id: %s", account.account, owner.tiger_id)

    def _prove(self, owner: TokenOwner, new: UserToken, old: UserToken | None, session: Session) -> bool:
        """Tell whether Tiger has taken a call with the new token, now that it is stored.

        Raises:
            TigerTokenRejected: Tiger refuses it and the old one. The new one stays: it may not have reached all of
                Tiger's servers yet.
            TigerError: Tiger refuses it, and takes the old one, which is in force again.
        """
        try:
            return is_taken(session, new)
        except TigerTokenRejected as refusal:
            # Whatever takes its place in the database is to be used here as well.
            self._board.release(owner.tiger_id)
            if old is None or not is_taken_at_once(session, old):
                raise
            try:
                self._store.go_back(owner.tiger_id, new)
            except StorageUnavailable as error:
                raise refusal from error
            message = "Tiger refuses the new token that it gave; the one before serves, and is in use again."
            raise TigerError(message, tiger_code=refusal.tiger_code) from refusal

    def _settle_failure(self, owner: TokenOwner, record: TokenRecord, number: int, error: GatewayError) -> None:
        ended_at = get_elapsed()
        outcome = self._classify(record, error)
        failures = record.failures + 1
        pause = self._plan.pauses.after_failures(failures)
        message = error.message
        if outcome.needs_operator:
            lost = "A new token was lost on its way and the old one is refused" if outcome is Outcome.LOST else message
            message = f"{lost.rstrip('.')}: {MEND.format(name=owner.name)}."
        self._store.settle(
            owner.tiger_id,
            number,
            outcome,
            wait_seconds=pause,
            failures=failures,
            code=error.code,
            tiger_code=error.tiger_code,
            message=message,
        )
        self._observe(owner.tiger_id, number, ended_at)
        for account in owner.accounts:
            logger.error(
                "Token refresh failed for account %s, tiger_id: %s (%s, failure %d, again in %.0f s): %s",
                account.account,
                owner.tiger_id,
                outcome.value,
                failures,
                pause,
                message,
            )

    def _classify(self, record: TokenRecord, error: GatewayError) -> Outcome:
        if error.in_doubt:
            return Outcome.IN_DOUBT
        if not isinstance(error, TigerTokenRejected):
            return Outcome.FAILED
        return Outcome.LOST if self._journal.has_doubt(record) else Outcome.REFUSED

    def _observe(self, tiger_id: str, number: int, ended_at: float) -> None:
        self._board.read()
        record = self._board.get(tiger_id)
        if record is not None and record.attempt == number:
            self._plan.observe(record, ended_at=ended_at)


def _check(text: str, old: UserToken | None) -> UserToken:
    """Return the token that Tiger sent if it can be one.

    Raises:
        TigerError: It cannot; Tiger may have replaced the old one nevertheless.
    """
    new = read_token(text)
    if old is not None and new.text == old.text:
        raise TigerError("Tiger gave the old token once more.")
    if new.expires_at is None or len(text) > LONGEST:
        raise TigerError("Tiger's new token cannot be decoded.", in_doubt=True)
    if new.expires_at <= time.time() * 1_000 or not new.is_newer_than(old):
        raise TigerError("Tiger's new token is not later than the old one, or has expired.", in_doubt=True)
    return new
