"""What every process does at each look, leading or not: take the next step for each token."""

import logging

from app.clock import get_elapsed
from app.errors import GatewayError, StorageUnavailable, TigerTokenRejected, TigerUnavailable
from app.tokens.attempts import Cause, Outcome
from app.tokens.decision import Step, decide
from app.tokens.health import FOREIGN_FIX
from app.tokens.observation import Observation, Observer, Parts
from app.tokens.probe import is_taken, is_taken_at_once
from app.tokens.records import TokenOwner, TokenRecord
from app.tokens.refresh import Refresher
from app.tokens.user_token import UserToken

logger = logging.getLogger(__name__)


class Reconciler:
    """Keep the database, the files of this machine and what this process knows in step."""

    def __init__(self, parts: Parts, observer: Observer, refresher: Refresher) -> None:
        self._parts = parts
        self._observer = observer
        self._refresher = refresher
        self._looked_at: dict[str, float] = {}
        self._reported: dict[str, str] = {}

    def run(self, *only: TokenOwner) -> None:
        """Take the next step for every token, or for those of these owners.

        What goes wrong with one is raised when the others have had theirs.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        self._observer.for_each(only or self._parts.owners.values(), self._take_step)

    def run_if_stale(self, owner: TokenOwner, seconds: float) -> None:
        """Do so for one owner unless it was done a moment ago, by whatever thread; raises like ``run``."""
        if get_elapsed() - self._looked_at.get(owner.tiger_id, float("-inf")) >= seconds:
            self.run(owner)

    def _take_step(self, seen: Observation) -> None:
        owner, record, found = seen.owner, seen.record, seen.found
        self._looked_at[owner.tiger_id] = get_elapsed()
        self._report(seen)
        action = decide(seen, self._parts.schedule.pauses)
        if action.step is Step.CREATE:
            self._parts.store.create(owner.tiger_id, self._parts.schedule.pauses.initial)
            if created := self._parts.store.fetch(owner.tiger_id):
                self._take_step(self._observer.observe(owner, created))
        elif action.step is Step.SAVE:
            self._refresher.save(owner)
        elif action.step is Step.ABANDON:
            self._refresher.abandon(seen)
        elif action.step is Step.ADOPT and found is not None:
            self._adopt(seen, found)
        elif action.step is Step.PROBE:
            self._probe(seen)
        elif action.step is Step.WRITE and record.token is not None:
            self._parts.folders.write(owner, record.token)
        elif action.step is Step.RESCHEDULE and self._parts.store.reschedule(record, action.wait_seconds):
            logger.warning(
                "Tiger refuses the token of tiger_id %s: it is refreshed in %.0f s", owner.tiger_id, action.wait_seconds
            )

    def _adopt(self, seen: Observation, found: UserToken) -> None:
        """Take over a token that lies in a folder: at once where there is none that could be lost.

        Else as an attempt like any other, one at a time for a tiger_id and never during a refresh; it may be anyone's.
        """
        owner, record = seen.owner, seen.record
        number = self._parts.store.claim(record, Cause.FILE, found.fingerprint, self._parts.get_name())
        if number is None:
            return
        if record.token is None:
            self._take_over(owner, record, number, found, self._parts.schedule.pauses.initial)
        else:
            # A token that keeps being found must not put the refresh off: it is due when it was to be.
            due = get_elapsed() + min(seen.due_in, record.wait_seconds)
            self._parts.tasks.start(owner.tiger_id, lambda: self._try_out(owner, record, number, found, due))

    def _try_out(self, owner: TokenOwner, record: TokenRecord, number: int, found: UserToken, due: float) -> None:
        error: GatewayError = TigerUnavailable("The token that lies in the folder could not be tried out yet.")
        try:
            if is_taken(self._parts.open_session(owner), found):
                pauses = self._parts.schedule.pauses
                wait = pauses.initial if record.failures else pauses.before_end_of(found)
                self._take_over(owner, record, number, found, min(wait, max(0.0, due - get_elapsed())))
                return
        except TigerTokenRejected as refusal:
            error = refusal
            error.message = (
                f"Tiger refuses the token that lies in the folder of credential {owner.name}; the gateway stays with "
                f"the one it has"
            )
            logger.error("Token refresh of tiger_id %s: %s", owner.tiger_id, error.message)  # noqa: TRY400 - no trace.
        except StorageUnavailable:
            raise
        except GatewayError as failure:
            error = failure
        self._parts.store.finish(
            owner.tiger_id,
            number,
            Outcome.UNFIT if isinstance(error, TigerTokenRejected) else Outcome.FAILED,
            wait_seconds=max(0.0, due - get_elapsed()),
            failures=record.failures,
            error=error,
            token_expires_at=found.expires_at,
        )

    def _take_over(
        self, owner: TokenOwner, record: TokenRecord, number: int, found: UserToken, wait_seconds: float
    ) -> None:
        if self._parts.store.finish(
            record.tiger_id,
            number,
            Outcome.FOUND,
            wait_seconds=wait_seconds,
            failures=0,
            found=found,
            token_expires_at=found.expires_at,
        ):
            logger.info("The token in the folder of credential %s is in use", owner.name)

    def _probe(self, seen: Observation) -> None:
        """Begin to try the stored token out: one refused call may say more about the call than about the token."""
        record, last, name = seen.record, seen.history.newest, self._parts.get_name()
        if last is not None and last.cause is Cause.PROBE and last in seen.history.since:
            number = self._parts.store.claim_again(last, name)
        else:
            number = self._parts.store.claim(record, Cause.PROBE, "", name)
        # Of one that was refused before, one try tells whether it still is.
        was_dead = any(each.cause is Cause.PROBE for each in seen.history.refusals)
        if number is not None:
            self._parts.tasks.start(
                record.tiger_id, lambda: self._try_stored(seen.owner, record, number, tries_again=not was_dead)
            )

    def _try_stored(self, owner: TokenOwner, record: TokenRecord, number: int, *, tries_again: bool) -> None:
        outcome: Outcome | None = None
        if record.token is None:
            return
        session = self._parts.open_session(owner)
        try:
            if is_taken(session, record.token, tries_again=tries_again):
                outcome = Outcome.FOUND
        except TigerTokenRejected:
            outcome = Outcome.REFUSED
            # Where it never proved good, the one before may be the one that counts.
            if record.previous is not None and is_taken_at_once(session, record.previous):
                self._parts.store.roll_back(owner.tiger_id, record.token)
                logger.error(  # noqa: TRY400 - no trace.
                    "Tiger refuses the new token of tiger_id %s: the one before is in use again", owner.tiger_id
                )
        self._parts.store.finish_probe(owner.tiger_id, number, outcome)

    def _report(self, seen: Observation) -> None:
        """Log, once each, what nothing is done about by itself."""
        record, name = seen.record, seen.owner.name
        if record.is_foreign:
            self._log_once(
                name, "foreign", logging.ERROR, f"The token of credential {name} cannot be read: {FOREIGN_FIX}"
            )
        elif seen.left_by:
            left = f"Token refresh of tiger_id {record.tiger_id} was left by {seen.left_by}, which is gone; "
            left += f"what became of it is known in {max(0.0, seen.seconds_left):.0f} s"
            self._log_once(name, f"left {record.attempt}", logging.WARNING, left)
        elif seen.found is None and record.token is not None and any(file.is_there for file in seen.files):
            unread = f"No token can be read from the file of credential {name}; it is left alone"
            self._log_once(name, f"unread {record.version}", logging.WARNING, unread)
        elif not record.is_refreshing:
            self._reported.pop(name, None)

    def _log_once(self, name: str, state: str, level: int, message: str) -> None:
        if self._reported.get(name) != state:
            self._reported[name] = state
            logger.log(level, message)
