"""The leader's job: start a round of refreshes when it is due, and tell how it went."""

import functools
import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence

from app.clock import get_elapsed
from app.leadership import Term
from app.tokens.at_work import AtWork
from app.tokens.distribution import ANNOUNCED_SECONDS
from app.tokens.folders import uses_token
from app.tokens.journal import AttemptJournal
from app.tokens.plan import SECONDS_IN_AN_HOUR, Plan
from app.tokens.record import Cause, TokenOwner
from app.tokens.refresher import Refresher
from app.tokens.store import TokenStore

TICK_SECONDS = 1.0
AGAIN_SECONDS = 0.5
TOGETHER_SECONDS = 1.0
TOGETHER_SHARE = 0.02

logger = logging.getLogger(__name__)


class Rounds:
    """Refresh what is due, each tiger_id in a thread of its own: one that hangs does not hold up the others."""

    def __init__(
        self,
        owners: Mapping[str, TokenOwner],
        store: TokenStore,
        journal: AttemptJournal,
        plan: Plan,
        refresher: Refresher,
        at_work: AtWork,
        *,
        get_name: Callable[[], str],
    ) -> None:
        self._owners = owners
        self._store = store
        self._journal = journal
        self._plan = plan
        self._refresher = refresher
        self._at_work = at_work
        # What falls due within this time of each other is one round.
        self._together = min(TOGETHER_SECONDS, TOGETHER_SHARE * plan.pauses.interval)
        self._get_name = get_name
        self._not_before: dict[str, float] = {}

    def run(self, term: Term) -> None:
        """Start every round that falls due before the next look.

        Raises:
            LeadershipLost: This process leads no longer; nothing more was started.
        """
        self._put_off_what_was_missed(term)
        # A look that lasts until the next one is due replaces it: so this one ends only in a quiet second.
        while (wait_seconds := self._get_start() - get_elapsed()) <= TICK_SECONDS:
            if self._refresher.is_retired or not term.wait(wait_seconds):
                return
            term.confirm()
            for record in self._store.fetch_all().values():
                self._plan.observe(record)
            latest = get_elapsed() + ANNOUNCED_SECONDS
            members = {
                tiger_id: self._plan.get_attempt(tiger_id)
                for tiger_id, due in self._get_dues().items()
                if due <= latest
            }
            if members:
                self._start(members)

    def _put_off_what_was_missed(self, term: Term) -> None:
        """Store when a refresh is due now that the service is back.

        Workers that each live for less than the initial delay would put it off for ever.
        """
        missed = [tiger_id for tiger_id in self._owners if self._plan.was_missed(tiger_id)]
        if missed:
            term.confirm()
            for record in self._store.fetch_all().values():
                if record.tiger_id in missed:
                    self._store.reschedule(record, self._plan.get_wait(record.tiger_id))
            for record in self._store.fetch_all().values():
                self._plan.observe(record)

    def _get_start(self) -> float:
        """Return when the next round starts: early enough to announce it, late enough for its last member.

        Nobody is refreshed before its time.
        """
        dues = self._get_dues().values()
        first = min(dues, default=float("inf"))
        return max((due for due in dues if due <= first + self._together), default=first) - ANNOUNCED_SECONDS

    def _get_dues(self) -> dict[str, float]:
        """Return when each tiger_id that uses a token is due, without those that are being refreshed here."""
        return {
            tiger_id: due
            for tiger_id, owner in self._owners.items()
            if not self._at_work.is_at(tiger_id) and (due := self._get_due(tiger_id)) is not None and uses_token(owner)
        }

    def _get_due(self, tiger_id: str) -> float | None:
        due = self._plan.get_due(tiger_id)
        return None if due is None else max(due, self._not_before.get(tiger_id, due))

    def _start(self, planned: Mapping[str, int | None]) -> None:
        members = [self._owners[tiger_id] for tiger_id in planned]
        whom = "all accounts" if len(members) == len(self._owners) else _list_accounts(members)
        logger.info("Starting scheduled token refresh for %s", whom)
        results = _Results(members, self._tell)
        for owner in members:
            # One that ended before it could claim anything stays due; it is not started over and over.
            self._not_before[owner.tiger_id] = get_elapsed() + AGAIN_SECONDS
            self._at_work.start(
                owner.tiger_id, functools.partial(self._refresh, owner, planned[owner.tiger_id], results)
            )

    def _refresh(self, owner: TokenOwner, planned: int | None, results: "_Results") -> None:
        is_success = False
        try:
            is_success = self._refresh_unless_done(owner, planned)
        finally:
            results.add(owner, is_success=is_success)

    def _refresh_unless_done(self, owner: TokenOwner, planned: int | None) -> bool:
        """Refresh after the attempt that this process knew as the newest when it was sure to lead, and after no other.

        It may have been frozen since.
        """
        record = self._store.fetch(owner.tiger_id)
        if record is None or record.is_refreshing or record.attempt != planned:
            return False
        begun = self._refresher.begin(record, Cause.SCHEDULE, self._get_name())
        if begun is None:
            return False
        self._refresher.finish(owner, begun)
        attempt = self._journal.fetch(owner.tiger_id, begun.number)
        return attempt is not None and attempt.outcome.is_success

    def _tell(self, succeeded: int, asked: int) -> None:
        logger.info("Token refresh completed: %d/%d successful", succeeded, asked)
        owners = [owner for owner in self._owners.values() if uses_token(owner)]
        dues = [due for owner in owners if (due := self._plan.get_due(owner.tiger_id)) is not None]
        hours = (min(dues, default=math.inf) - get_elapsed()) / SECONDS_IN_AN_HOUR
        if math.isfinite(hours):
            logger.info("Next token refresh in %.1fh", max(0.0, hours))


class _Results:
    """Count a round by account, and tell when its last member has ended."""

    def __init__(self, members: Sequence[TokenOwner], tell: Callable[[int, int], None]) -> None:
        self._lock = threading.Lock()
        self._open = len(members)
        self._asked = sum(len(owner.accounts) for owner in members)
        self._succeeded = 0
        self._tell = tell

    def add(self, owner: TokenOwner, *, is_success: bool) -> None:
        with self._lock:
            self._open -= 1
            self._succeeded += len(owner.accounts) if is_success else 0
            if self._open == 0:
                self._tell(self._succeeded, self._asked)


def _list_accounts(members: Sequence[TokenOwner]) -> str:
    return "account " + ", ".join(account.account for owner in members for account in owner.accounts)
