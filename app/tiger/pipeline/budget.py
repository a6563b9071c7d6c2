"""Keep all calls of all workers and machines within Tiger's rate limits.

A call is counted before it goes out and for a minute after its answer: Tiger counts it when it arrives, which is
somewhere in between. The count is the shared ledger's. A process takes from it a lease of a few calls at a time, more
where it used up the last one, to be begun within a second; what it did not use it gives back. What is limited within
seconds besides is in the same lease.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from tigeropen.common.consts import service_types as wire

from app.errors import StorageUnavailable, TigerRateLimited
from app.tiger.deadline import Deadline
from app.tiger.pipeline.limits import WINDOW_SECONDS, Count, Limit, Limits
from app.tiger.pipeline.settling import Settling
from app.tiger.pipeline.watch import Watch

LEASE_SECONDS: Final = 1.0
"""A leased call begins within this time or not at all."""
ARRIVAL_SHARE: Final = 0.3
"""Part of a short window after which a leased call is taken to have reached Tiger, unless its answer comes later."""
LEASE_SHARE: Final = 20
"""A lease is at most this part of a limit, so that no process sits on what others need."""
DOWN_SECONDS: Final = 2.0
"""How long a ledger that did not answer is not asked again by those who may go without."""
READ_PAUSE_SECONDS: Final = WINDOW_SECONDS
URGENT_PAUSE_SECONDS: Final = 5.0
"""After a refusal of Tiger's an order command is tried again sooner than a read: one call, not a stream of them."""
UNCOUNTED: Final = frozenset({wire.CANCEL_ORDER, wire.ORDERS})
"""What goes out uncounted for a cancellation while the ledger does not answer: the lookup and the cancellation."""
UNCOUNTED_SHARE: Final = 4
"""One process sends at most this part of a limit uncounted."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the ledger gave: a lease of some calls, its row in each count, or none and how long until there is one."""

    rows: tuple[str, ...]
    calls: int
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class Settlement:
    """Tell the ledger how a lease ended: the calls that it was used for, counted for so much longer."""

    rows: tuple[str, ...]
    calls: int
    longer_seconds: float = 0.0


class Ledger(Protocol):
    """The shared count of calls. Every method may raise ``StorageUnavailable``."""

    def take(self, counts: Sequence[Count], wanted: int, *, is_urgent: bool, arrival_seconds: float) -> Grant:
        """Lease up to so many calls that go into all of these counts, to reach Tiger within the time given."""
        ...

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Put down what leases were really used for."""
        ...

    def pause(self, owner: str, name: str, read_seconds: float, urgent_seconds: float) -> None:
        """Lease nothing of a count for so long, whoever asks."""
        ...


@dataclass(slots=True)
class _Lease:
    rows: tuple[str, ...]
    left: int
    use_by: float
    arrived_by: float
    used: int = 0
    flying: int = 0
    answered_at: float = 0.0


@dataclass(slots=True)
class _Lane:
    """The calls of one method that this process may make for one class of callers."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    lease: _Lease | None = None
    wanted: int = 1
    is_asking: bool = False
    closed_until: float = float("-inf")
    uncounted: deque[float] = field(default_factory=deque)


class Slot:
    """The right to one call; ``answered`` ends it."""

    __slots__ = ("_answered", "_lane", "_lease")

    def __init__(self, lane: _Lane | None, lease: _Lease | None, answered: "Callable[[_Lane, _Lease], None]") -> None:
        self._lane = lane
        self._lease = lease
        self._answered = answered

    def answered(self) -> None:
        """Take that the call has its answer, or will have none."""
        if self._lane is not None and self._lease is not None:
            self._answered(self._lane, self._lease)


