"""Keep all calls of all workers and machines within Tiger's rate limits.

A call is counted before it goes out and for a minute after its answer: Tiger counts it when it arrives, which is
somewhere in between. The count is shared by all who share a database. On its way a call waits for the counter once,
before it goes out, and no longer than its deadline allows; what its answer changes is told in the background.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from tigeropen.common.consts import service_types as wire

from app.errors import StorageUnavailable, TigerRateLimited
from app.tiger.deadline import Deadline, Purpose
from app.tiger.pipeline.late_answers import LateAnswer, LateAnswers
from app.tiger.pipeline.limits import WINDOW_SECONDS, Count, Limit, Limits
from app.tiger.pipeline.observer import Observer

ARRIVAL_SECONDS: Final = 1.0
"""Within this time a call is taken to have reached Tiger; one whose answer comes later is counted anew then."""
ARRIVAL_SHARE: Final = 0.3
"""The same for a short window, as a part of it."""
LEAST_PATIENCE_SECONDS: Final = 0.01
ENOUGH_SECONDS: Final = 1.0
"""A counter that could not answer a call with less time than this is not taken to be down."""
DOWN_SECONDS: Final = 2.0
"""How long a counter that did not answer is not asked again by those who may go without."""
READ_PAUSE_SECONDS: Final = WINDOW_SECONDS
URGENT_PAUSE_SECONDS: Final = 5.0
"""After a refusal of Tiger's an order command is tried again sooner than a read: one call, not a stream of them."""
UNCOUNTED: Final = frozenset({wire.CANCEL_ORDER, wire.ORDERS, wire.ACTIVE_ORDERS})
"""What goes out uncounted for a cancellation while the counter does not answer: the lookups and the cancellation."""
UNCOUNTED_SHARE: Final = 4
"""One process sends at most this part of a limit uncounted."""
UNCOUNTED_PATIENCE: Final = 0.5
"""What may go uncounted waits for the counter for this part of the time that is left: the rest is for sending it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the counter gave: the rows that a call is counted in, or none and how long until there is room."""

    rows: tuple[str, ...]
    wait_seconds: float


