"""Take over a token that somebody put into a folder.

It may be anyone's: in the place of a stored one it is used when Tiger has taken it, and not before.
"""

import functools
import logging
from collections.abc import Callable

from app.clock import get_elapsed
from app.errors import GatewayError, StorageUnavailable, TigerTokenRejected, TigerUnavailable
from app.tiger.sessions import Session
from app.tokens.at_work import AtWork
from app.tokens.journal import AttemptJournal
from app.tokens.plan import Plan
from app.tokens.proof import is_taken
from app.tokens.record import Cause, Outcome, TokenOwner, TokenRecord, get_now_ms
from app.tokens.store import TokenStore
from app.tokens.user_token import UserToken

UNTRIED_SECONDS = 15.0
"""How long after one could not be tried out, Tiger being away, the same token has its next turn."""
UNFIT_SECONDS = 600.0
"""How long after one was refused, by any process, the same token is tried out again."""

logger = logging.getLogger(__name__)


class Finder:
    """Try out what is found, as an attempt like any other: one at a time for a tiger_id, and never during a refresh."""

    def __init__(
        self,
        store: TokenStore,
        journal: AttemptJournal,
        plan: Plan,
        at_work: AtWork,
        *,
        get_session: Callable[[str], Session],
        get_holder: Callable[[], str],
    ) -> None:
        self._store = store
        self._journal = journal
        self._plan = plan
        self._at_work = at_work
        self._get_session = get_session
        self._get_holder = get_holder
        self._not_before: dict[str, tuple[str, float]] = {}
        self._sure: dict[str, tuple[int, str]] = {}
        self._unfit: dict[str, tuple[str, float]] = {}

    def consider(self, owner: TokenOwner, record: TokenRecord, found: UserToken) -> None:
        """Take over at once where there is no token that could be lost; else begin to try out what was found.

        Raises:
            StorageUnavailable: The database does not answer.
        """
        if record.token is None:
            if self._store.adopt(record, found, self._get_holder(), wait_seconds=self._plan.pauses.initial):
                logger.info("The token in the folder of credential %s is in use", owner.name)
            return
        if not self._is_waiting(owner, found):
            self._let_lie(owner, found, UNTRIED_SECONDS)
            self._claim_and_try(owner, record, found)

    def doubt(self, owner: TokenOwner, record: TokenRecord, found: UserToken) -> None:
        """Begin to find out whether the stored token serves, where somebody has put an earlier one into a folder.

        Only where Tiger refuses the stored one, what was found is tried out.
        """
        if record.token is not None and not self._is_waiting(owner, found):
            self._let_lie(owner, found, UNTRIED_SECONDS)
            self._at_work.start(owner.tiger_id, functools.partial(self._try_both, owner, record, record.token, found))

    def is_unfit(self, tiger_id: str, found: UserToken) -> bool:
        """Tell whether Tiger refused it a while ago: what lies in another folder has its turn then."""
        text, until = self._unfit.get(tiger_id, ("", 0.0))
        return text == found.text and get_elapsed() < until

    def is_sure(self, record: TokenRecord, found: UserToken) -> bool:
        """Tell whether the stored token was found to serve when this earlier one lay in the folder."""
        return self._sure.get(record.tiger_id) == (record.version, found.text)

    def _is_waiting(self, owner: TokenOwner, found: UserToken) -> bool:
        text, not_before = self._not_before.get(owner.tiger_id, ("", 0.0))
        is_let_lie = text == found.text and get_elapsed() < not_before
        if is_let_lie or self.is_unfit(owner.tiger_id, found) or self._at_work.is_at(owner.tiger_id):
            return True
        unfit_seconds = self._get_unfit_seconds(owner, found)
        if unfit_seconds:
            self._unfit[owner.tiger_id] = (found.text, get_elapsed() + unfit_seconds)
        return unfit_seconds > 0

    def _try_both(self, owner: TokenOwner, record: TokenRecord, stored: UserToken, found: UserToken) -> None:
        try:
            if is_taken(self._get_session(owner.spokesman.account), stored):
                self._sure[owner.tiger_id] = (record.version, found.text)
        except TigerTokenRejected:
            # A refresh may have failed meanwhile.
            latest = self._store.fetch(owner.tiger_id)
            if latest is not None and latest.version == record.version:
                self._claim_and_try(owner, latest, found)

    def _claim_and_try(self, owner: TokenOwner, record: TokenRecord, found: UserToken) -> None:
        wait_seconds = min(self._plan.get_wait(owner.tiger_id), record.wait_seconds)
        number = self._store.claim(record, Cause.FILE, found.fingerprint, self._get_holder())
        if number is None:
            self._not_before.pop(owner.tiger_id, None)
            return
        self._at_work.start(
            owner.tiger_id, functools.partial(self._try_out, owner, record, number, found, wait_seconds)
        )

    def _try_out(
        self, owner: TokenOwner, record: TokenRecord, number: int, found: UserToken, wait_seconds: float
    ) -> None:
        began_at = get_elapsed()
        error: GatewayError = TigerUnavailable("The token that lies in the folder could not be tried out yet.")
        try:
            if is_taken(self._get_session(owner.spokesman.account), found):
                self._not_before.pop(owner.tiger_id, None)
                # Never later than it was to be: a token that keeps being found must not put the refresh off.
                wait = min(self._get_wait(record, found), wait_seconds)
                if self._store.take_in(owner.tiger_id, number, found, wait_seconds=wait):
                    logger.info("The token in the folder of credential %s is in use", owner.name)
                return
        except TigerTokenRejected as refusal:
            self._unfit[owner.tiger_id] = (found.text, get_elapsed() + UNFIT_SECONDS)
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
        self._store.settle(
            owner.tiger_id,
            number,
            Outcome.UNFIT if isinstance(error, TigerTokenRejected) else Outcome.FAILED,
            # It changes nothing about the token in use, and so nothing about when that one is due.
            wait_seconds=max(0.0, wait_seconds - (get_elapsed() - began_at)),
            failures=record.failures,
            code=error.code,
            tiger_code=error.tiger_code,
            message=error.message,
            token_expires_at=found.expires_at,
        )

    def _get_wait(self, record: TokenRecord, found: UserToken) -> float:
        return self._plan.pauses.initial if record.failures else self._plan.pauses.before_end_of(found)

    def _let_lie(self, owner: TokenOwner, found: UserToken, seconds: float) -> None:
        self._not_before[owner.tiger_id] = (found.text, get_elapsed() + seconds)

    def _get_unfit_seconds(self, owner: TokenOwner, found: UserToken) -> float:
        """Return for how long the token is not worth a try, since Tiger refused it when another process tried it."""
        last = self._journal.fetch_last_unfit(owner.tiger_id)
        if last is None or last.requested_by != found.fingerprint or last.ended_at is None:
            return 0.0
        since = (get_now_ms() - last.ended_at) / 1_000
        return max(0.0, UNFIT_SECONDS - since) if since >= 0 else 0.0
