"""Refresh the token of one tiger_id: claim, announce, ask Tiger, check, store, prove, write the file."""

import logging
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from app.clock import get_elapsed, get_now_ms
from app.errors import GatewayError, StorageUnavailable, TigerError, TigerTokenRejected, TigerUnavailable, TooBusy
from app.tiger.credential.user_tokens import fetch_renewed_token
from app.tiger.deadline import Deadline
from app.tokens.attempts import Cause, Outcome
from app.tokens.distribution import ANNOUNCED_SECONDS, Arrived
from app.tokens.health import FIX
from app.tokens.observation import Observation, Parts
from app.tokens.probe import is_taken, is_taken_at_once
from app.tokens.records import TokenOwner, TokenRecord
from app.tokens.user_token import LONGEST, UserToken, read_token

KEPT = "Tiger gave a new token while the database was down: it is in use here, and is stored when it can be."
ENDED = TigerError("The process that refreshed the token ended before it was done.")
ENDED_TRYING = TigerError("The process that tried the token out ended before it was done.")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A refresh that this process has begun; ``work`` ends with whether there is a new token."""

    number: int
    work: Future[bool]


class Refresher:
    """Do one refresh at a time of each tiger_id, whoever else tries to.

    The claim in the database is the fence: nobody else begins while it stands, it stands for longer than the deadline
    of the call, and the deadline is looked at last before the request goes out. A process that was frozen in between
    sends nothing when it wakes.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.is_retired = False

    def start(self, seen: Observation, cause: Cause, requested_by: str) -> Running | None:
        """Begin a refresh, or return None where something has happened since the token was looked at.

        It goes on in a thread of its own. How it ended is in the log of attempts; its work raises StorageUnavailable
        where that could not be written: a token that had come by then is kept in the file and here, and stored later.

        Raises:
            TooBusy: This process is about to end.
            StorageUnavailable: The database does not answer.
        """
        if self.is_retired:
            raise TooBusy("This worker is about to end, and begins no refresh; another one does.", retry_after=1)
        owner, record, began_at = seen.owner, seen.record, get_elapsed()
        number = self._parts.store.claim(record, cause, requested_by, self._parts.get_name())
        if number is None:
            return None
        work = self._parts.tasks.start(owner.tiger_id, lambda: self._refresh(owner, record, number, began_at))
        return Running(number, work)

    def abandon(self, seen: Observation) -> None:
        """End the attempt of a process that died or froze: what became of it is not known, unless its token is here."""
        record, attempt, pauses = seen.record, seen.history.newest, self._parts.schedule.pauses
        outcome, failures, error = Outcome.IN_DOUBT, record.failures + 1, ENDED
        wait = pauses.after_failures(failures)
        expires_at = record.token.expires_at if record.token else None
        if attempt is not None and attempt.cause is Cause.FILE:
            # It only tried out a token that lay in a folder.
            outcome, failures, error = Outcome.FAILED, record.failures, ENDED_TRYING
            wait = self._parts.schedule.get_stored_wait(record)
        elif record.obtained_by == record.attempt and record.token is not None:
            outcome, failures, wait = Outcome.REFRESHED, 0, pauses.before_end_of(record.token)
        is_success = outcome.is_success
        ended = self._parts.store.finish(
            record.tiger_id,
            record.attempt,
            outcome,
            wait_seconds=wait,
            failures=failures,
            error=None if is_success else error,
            token_expires_at=expires_at if is_success else None,
        )
        if ended and outcome is Outcome.IN_DOUBT:
            logger.error(
                "Token refresh of tiger_id %s was left unfinished by %s, a new token may be lost; again in %.0f s",
                record.tiger_id,
                attempt.holder if attempt else "another process",
                wait,
            )

    def save(self, owner: TokenOwner) -> None:
        """Store now what could not be stored when it came, if there is anything.

        Raises:
            StorageUnavailable: The database still does not answer; the file was tried as well.
        """
        arrived = self._parts.board.get_held(owner.tiger_id)
        if arrived is not None:
            self._parts.folders.write(owner, arrived.token)
            self._parts.store.save(owner.tiger_id, arrived.number, arrived.token)
            self._finish(owner, arrived, is_proven=False)
            self._parts.board.release(owner.tiger_id)
            logger.warning("The new token of tiger_id %s is stored now", owner.tiger_id)

    def leave(self, owners: Iterable[TokenOwner]) -> None:
        """Write to the files what could not be stored, as this process ends; log what it takes with it."""
        for owner in owners:
            arrived = self._parts.board.get_held(owner.tiger_id)
            if arrived is not None and not self._parts.folders.write(owner, arrived.token):
                logger.critical(
                    "The new token of tiger_id %s is lost with this process, which ends: neither the database nor its "
                    "folder took it. If Tiger refuses the old one, %s",
                    owner.tiger_id,
                    FIX.format(name=owner.name),
                )

    def _refresh(self, owner: TokenOwner, record: TokenRecord, number: int, began_at: float) -> bool:
        # By then every worker has noticed the claim, and reads before each call until the attempt has ended.
        time.sleep(ANNOUNCED_SECONDS)
        try:
            remaining = began_at + self._parts.call_seconds - get_elapsed()
            if remaining < 0:
                raise TigerError("The refresh began too late.")
            self._replace(owner, record, number, Deadline.after(remaining))
        except StorageUnavailable:
            raise
        except GatewayError as error:
            try:
                self._fail(owner, record, number, error)
            except StorageUnavailable:
                # Others will abandon the attempt; who waits for it here is told how it went.
                raise error from None
            return False
        return True

    def _replace(self, owner: TokenOwner, record: TokenRecord, number: int, deadline: Deadline) -> None:
        board = self._parts.board
        session = self._parts.open_session(owner)
        old = board.choose(record, owner.tiger_id, None)
        try:
            text = fetch_renewed_token(session, deadline)
        except StorageUnavailable as error:
            # It was to be counted first, so that nothing was sent.
            raise TigerUnavailable(error.message) from error
        arrived = Arrived(check(text, old), number)
        # Counted from the answer, no two requests can reach Tiger within one interval.
        ended_at = get_elapsed()
        try:
            # Tiger may have ended the old one already: nothing else is done before this one is stored.
            self._store_first(owner, arrived)
            is_proven = self._prove(owner, arrived.token, old)
            # Before the end is shown: whoever waited for it finds the token in its file.
            self._parts.folders.write(owner, arrived.token)
            self._finish(owner, arrived, is_proven=is_proven)
        except StorageUnavailable:
            board.hold(owner.tiger_id, arrived)
            raise StorageUnavailable(KEPT, retry_after=1) from None
        self._observe(owner.tiger_id, number, ended_at)
        for account in owner.accounts:
            logger.info("Token refresh successful for account %s, tiger_id: %s", account.account, owner.tiger_id)

    def _store_first(self, owner: TokenOwner, arrived: Arrived) -> None:
        try:
            self._parts.store.save(owner.tiger_id, arrived.number, arrived.token)
        except StorageUnavailable:
            is_written = self._parts.folders.write(owner, arrived.token)
            logger.error(  # noqa: TRY400 - the trace says nothing that the sentence does not.
                "The new token of tiger_id %s cannot be stored in the database; it is kept %s until it can",
                owner.tiger_id,
                "in its file" if is_written else "in the memory of this process alone: DO NOT RESTART IT",
            )
            raise
        self._parts.board.read()

    def _prove(self, owner: TokenOwner, new: UserToken, old: UserToken | None) -> bool:
        """Return whether Tiger has taken a call with the new token, now that it is stored.

        Raises:
            TigerTokenRejected: Tiger refuses it and the old one. The new one stays: it may not have reached all of
                Tiger's servers yet.
            TigerError: Tiger refuses it, and takes the old one, which is in force again.
        """
        session = self._parts.open_session(owner)
        try:
            return is_taken(session, new)
        except TigerTokenRejected as refusal:
            if old is None or not is_taken_at_once(session, old):
                raise
            try:
                self._parts.store.roll_back(owner.tiger_id, new)
            except StorageUnavailable as error:
                raise refusal from error
            message = "Tiger refuses the new token that it gave; the one before serves, and is in use again."
            raise TigerError(message, tiger_code=refusal.tiger_code) from refusal

    def _finish(self, owner: TokenOwner, arrived: Arrived, *, is_proven: bool) -> None:
        self._parts.store.finish(
            owner.tiger_id,
            arrived.number,
            Outcome.REFRESHED,
            wait_seconds=self._parts.schedule.pauses.before_end_of(arrived.token),
            failures=0,
            is_proven=is_proven,
            token_expires_at=arrived.token.expires_at,
        )

    def _fail(self, owner: TokenOwner, record: TokenRecord, number: int, error: GatewayError) -> None:
        ended_at = get_elapsed()
        outcome = self._classify(record, error)
        failures = record.failures + 1
        pause = self._parts.schedule.pauses.after_failures(failures)
        if outcome is Outcome.LOST:
            error.message = "A new token was lost on its way and the old one is refused"
        if outcome.needs_operator:
            error.message = f"{error.message.rstrip('.')}: {FIX.format(name=owner.name)}."
        self._parts.store.finish(owner.tiger_id, number, outcome, wait_seconds=pause, failures=failures, error=error)
        self._observe(owner.tiger_id, number, ended_at)
        for account in owner.accounts:
            logger.error(
                "Token refresh failed for account %s, tiger_id: %s (%s, failure %d, again in %.0f s): %s",
                account.account,
                owner.tiger_id,
                outcome.value,
                failures,
                pause,
                error.message,
            )

    def _classify(self, record: TokenRecord, error: GatewayError) -> Outcome:
        if error.in_doubt:
            return Outcome.IN_DOUBT
        if not isinstance(error, TigerTokenRejected):
            return Outcome.FAILED
        return Outcome.LOST if self._parts.log.has_doubt(record) else Outcome.REFUSED

    def _observe(self, tiger_id: str, number: int, ended_at: float) -> None:
        self._parts.board.read()
        record = self._parts.board.get(tiger_id)
        if record is not None and record.attempt == number:
            self._parts.schedule.observe(record, ended_at=ended_at)


def check(text: str, old: UserToken | None) -> UserToken:
    """Return the token that Tiger sent if it can be one.

    Raises:
        TigerError: It cannot; Tiger may have replaced the old one nevertheless.
    """
    new = read_token(text)
    if old is not None and new.text == old.text:
        raise TigerError("Tiger gave the old token once more.")
    if new.expires_at is None or len(text) > LONGEST:
        raise TigerError("Tiger's new token cannot be decoded.", in_doubt=True)
    if new.expires_at <= get_now_ms() or not new.is_newer_than(old):
        raise TigerError("Tiger's new token is not later than the old one, or has expired.", in_doubt=True)
    return new