class CallCounter(Protocol):
    """The shared count of calls. Every method may raise ``StorageUnavailable``."""

    def take(
        self,
        counts: Sequence[Count],
        *,
        is_urgent: bool,
        arrival_seconds: float,
        patience_seconds: float | None = None,
    ) -> Grant:
        """Count one call that goes into all of these counts, to reach Tiger within the time given.

        For those who count at this moment it waits no longer than its patience.
        """
        ...

    def count_anew(self, counts: Sequence[Count], rows: Sequence[str]) -> None:
        """Count a call as if it had reached Tiger only now."""
        ...

    def pause(self, owner: str, name: str, read_seconds: float, urgent_seconds: float) -> None:
        """Allow nothing of a count for so long, whoever asks."""
        ...


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to one call, taken to have reached Tiger by then (seconds of the quota's clock)."""

    counts: tuple[Count, ...] = ()
    rows: tuple[str, ...] = ()
    arrived_by: float = float("inf")


class Quota:
    """One process's way to the shared count."""

    def __init__(
        self,
        counter: CallCounter | None,
        limits: Limits,
        observer: Observer,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Take the shared counter; None counts nothing, as in a command that makes a single call."""
        self._counter = counter
        self._limits = limits
        self._observer = observer
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._closed_until: dict[tuple[tuple[Count, ...], bool], float] = {}
        self._uncounted: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._down_until = float("-inf")
        self._late = LateAnswers(self._count_anew, lambda: self._down_until - self._clock(), clock)

    def close(self) -> None:
        """Tell the counter of the last late answers, for a moment at most; calls can be made as before."""
        self._late.close()

    def take(self, tiger_id: str, account: str, method: str, deadline: Deadline) -> Permit:
        """Wait for the right to one call, in the name of an account.

        Raises:
            TigerRateLimited: None comes before the deadline; ``retry_after`` says when one does.
            StorageUnavailable: The counter does not answer.
        """
        limit = self._limits.get(method, tiger_id)
        if self._counter is None or limit is None:
            return Permit()
        counts = limit.get_counts(tiger_id, account, method, deadline.purpose)
        key, started = (counts, deadline.is_urgent), self._clock()
        while True:
            wait = self._closed_until.get(key, started) - self._clock()
            if wait <= 0:
                try:
                    permit, wait = self._ask(self._counter, counts, deadline)
                except StorageUnavailable:
                    is_own = deadline.is_urgent and deadline.purpose is not Purpose.LOOKUP
                    if is_own and method in UNCOUNTED and self._may_go_uncounted(tiger_id, method, limit):
                        return Permit()
                    raise
                if permit is not None:
                    if self._clock() - started > 0.001:  # noqa: PLR2004 - below that nothing was waited for.
                        self._observer.waited(method, self._clock() - started)
                    return permit
                self._closed_until[key] = self._clock() + wait
            if wait >= deadline.remaining():
                self._observer.refused(method, "budget")
                raise TigerRateLimited(f"Tiger's limit for this is used up ({limit.describe()}).", retry_after=wait)
            self._sleep(wait)

    def release(self, permit: Permit) -> None:
        """Take that the call has its answer, or will have none."""
        answered_at = self._clock()
        if answered_at > permit.arrived_by:
            self._late.add(LateAnswer(permit.counts, permit.rows, permit.arrived_by, answered_at))

    def pause(self, tiger_id: str, account: str, method: str, seconds: float | None = None) -> None:
        """Take that Tiger itself refused a call for its rate, and for how long: nobody calls the method for a while."""
        limit = self._limits.get(method, tiger_id)
        if self._counter is None or limit is None:
            return
        read_seconds = min(seconds or READ_PAUSE_SECONDS, READ_PAUSE_SECONDS)
        urgent_seconds = min(read_seconds, URGENT_PAUSE_SECONDS)
        for purpose in Purpose:
            counts, is_urgent = limit.get_counts(tiger_id, account, method, purpose), purpose is not Purpose.READ
            pause_seconds = urgent_seconds if is_urgent else read_seconds
            self._closed_until[counts, is_urgent] = self._clock() + pause_seconds
        # What is over so soon was refused for the rate.
        refused = counts[-1] if read_seconds <= counts[-1].window_seconds else counts[0]
        try:
            self._counter.pause(refused.owner, refused.name, read_seconds, urgent_seconds)
        except StorageUnavailable:
            return

    def _ask(self, counter: CallCounter, counts: tuple[Count, ...], deadline: Deadline) -> tuple[Permit | None, float]:
        """Return a permit, or None and the seconds until there is one."""
        may_do_without = deadline.is_urgent and counts[0].name in UNCOUNTED
        if self._clock() < self._down_until and may_do_without:
            raise StorageUnavailable("The gateway's database does not answer.", retry_after=1)
        arrival_seconds = min(ARRIVAL_SECONDS, ARRIVAL_SHARE * min(count.window_seconds for count in counts))
        patience_seconds = deadline.remaining() * (UNCOUNTED_PATIENCE if may_do_without else 1.0)
        patience_seconds = max(LEAST_PATIENCE_SECONDS, patience_seconds)
        left = [replace(count, most=count.most - self._late.get_missing(count)) for count in counts]
        # From before the question: the counter takes the time from when it answers, which is later.
        asked_at = self._clock()
        try:
            grant = counter.take(
                left,
                is_urgent=deadline.is_urgent,
                arrival_seconds=arrival_seconds,
                patience_seconds=patience_seconds,
            )
        except StorageUnavailable:
            if not patience_seconds <= self._clock() - asked_at < ENOUGH_SECONDS:
                self._down_until = self._clock() + DOWN_SECONDS
            raise
        if not grant.rows:
            return None, grant.wait_seconds
        return Permit(counts, grant.rows, asked_at + arrival_seconds), 0.0

    def _count_anew(self, counts: Sequence[Count], rows: Sequence[str]) -> None:
        if self._counter is None:
            return
        try:
            self._counter.count_anew(counts, rows)
        except StorageUnavailable:
            self._down_until = self._clock() + DOWN_SECONDS
            raise

    def _may_go_uncounted(self, tiger_id: str, method: str, limit: Limit) -> bool:
        with self._lock:
            sent, now = self._uncounted[tiger_id, method], self._clock()
            while sent and sent[0] <= now - WINDOW_SECONDS:
                sent.popleft()
            if len(sent) >= max(1, limit.calls // UNCOUNTED_SHARE):
                return False
            sent.append(now)
            return True