class Budget:
    """One process's way to the ledger."""

    def __init__(
        self,
        ledger: Ledger | None,
        limits: Limits,
        watch: Watch,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[threading.Condition, float], object] = threading.Condition.wait,
    ) -> None:
        """Take the shared ledger; None counts nothing, as in a command that makes a single call."""
        self._ledger = ledger
        self._limits = limits
        self._watch = watch
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._lanes: dict[tuple[str, str, str, bool, bool], _Lane] = {}
        self._down_until = float("-inf")
        self._settling = Settling(self._close_leases)

    def close(self) -> None:
        """Give back what was leased and not used."""
        if self._ledger is not None:
            self._settling.stop()
            for lane in self._get_lanes().values():
                with lane.changed:
                    if lane.lease is not None:
                        lane.lease.use_by = float("-inf")
            self._close_leases()

    def take(self, tiger_id: str, method: str, deadline: Deadline, *, is_urgent: bool, account: str = "") -> Slot:
        """Wait for the right to one call, in the name of an account.

        Raises:
            TigerRateLimited: None comes before the deadline; ``retry_after`` says when one does.
            StorageUnavailable: The ledger does not answer.
        """
        limit = self._limits.get(method, tiger_id) if self._ledger is not None else None
        if limit is None:
            return Slot(None, None, self._land)
        is_lookup = is_urgent and deadline.is_lookup
        counts = limit.get_counts(tiger_id, account, method, is_urgent=is_urgent, is_lookup=is_lookup)
        lane = self._get_lane(tiger_id, counts, is_urgent=is_urgent, is_lookup=is_lookup)
        started = self._clock()
        while True:
            with lane.changed:
                if lease := self._begin(lane):
                    if self._clock() - started > 0.001:  # noqa: PLR2004 - below that nothing was waited for.
                        self._watch.waited(method, self._clock() - started)
                    return Slot(lane, lease, self._land)
                closed_for = lane.closed_until - self._clock()
                if closed_for > 0 or lane.is_asking:
                    if closed_for >= deadline.remaining() or not deadline.remaining():
                        self._watch.refused(method, "budget")
                        raise TigerRateLimited(
                            f"Tiger's limit for this is used up ({limit.describe()}).",
                            retry_after=max(closed_for, 0.0) or LEASE_SECONDS,
                        )
                    seconds = closed_for if closed_for > 0 else deadline.remaining()
                    self._sleep(lane.changed, min(seconds, deadline.remaining()))
                    continue
                lane.is_asking = True
            try:
                self._ask(lane, counts, is_urgent=is_urgent)
            except StorageUnavailable:
                if is_urgent and not is_lookup and method in UNCOUNTED and self._may_go_uncounted(lane, limit):
                    return Slot(None, None, self._land)
                raise
            finally:
                with lane.changed:
                    lane.is_asking = False
                    lane.changed.notify_all()

    def pause(self, tiger_id: str, method: str, account: str = "", seconds: float | None = None) -> None:
        """Take that Tiger itself refused a call for its rate, and for how long: nobody calls the method for a while."""
        limit = self._limits.get(method, tiger_id)
        if self._ledger is None or limit is None:
            return
        read_seconds = min(seconds or READ_PAUSE_SECONDS, READ_PAUSE_SECONDS)
        urgent_seconds = min(read_seconds, URGENT_PAUSE_SECONDS)
        for is_urgent, is_lookup, pause_seconds in (
            (False, False, read_seconds),
            (True, True, urgent_seconds),
            (True, False, urgent_seconds),
        ):
            counts = limit.get_counts(tiger_id, account, method, is_urgent=is_urgent, is_lookup=is_lookup)
            lane = self._get_lane(tiger_id, counts, is_urgent=is_urgent, is_lookup=is_lookup)
            with lane.changed:
                lane.closed_until = self._clock() + pause_seconds
                if lane.lease is not None:
                    lane.lease.use_by = float("-inf")
        # What is over so soon was refused for the rate.
        refused = counts[-1] if read_seconds <= counts[-1].window_seconds else counts[0]
        try:
            self._ledger.pause(refused.owner, refused.name, read_seconds, urgent_seconds)
        except StorageUnavailable:
            return

    def _get_lanes(self) -> Mapping[tuple[str, str, str, bool, bool], _Lane]:
        with self._lock:
            return MappingProxyType(dict(self._lanes))

    def _get_lane(self, tiger_id: str, counts: Sequence[Count], *, is_urgent: bool, is_lookup: bool) -> _Lane:
        key = (tiger_id, counts[0].name, counts[-1].owner, is_urgent, is_lookup)
        with self._lock:
            return self._lanes.setdefault(key, _Lane())

    def _begin(self, lane: _Lane) -> _Lease | None:
        lease = lane.lease
        if lease is None or not lease.left or self._clock() >= lease.use_by:
            return None
        lease.left -= 1
        lease.used += 1
        lease.flying += 1
        return lease

    def _ask(self, lane: _Lane, counts: Sequence[Count], *, is_urgent: bool) -> None:
        ledger = self._ledger
        if ledger is None:
            return
        if self._clock() < self._down_until and is_urgent and counts[0].name in UNCOUNTED:
            raise StorageUnavailable("The gateway's database does not answer.", retry_after=1)
        with lane.changed:
            self._retire(lane, min(count.most for count in counts))
            wanted = lane.wanted
        arrival_seconds = min(LEASE_SECONDS, ARRIVAL_SHARE * min(count.window_seconds for count in counts))
        # From before the question: the ledger counts the time to begin from when it answers, which is later.
        asked_at = self._clock()
        try:
            grant = ledger.take(counts, wanted, is_urgent=is_urgent, arrival_seconds=arrival_seconds)
        except StorageUnavailable:
            self._down_until = self._clock() + DOWN_SECONDS
            raise
        with lane.changed:
            if grant.calls:
                # A single call is told by itself where it begins late; several would overlap with the next lease.
                use_seconds = LEASE_SECONDS if grant.calls == 1 else arrival_seconds
                lane.lease = _Lease(grant.rows, grant.calls, asked_at + use_seconds, asked_at + arrival_seconds)
                if grant.calls > 1:
                    self._settling.expect(LEASE_SECONDS)
            else:
                lane.closed_until = self._clock() + grant.wait_seconds

    def _retire(self, lane: _Lane, most: int) -> None:
        """Put the last lease aside; what it was used for says how large the next one should be."""
        lease, lane.lease = lane.lease, None
        if lease is None:
            return
        is_used_up = not lease.left and self._clock() < lease.use_by
        lane.wanted = min(2 * lease.used if is_used_up else max(1, lease.used), max(1, most // LEASE_SHARE))
        if not lease.flying:
            self._settle(lease)

    def _land(self, lane: _Lane, lease: _Lease) -> None:
        with lane.changed:
            lease.flying -= 1
            lease.answered_at = self._clock()
            if lease.flying:
                return
            if lane.lease is not lease:
                self._settle(lease)
            elif lease.answered_at > lease.arrived_by:
                # Nobody may ask for this method again soon, so the ledger is told without a next question.
                lane.lease = None
                self._settle(lease)

    def _settle(self, lease: _Lease) -> None:
        """Tell the ledger what it could not know: calls not made, answers that came late."""
        longer_seconds = max(0.0, lease.answered_at - lease.arrived_by)
        if lease.left or longer_seconds:
            self._settling.add(Settlement(lease.rows, lease.used, longer_seconds))

    def _close_leases(self) -> float | None:
        """Send what there is to settle, and return when to look again, in seconds, or None."""
        ledger = self._ledger
        now = self._clock()
        next_in: float | None = None
        for lane in self._get_lanes().values():
            with lane.changed:
                lease = lane.lease
                if lease is None or lease.flying:
                    continue
                if now >= lease.use_by:
                    lane.lease = None
                    lane.wanted = max(1, lease.used)
                    self._settle(lease)
                elif lease.left:
                    next_in = min(next_in if next_in is not None else LEASE_SECONDS, lease.use_by - now)
        settlements = self._settling.take()
        if settlements and ledger is not None:
            try:
                ledger.settle(settlements)
            except StorageUnavailable:
                self._settling.put_back(settlements)
                next_in = LEASE_SECONDS
        return next_in

    def _may_go_uncounted(self, lane: _Lane, limit: Limit) -> bool:
        with lane.changed:
            now = self._clock()
            while lane.uncounted and lane.uncounted[0] <= now - WINDOW_SECONDS:
                lane.uncounted.popleft()
            if len(lane.uncounted) >= max(1, limit.calls // UNCOUNTED_SHARE):
                return False
            lane.uncounted.append(now)
            return True
