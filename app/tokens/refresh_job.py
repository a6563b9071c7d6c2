"""The leader's job: start a round of refreshes when it is due, and log how it went."""

import contextlib
import itertools
import logging
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from app.clock import get_elapsed
from app.errors import GatewayError
from app.leadership import Term
from app.tokens.attempts import Cause
from app.tokens.decision import Step, decide
from app.tokens.distribution import ANNOUNCED_SECONDS
from app.tokens.observation import Observation, Observer, Parts
from app.tokens.records import TokenOwner
from app.tokens.refresh import Refresher, Running
from app.tokens.schedule import SECONDS_IN_AN_HOUR
from app.tokens.token_file import uses_token

TICK_SECONDS = 1.0
TOGETHER_SECONDS = 1.0
TOGETHER_SHARE = 0.02

logger = logging.getLogger(__name__)


class RefreshJob:
    """Refresh what is due, each tiger_id in a thread of its own: one that hangs does not hold up the others."""

    def __init__(self, parts: Parts, observer: Observer, refresher: Refresher) -> None:
        self._parts = parts
        self._observer = observer
        self._refresher = refresher
        # What falls due within this time of each other is one round.
        self._together = min(TOGETHER_SECONDS, TOGETHER_SHARE * parts.schedule.pauses.interval)

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
            if not self._start_due():
                return

    def start(self, due: Sequence[Observation]) -> bool:
        """Begin these refreshes, each only where nothing has happened since it was looked at; return whether any was.

        This process may have been frozen since it was sure to lead.
        """
        begun: list[tuple[TokenOwner, Running]] = []
        for seen in due:
            # One that cannot begin stays due.
            with contextlib.suppress(GatewayError):
                running = self._refresher.start(seen, Cause.SCHEDULE, self._parts.get_name())
                begun += [(seen.owner, running)] if running else []
        owners = [owner for owner, _ in begun]
        if owners:
            whom = "all accounts" if len(owners) == len(self._parts.owners) else _list_accounts(owners)
            logger.info("Starting scheduled token refresh for %s", whom)
        ended = itertools.count(1)

        def note_end(_work: Future[bool]) -> None:
            if next(ended) == len(begun):
                self._log_end(begun)

        for _, running in begun:
            running.work.add_done_callback(note_end)
        return bool(begun)

    def _put_off_what_was_missed(self, term: Term) -> None:
        """Store when a refresh is due now that the service is back.

        Workers that each live for less than the initial delay would put it off for ever.
        """
        schedule = self._parts.schedule
        if any(schedule.was_missed(tiger_id) for tiger_id in self._parts.owners):
            term.confirm()
            for record in self._parts.store.fetch_all().values():
                if schedule.was_missed(record.tiger_id):
                    self._parts.store.reschedule(record, schedule.get_wait(record.tiger_id))
            for record in self._parts.store.fetch_all().values():
                schedule.observe(record)

    def _get_start(self) -> float:
        """Return when the next round starts: early enough to announce it, late enough for its last member.

        Nobody is refreshed before its time.
        """
        dues = list(self._get_dues())
        first = min(dues, default=math.inf)
        return max((due for due in dues if due <= first + self._together), default=first) - ANNOUNCED_SECONDS

    def _get_dues(self) -> Iterator[float]:
        """Yield when each tiger_id that uses a token is due, without those that are being refreshed here."""
        for tiger_id, owner in self._parts.owners.items():
            due = self._parts.schedule.get_due(tiger_id)
            if due is not None and self._parts.tasks.find(tiger_id) is None and uses_token(owner):
                yield due

    def _start_due(self) -> bool:
        due: list[Observation] = []

        def collect(seen: Observation) -> None:
            if decide(seen, self._parts.schedule.pauses, leads=True).step is Step.REFRESH:
                due.append(seen)

        try:
            self._observer.for_each(self._parts.owners.values(), collect)
        finally:
            has_begun = self.start(due)
        return has_begun

    def _log_end(self, begun: Sequence[tuple[TokenOwner, Running]]) -> None:
        asked = sum(len(owner.accounts) for owner, _ in begun)
        succeeded = [owner for owner, running in begun if not running.work.exception() and running.work.result()]
        count = sum(len(owner.accounts) for owner in succeeded)
        logger.info("Token refresh completed: %d/%d successful", count, asked)
        hours = (min(self._get_dues(), default=math.inf) - get_elapsed()) / SECONDS_IN_AN_HOUR
        if math.isfinite(hours):
            logger.info("Next token refresh in %.1fh", max(0.0, hours))


def _list_accounts(owners: Sequence[TokenOwner]) -> str:
    return "account " + ", ".join(account.account for owner in owners for account in owner.accounts)
