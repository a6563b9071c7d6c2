"""Keep all calls of all workers and machines within Tiger's rate limits.

A call is counted before it goes out and for a minute after its answer: Tiger counts it when it arrives, which is
somewhere in between. The count is the shared ledger's. A process takes from it a lease of a few calls at a time, more
where it used up the last one, to be begun within a second; what it did not use it gives back.
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
from app.tiger.flow.limits import WINDOW_SECONDS, Limit, Limits
from app.tiger.flow.settling import Settling
from app.tiger.flow.watch import Watch

LEASE_SECONDS: Final = 1.0
"""A leased call begins within this time or not at all."""
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
    """What the ledger gave: a lease of some calls, or none and how long until there is one."""

    lease: str | None
    calls: int
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class Settlement:
    """Tell the ledger how a lease ended: the calls that it was used for, counted for so long from now."""

    lease: str
    calls: int
    hold_seconds: float


class Ledger(Protocol):
    """The shared count of calls. Every method may raise ``StorageUnavailable``."""

    def take(
        self, tiger_id: str, method: str, limit: Limit, wanted: int, *, is_urgent: bool, is_lookup: bool = False
    ) -> Grant:
        """Lease up to so many calls, to be begun within ``LEASE_SECONDS``."""
        ...

    def settle(self, settlements: Sequence[Settlement]) -> None:
        """Put down what leases were really used for."""
        ...

    def pause(self, tiger_id: str, method: str, read_seconds: float, urgent_seconds: float) -> None:
        """Lease nothing for so long, whoever asks."""
        ...


@dataclass(slots=True)
class _Lease:
    name: str
    left: int
    use_by: float
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
        self._lanes: dict[tuple[str, str, bool, bool], _Lane] = {}
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

    def take(self, tiger_id: str, method: str, deadline: Deadline, *, is_urgent: bool) -> Slot:
        """Wait for the right to one call.

        Raises:
            TigerRateLimited: None comes before the deadline; ``retry_after`` says when one does.
            StorageUnavailable: The ledger does not answer.
        """
        limit = self._limits.get(method) if self._ledger is not None else None
        if limit is None:
            return Slot(None, None, self._land)
        is_lookup = is_urgent and deadline.is_lookup
        lane = self._get_lane(tiger_id, method, is_urgent=is_urgent, is_lookup=is_lookup)
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
                            f"Tiger's limit of {limit.calls} calls a minute for this is used up.",
                            retry_after=max(closed_for, 0.0) or LEASE_SECONDS,
                        )
                    seconds = closed_for if closed_for > 0 else deadline.remaining()
                    self._sleep(lane.changed, min(seconds, deadline.remaining()))
                    continue
                lane.is_asking = True
            try:
                self._ask(lane, tiger_id, method, limit, is_urgent=is_urgent, is_lookup=is_lookup)
            except StorageUnavailable:
                if is_urgent and not is_lookup and method in UNCOUNTED and self._may_go_uncounted(lane, limit):
                    return Slot(None, None, self._land)
                raise
            finally:
                with lane.changed:
                    lane.is_asking = False
                    lane.changed.notify_all()

    def pause(self, tiger_id: str, method: str) -> None:
        """Take that Tiger itself refused a call for its rate: nobody calls the method for a while."""
        if self._ledger is None:
            return
        for is_urgent, is_lookup, seconds in (
            (False, False, READ_PAUSE_SECONDS),
            (True, True, URGENT_PAUSE_SECONDS),
            (True, False, URGENT_PAUSE_SECONDS),
        ):
            lane = self._get_lane(tiger_id, method, is_urgent=is_urgent, is_lookup=is_lookup)
            with lane.changed:
                lane.closed_until = self._clock() + seconds
                if lane.lease is not None:
                    lane.lease.use_by = float("-inf")
        try:
            self._ledger.pause(tiger_id, method, READ_PAUSE_SECONDS, URGENT_PAUSE_SECONDS)
        except StorageUnavailable:
            return

    def _get_lanes(self) -> Mapping[tuple[str, str, bool, bool], _Lane]:
        with self._lock:
            return MappingProxyType(dict(self._lanes))

    def _get_lane(self, tiger_id: str, method: str, *, is_urgent: bool, is_lookup: bool) -> _Lane:
        with self._lock:
            return self._lanes.setdefault((tiger_id, method, is_urgent, is_lookup), _Lane())

    def _begin(self, lane: _Lane) -> _Lease | None:
        lease = lane.lease
        if lease is None or not lease.left or self._clock() >= lease.use_by:
            return None
        lease.left -= 1
        lease.used += 1
        lease.flying += 1
        return lease

    def _ask(self, lane: _Lane, tiger_id: str, method: str, limit: Limit, *, is_urgent: bool, is_lookup: bool) -> None:
        ledger = self._ledger
        if ledger is None:
            return
        if self._clock() < self._down_until and is_urgent and method in UNCOUNTED:
            raise StorageUnavailable("The gateway's database does not answer.", retry_after=1)
        with lane.changed:
            self._retire(lane, limit)
            wanted = lane.wanted
        # From before the question: the ledger counts the time to begin from when it answers, which is later.
        asked_at = self._clock()
        try:
            grant = ledger.take(tiger_id, method, limit, wanted, is_urgent=is_urgent, is_lookup=is_lookup)
        except StorageUnavailable:
            self._down_until = self._clock() + DOWN_SECONDS
            raise
        with lane.changed:
            if grant.lease is not None and grant.calls:
                lane.lease = _Lease(grant.lease, grant.calls, asked_at + LEASE_SECONDS)
                if grant.calls > 1:
                    self._settling.expect(LEASE_SECONDS)
            else:
                lane.closed_until = self._clock() + grant.wait_seconds

    def _retire(self, lane: _Lane, limit: Limit) -> None:
        """Put the last lease aside; what it was used for says how large the next one should be."""
        lease, lane.lease = lane.lease, None
        if lease is None:
            return
        is_used_up = not lease.left and self._clock() < lease.use_by
        lane.wanted = min(2 * lease.used if is_used_up else max(1, lease.used), max(1, limit.calls // LEASE_SHARE))
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
            elif lease.answered_at > lease.use_by:
                # Nobody may ask for this method again soon, so the ledger is told without a next question.
                lane.lease = None
                self._settle(lease)

    def _settle(self, lease: _Lease) -> None:
        """Tell the ledger what it could not know: calls not made, answers that came late."""
        if lease.left or lease.answered_at > lease.use_by:
            hold_seconds = lease.answered_at - self._clock() + WINDOW_SECONDS
            self._settling.add(Settlement(lease.name, lease.used, hold_seconds), self._clock())

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
        settlements = self._settling.take(now)
        if settlements and ledger is not None:
            try:
                ledger.settle(settlements)
            except StorageUnavailable:
                self._settling.put_back(settlements, now)
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
