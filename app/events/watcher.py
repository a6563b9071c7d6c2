"""Watch the accounts that anybody listens to: the part of the elected worker.

What Tiger pushes is written as it comes. After each doubt, and now and then without one, accounts are compared with
Tiger; where nothing is pushed that is how their events come to be known.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.clock import get_now_ms, was_lately
from app.errors import AccountNotFound, GatewayError, StorageUnavailable, TooMuchToSearch
from app.events.comparison import Comparison
from app.events.event_log import EventLog, Head
from app.events.events import Source
from app.events.push_sightings import see
from app.events.recorder import Recorder
from app.events.sightings import FillSighting, get_order_subject
from app.events.told_states import ToldStates
from app.leadership import Term
from app.push import AccountEvent, Gap, Interest, PushHub
from app.settings import StreamSettings
from app.tiger.sessions import Session

LISTENED_SECONDS: Final = 45.0
"""Three notes of those who listen: somebody still does."""
FULL_SECONDS: Final = 30.0
"""Between two comparisons of everything where nothing is pushed; the orders alone are looked at more often."""
LEAST_SECONDS_EACH: Final = 2.0
"""Accounts of one tiger_id share its limits: each that is listened to makes the others' looks so much rarer."""
LONGEST_PAUSE_SECONDS: Final = 60.0
MOST_FAILURES: Final = 10
"""After so many comparisons that came to nothing through Tiger's answers themselves, a gap is told."""
PURGE_SECONDS: Final = 600.0
FORGOTTEN_MS: Final = 3 * 86_400_000
"""What was told of an order that is over, or of an execution, is of no use once nobody lists it any more."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    """What the elected worker knows of an account, in seconds of the monotonic clock."""

    is_doubtful: bool = True
    full_at: float = float("-inf")
    looked_at: float = float("-inf")
    failures: int = 0
    overflows: int = 0


class AccountWatcher:
    """Write what comes to be known of all accounts of one gateway, while this process leads."""

    def __init__(
        self,
        settings: StreamSettings,
        log: EventLog,
        told: ToldStates,
        recorder: Recorder,
        comparison: Comparison,
        open_session: Callable[[str], Session],
    ) -> None:
        self._settings = settings
        self._log = log
        self._told = told
        self._recorder = recorder
        self._comparison = comparison
        self._open_session = open_session
        self._watched: dict[str, _Watched] = {}
        self._interest: Interest | None = None
        self._wanted: set[str] = set()
        self._term_number: int | None = None
        self._purged_at = float("-inf")

    # What Tiger pushes, on the threads of the hub.

    def take(self, event: AccountEvent) -> None:
        """Write what is pushed, where it is news."""
        seen = see(event.data)
        if seen is None:
            return
        try:
            if isinstance(seen, FillSighting) and not self._is_of_whole_numbers(event.account, seen.order_id):
                # A fraction is pushed cut off: how much it was is read.
                self._doubt(event.account)
            else:
                self._recorder.record(event.account, [seen], Source.PUSH)
        except StorageUnavailable:
            # It is lost here, and found by the comparison that follows.
            self._doubt(event.account)

    def take_gap(self, gap: Gap) -> None:
        """Compare the accounts of which something may have been missed."""
        if gap.concerns == "accounts":
            for account in gap.accounts:
                self._doubt(account)

    def _is_of_whole_numbers(self, account: str, order_id: str | None) -> bool:
        subject = get_order_subject(order_id or "")
        quantity = self._told.fetch(account, [subject]).get(subject, {}).get("quantity")
        return quantity is not None and Decimal(quantity) == Decimal(quantity).to_integral_value()

    def _doubt(self, account: str) -> None:
        self._watched.setdefault(account, _Watched()).is_doubtful = True

    # The leader's job.

    def run(self, term: Term, hub: PushHub) -> None:
        """Look at what is due."""
        if self._term_number != term.number:
            # Whatever happened while another led, or nobody, is found by comparing.
            self._term_number = term.number
            self._watched = {}
        now_ms, heads = get_now_ms(), self._log.fetch_heads()
        wanted = [head for head in heads.values() if was_lately(head.listened_at, self._kept_seconds, now_ms)]
        self._want(hub, {head.account for head in wanted})
        self._purge(now_ms)
        for head in wanted:
            term.confirm()
            self._look(head, hub, self._get_pause(head, wanted, hub, now_ms))

    def _purge(self, now_ms: int) -> None:
        now = time.monotonic()
        if now - self._purged_at >= PURGE_SECONDS:
            self._purged_at = now
            self._log.purge(now_ms - round(self._kept_seconds * 1_000))
            self._told.purge(now_ms - max(FORGOTTEN_MS, 2 * round(self._kept_seconds * 1_000)))

    @property
    def _kept_seconds(self) -> float:
        return self._settings.keep_hours * 3_600

    def _want(self, hub: PushHub, accounts: set[str]) -> None:
        if self._interest is None:
            self._interest = hub.open_interest()
        for account in self._wanted - accounts:
            self._interest.drop_account(account)
        self._wanted &= accounts
        for account in accounts:
            try:
                self._open_session(account)
            except AccountNotFound:
                # Its credential was taken out of the configuration.
                continue
            self._interest.want_account(account)
            self._wanted.add(account)

    def _get_pause(self, head: Head, wanted: list[Head], hub: PushHub, now_ms: int) -> float | None:
        """Return how long after the last look at an account the next one is due; None where nobody listens now."""
        if not was_lately(head.listened_at, LISTENED_SECONDS, now_ms):
            return None
        if self._is_pushed(head.account, hub):
            return self._settings.check_seconds
        listened = sum(was_lately(each.listened_at, LISTENED_SECONDS, now_ms) for each in wanted)
        return max(self._settings.poll_seconds, listened * LEAST_SECONDS_EACH)

    def _is_pushed(self, account: str, hub: PushHub) -> bool:
        try:
            state = hub.get_state(account)
        except KeyError:
            return False
        is_refused = any(refusal.account == account for refusal in hub.list_refusals(account))
        return state is not None and state.condition == "connected" and not is_refused

    def _look(self, head: Head, hub: PushHub, pause: float | None) -> None:
        watched = self._watched.setdefault(head.account, _Watched())
        now = time.monotonic()
        if watched.failures:
            pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(watched.failures, 8))
        elif watched.is_doubtful:
            pause = 0.0
        if pause is None or now - watched.looked_at < pause:
            return
        watched.looked_at = now
        is_full = watched.is_doubtful or self._is_pushed(head.account, hub) or now - watched.full_at >= FULL_SECONDS
        was_doubtful, watched.is_doubtful = watched.is_doubtful, False
        try:
            session = self._open_session(head.account)
            if is_full or self._comparison.compare_orders(session, head):
                count = self._comparison.run(session, head)
                watched.full_at = now
                if was_doubtful and count:
                    logger.info("Account %s: %d events were found by comparing it with Tiger", head.account, count)
            watched.failures = watched.overflows = 0
        except AccountNotFound:
            return
        except GatewayError as error:
            watched.failures += 1
            watched.is_doubtful = watched.is_doubtful or was_doubtful
            if watched.failures == 1:
                logger.warning("Account %s cannot be compared with Tiger: %s", head.account, error.code)
            watched.overflows = watched.overflows + 1 if isinstance(error, TooMuchToSearch) else 0
            if watched.overflows >= MOST_FAILURES:
                # More has changed than Tiger's lists show: what it was cannot be told any more.
                watched.failures = watched.overflows = 0
                self._log.begin_anew(head.account, get_now_ms())
                logger.warning("Account %s: its events begin anew, and clients are told of a gap", head.account)
