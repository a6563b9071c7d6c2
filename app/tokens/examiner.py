"""Look into a token for which Tiger refused a call, and have it refreshed before its time where it is dead."""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.clock import get_elapsed
from app.errors import TigerTokenRejected
from app.tiger.sessions import Session
from app.tokens.at_work import AtWork
from app.tokens.distribution import TokenBoard
from app.tokens.journal import AttemptJournal
from app.tokens.plan import SECONDS_IN_AN_HOUR, Plan
from app.tokens.proof import is_taken, is_taken_at_once
from app.tokens.record import Attempt, Cause, TokenOwner, TokenRecord, get_now_ms
from app.tokens.store import TokenStore
from app.tokens.user_token import UserToken

EXAMINED_SECONDS = 60.0
"""How long the result holds: a call that is refused whatever its token must not cost another one each time."""
HASTENED_SECONDS = 1.0
"""A refresh that is due so soon needs no hastening."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether Tiger took a token when it was tried out, and the newest attempt to refresh it when that was found."""

    text: str
    is_good: bool
    attempt: int


class Examiner:
    """One refused call may say more about the call than about the token; the next refresh might be hours away."""

    def __init__(
        self,
        store: TokenStore,
        journal: AttemptJournal,
        board: TokenBoard,
        plan: Plan,
        at_work: AtWork,
        get_session: Callable[[str], Session],
    ) -> None:
        self._store = store
        self._journal = journal
        self._board = board
        self._plan = plan
        self._at_work = at_work
        self._get_session = get_session
        self._not_before: dict[str, tuple[tuple[int, int], float]] = {}
        self._verdicts: dict[str, Verdict] = {}

    def examine(self, owner: TokenOwner, record: TokenRecord) -> None:
        """Begin to look into the stored token, unless that was done lately."""
        state = (record.version, record.attempt)
        examined, not_before = self._not_before.get(owner.tiger_id, (None, 0.0))
        is_known = examined == state and get_elapsed() < not_before
        if record.token is None or record.is_refreshing or is_known or self._at_work.is_at(owner.tiger_id):
            return
        self._not_before[owner.tiger_id] = (state, get_elapsed() + EXAMINED_SECONDS)
        self._at_work.start(owner.tiger_id, functools.partial(self._try_out, owner, record, record.token))

    def found_dead(self, record: TokenRecord) -> bool:
        """Tell whether Tiger refused the stored token when it was tried out last."""
        verdict = self._get_verdict(record)
        return verdict is not None and not verdict.is_good

    def found_good_since(self, record: TokenRecord, refusal: Attempt) -> bool:
        """Tell whether Tiger took the stored token when it was tried out after this attempt, which it had refused."""
        verdict = self._get_verdict(record)
        return verdict is not None and verdict.is_good and verdict.attempt >= refusal.number

    def _get_verdict(self, record: TokenRecord) -> Verdict | None:
        verdict = self._verdicts.get(record.tiger_id)
        return verdict if verdict and record.token and verdict.text == record.token.text else None

    def _try_out(self, owner: TokenOwner, record: TokenRecord, token: UserToken) -> None:
        was_dead = self.found_dead(record)
        try:
            # Of one that was found dead before, one try tells whether it still is.
            is_good = is_taken(self._get_session(owner.spokesman.account), token, tries_again=not was_dead)
        except TigerTokenRejected:
            if not was_dead:
                self._verdicts[owner.tiger_id] = Verdict(token.text, is_good=False, attempt=record.attempt)
            if not self._go_back(owner, token):
                self._hasten(record, self._verdicts[owner.tiger_id].attempt)
            return
        if is_good:
            self._verdicts[owner.tiger_id] = Verdict(token.text, is_good=True, attempt=record.attempt)
            self._board.forget_refusal(owner.tiger_id, token)

    def _go_back(self, owner: TokenOwner, refused: UserToken) -> bool:
        """Return to the token before, where the stored one never proved good and Tiger takes that one."""
        before = self._store.fetch_previous(owner.tiger_id)
        if before is None or not is_taken_at_once(self._get_session(owner.spokesman.account), before):
            return False
        self._store.go_back(owner.tiger_id, refused)
        logger.error("Tiger refuses the new token of tiger_id %s: the one before is in use again", owner.tiger_id)
        return True

    def _hasten(self, tried: TokenRecord, attempt: int) -> None:
        """Have it refreshed soon, unless that was tried after this attempt; where tokens keep dying, ever later.

        Raises:
            StorageUnavailable: The database does not answer; it is hastened when the token is tried out next.
        """
        record = self._store.fetch(tried.tiger_id)
        if record is None or record.version != tried.version or self._journal.has_refresh_after(record, attempt):
            return
        recent = self._journal.count_since(record.tiger_id, SECONDS_IN_AN_HOUR, Cause.SCHEDULE)
        last = self._journal.fetch_last_ended(record.tiger_id)
        failed_at = (last.ended_at if last and record.failures else None) or 0
        since = (get_now_ms() - max(record.obtained_at or 0, failed_at)) / 1_000
        pause = self._plan.pauses.after_failures(recent)
        wait = min(max(pause - since, 0.0), pause)
        if self._plan.get_wait(record.tiger_id) > wait + HASTENED_SECONDS and self._store.reschedule(record, wait):
            logger.warning("Tiger refuses the token of tiger_id %s: it is refreshed in %.0f s", record.tiger_id, wait)
